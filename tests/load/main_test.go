//go:build integration

// Package load puts the built plugin under the load of a large installation, over Grafana's plugin protocol: what it
// answers must be whole and right, its memory bounded, and nothing must be left over afterwards. LOAD=full, which
// `go tool mage load` sets, takes the full sizes and prints a table; otherwise they are small enough for every test run.
package load

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/tools/latency"
	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

// maxMB is the memory that the plugin may use at its peak, whatever the load.
const maxMB = 1024

var (
	server *lokiserver.Server
	rows   struct {
		sync.Mutex
		text []string
	}
)

// full reports whether to take the sizes of the acceptance.
func full() bool { return os.Getenv("LOAD") == "full" }

// size is n at full load, else small.
func size(n, small int) int {
	if full() {
		return n
	}
	return small
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	var err error
	if server, err = lokiserver.Start(ctx, lokiserver.Options{
		Progress:  os.Stderr,
		Overrides: "limits_config: {max_global_streams_per_user: 0, max_streams_per_user: 0}", // a host is a stream
	}); err != nil {
		fmt.Fprintln(os.Stderr, "start Loki:", err)
		return 1
	}
	defer func() { _ = server.Stop() }()
	code := m.Run()
	if full() {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "load\tqueries\tp50\tp95\tp99\tmax\tpeak MB\tgoroutines\tdescriptors")
		fmt.Fprintln(w, strings.Join(rows.text, "\n"))
		_ = w.Flush()
	}
	return code
}

// loaded is a plugin of a test's own under load.
type loaded struct {
	t      *testing.T
	plugin *pluginrun.Plugin
	source backend.PluginContext
	took   latency.Recorder
	before pluginrun.Usage
}

// settings selects the streams of a test, which have its name in the label test.
func settings(test string) map[string]any {
	type source struct {
		Source   string `json:"source"`
		Selector string `json:"selector"`
		OnHost   bool   `json:"onHost"`
	}
	return map[string]any{"store": "loki", "language": "en", "sources": []source{
		{"nodeman", fmt.Sprintf(`{test=%q, source="nodeman"}`, test), true},
		{"agent", fmt.Sprintf(`{test=%q, source="agent"}`, test), true},
		{"bk-job-gateway", fmt.Sprintf(`{test=%q, source="bk-job-gateway"}`, test), false},
	}}
}

// start runs a plugin on a Loki and asks once, so that what it holds anyway counts as before.
func start(t *testing.T, address string, s map[string]any) *loaded {
	t.Helper()
	p, err := pluginrun.Start(t.Context(), pluginrun.Binary("../.."), pluginrun.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	source, err := pluginrun.DataSource{URL: address, JSONData: s}.Context()
	if err != nil {
		t.Fatal(err)
	}
	l := &loaded{t: t, plugin: p, source: source}
	now := time.Now()
	_, _ = l.ask(ask{"queryType": "signatures"}, now.Add(-time.Hour), now, nil)
	if l.before, err = p.Usage(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.took.Take()
	return l
}

// ask is the JSON of a query.
type ask map[string]any

// ask sends one query and returns its frame.
func (l *loaded) ask(a ask, from, to time.Time, headers map[string]string) (*data.Frame, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	req := &backend.QueryDataRequest{PluginContext: l.source, Headers: headers, Queries: []backend.DataQuery{{
		RefID: "A", JSON: raw, MaxDataPoints: 500, Interval: time.Minute, TimeRange: backend.TimeRange{From: from, To: to},
	}}}
	var resp *backend.QueryDataResponse
	if err := l.took.Time(func() (err error) { resp, err = l.plugin.QueryData(l.t.Context(), req); return err }); err != nil {
		return nil, err
	}
	answer := resp.Responses["A"]
	if answer.Error != nil {
		return nil, fmt.Errorf("%s: %w", raw, answer.Error)
	}
	if len(answer.Frames) != 1 {
		return nil, fmt.Errorf("%s: %d frames", raw, len(answer.Frames))
	}
	return answer.Frames[0], nil
}

// mustAsk is ask, for what must not fail.
func (l *loaded) mustAsk(a ask, from, to time.Time) *data.Frame {
	l.t.Helper()
	f, err := l.ask(a, from, to, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return f
}

// settle waits until the process holds what it held before, but for kept connections, and checks its peak of memory.
func (l *loaded) settle(name string) {
	l.t.Helper()
	var u pluginrun.Usage
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var err error
		if u, err = l.plugin.Usage(l.t.Context()); err != nil {
			l.t.Fatal(err)
		}
		// Four connections are kept open for the next query, two goroutines each.
		if u.Goroutines <= l.before.Goroutines+20 && u.Descriptors <= l.before.Descriptors+8 {
			break
		}
		if time.Now().After(end) {
			l.t.Errorf("left over: %d goroutines, before %d; %d descriptors, before %d", u.Goroutines, l.before.Goroutines, u.Descriptors, l.before.Descriptors)
			break
		}
	}
	if u.PeakRSS > maxMB<<20 {
		l.t.Errorf("%d MB of memory at the peak, the bound is %d", u.PeakRSS>>20, maxMB)
	}
	s := l.took.Take()
	ms := func(d time.Duration) string { return d.Round(time.Millisecond).String() }
	row := fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%d\t%d→%d\t%d→%d", name, s.Count, ms(s.P50), ms(s.P95), ms(s.P99), ms(s.Max), u.PeakRSS>>20,
		l.before.Goroutines, u.Goroutines, l.before.Descriptors, u.Descriptors)
	rows.Lock()
	rows.text = append(rows.text, row)
	rows.Unlock()
	l.t.Log(row)
}

// sum adds a column of integers.
func sum(f *data.Frame, column string) (n int64) {
	field, _ := f.FieldByName(column)
	for i := 0; field != nil && i < field.Len(); i++ {
		v, _ := field.ConcreteAt(i)
		c, _ := v.(int64)
		n += c
	}
	return n
}

// distinct counts the values of a column.
func distinct(f *data.Frame, column string) int {
	seen := map[any]bool{}
	field, _ := f.FieldByName(column)
	for i := 0; field != nil && i < field.Len(); i++ {
		v, _ := field.ConcreteAt(i)
		seen[v] = true
	}
	return len(seen)
}
