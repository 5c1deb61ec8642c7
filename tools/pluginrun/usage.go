package pluginrun

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Usage is what the plugin's process holds at a moment. A value that the platform does not tell is 0: the peak is
// known on Linux only.
type Usage struct {
	// RSS and PeakRSS are the resident memory and its highest value so far, in bytes.
	RSS, PeakRSS int64
	// Heap is Go's heap in use, in bytes.
	Heap        int64
	Goroutines  int
	Descriptors int
}

// Metrics returns what the plugin's own metrics endpoint says, as Grafana scrapes it, by metric name.
func (p *Plugin) Metrics(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	resp, err := p.diagnostics.CollectMetrics(ctx, &pluginv2.CollectMetricsRequest{})
	if err != nil {
		return nil, fmt.Errorf("collect metrics: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(resp.GetMetrics().GetPrometheus()))
	if err != nil {
		return nil, fmt.Errorf("collect metrics: %w", err)
	}
	return families, nil
}

// Usage measures the process.
func (p *Plugin) Usage(ctx context.Context) (Usage, error) {
	families, err := p.Metrics(ctx)
	if err != nil {
		return Usage{}, err
	}
	gauge := func(name string) int64 {
		if f := families[name]; f != nil && len(f.GetMetric()) > 0 {
			return int64(f.GetMetric()[0].GetGauge().GetValue())
		}
		return 0
	}
	u := Usage{
		RSS: gauge("process_resident_memory_bytes"), Heap: gauge("go_memstats_heap_inuse_bytes"),
		Goroutines: int(gauge("go_goroutines")), Descriptors: int(gauge("process_open_fds")),
	}
	u.PeakRSS = peak(p.pid())
	return u, nil
}

// pid is the process id, 0 once the plugin has ended.
func (p *Plugin) pid() int {
	if r := p.client.ReattachConfig(); r != nil {
		return r.Pid
	}
	return 0
}

// peak reads VmHWM in bytes, 0 where there is no such file.
func peak(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kb << 10
		}
	}
	return 0
}
