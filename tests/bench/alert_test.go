//go:build integration

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// BenchmarkAlert measures what one evaluation of all shipped rules costs the plugin, with a memory as it is after the
// first: every query of every rule, each a call of its own, a minute after the last.
func BenchmarkAlert(b *testing.B) {
	rules := shippedQueries(b)
	rec := record(b, world.loki)
	p := start(b, rec.url, day)
	evaluate := func(now time.Time) {
		for _, q := range rules {
			if _, err := p.try(b, now.Add(-q.back), now, q.model, true); err != nil {
				b.Errorf("%v: %v", q.model, err)
			}
		}
	}
	evaluate(time.Now())
	rec.take()
	var cpu, requests []float64
	for range min(b.N, 3) { // they take a minute each
		wait(b, time.Minute)
		before := cpuTime(b, p.PID())
		evaluate(time.Now())
		cpu = append(cpu, float64((cpuTime(b, p.PID()) - before).Milliseconds()))
		asked, _ := rec.take()
		requests = append(requests, float64(len(asked)))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cpu), "cpu-ms")
	b.ReportMetric(median(requests), "requests")
	b.ReportMetric(float64(len(rules)), "queries")
}

// ruleQuery is one query of a rule and how far back it looks.
type ruleQuery struct {
	model ask
	back  time.Duration
}

// shippedQueries returns the queries of the rules that are evaluated each minute.
func shippedQueries(b *testing.B) []ruleQuery {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "provisioning", "alerting", "zh", "rules.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Interval string
			Rules    []struct {
				Data []struct {
					DatasourceUID     string             `yaml:"datasourceUid"`
					RelativeTimeRange struct{ From int } `yaml:"relativeTimeRange"`
					Model             map[string]any
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		b.Fatal(err)
	}
	var out []ruleQuery
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, d := range r.Data {
				if g.Interval == "1m" && d.DatasourceUID != "__expr__" {
					out = append(out, ruleQuery{d.Model, time.Duration(d.RelativeTimeRange.From) * time.Second})
				}
			}
		}
	}
	if len(out) < 5 {
		b.Fatalf("%d queries in the shipped rules", len(out))
	}
	return out
}

// cpuTime is the processor time that a process has used, to 10 ms.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("needs Linux: ", err)
	}
	// The command, in brackets, may hold spaces; utime and stime are the 14th and 15th field (proc(5)), in 1/100 s.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
