//go:build integration

package integration

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tools/pluginrun"
)

// watchedPlugin is a plugin of one test, with its log.
func watchedPlugin(t *testing.T) (*pluginrun.Plugin, *journal) {
	t.Helper()
	log := &journal{}
	p, err := pluginrun.Start(t.Context(), pluginrun.Binary("../.."), pluginrun.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, log
}

func send(t *testing.T, p *pluginrun.Plugin, address string, s settings, asks map[string]ask) backend.Responses {
	t.Helper()
	now := time.Now()
	req := &backend.QueryDataRequest{PluginContext: pluginContext(t, address, s)}
	for ref, a := range asks {
		model, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		req.Queries = append(req.Queries, backend.DataQuery{RefID: ref, JSON: model, TimeRange: backend.TimeRange{From: now.Add(-time.Hour), To: now}})
	}
	res, err := p.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res.Responses
}

// total adds up the samples of a metric whose labels contain all of some texts.
func total(t *testing.T, metrics, name string, labels ...string) float64 {
	t.Helper()
	sum := 0.0
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(\{.*\})? (\S+)$`).FindAllStringSubmatch(metrics, -1) {
		fits := true
		for _, l := range labels {
			fits = fits && strings.Contains(m[1], l)
		}
		if v, err := strconv.ParseFloat(m[2], 64); err == nil && fits {
			sum += v
		}
	}
	return sum
}

// What Grafana collects over the plugin protocol moves with what the plugin does, and names nobody.
func TestMetricsMove(t *testing.T) {
	p, _ := watchedPlugin(t)
	s := on("metrics")
	send(t, p, lokiURL(), s, map[string]ask{"A": {"queryType": "alert"}, "B": {"queryType": "incidents"}})
	send(t, p, closedPort(t), s, map[string]ask{"A": {"queryType": "count"}})
	metrics, err := p.CollectMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		name   string
		labels []string
		atMost float64
	}{
		{"bkincidents_queries_total", []string{`type="alert"`, `outcome="ok"`}, 1},
		{"bkincidents_queries_total", []string{`type="count"`, `outcome="downstream"`}, 1},
		{"bkincidents_query_duration_seconds_count", nil, 3},
		{"bkincidents_scans_total", []string{`result="shared"`}, 1},
		{"bkincidents_loki_requests_total", []string{`endpoint="query_range"`, `status="200"`}, 1000},
		{"bkincidents_loki_requests_total", []string{`status="0"`}, 1000},
		{"bkincidents_loki_received_bytes_total", nil, 1e6},
		{"bkincidents_memory_total", []string{`result="miss"`}, 1000},
		{"bkincidents_scan_incidents_count", nil, 10},
	} {
		if got := total(t, metrics, want.name, want.labels...); got <= 0 || got > want.atMost {
			t.Errorf("%s %v = %v", want.name, want.labels, got)
		}
	}
	if busy := total(t, metrics, "bkincidents_loki_requests_running"); busy != 0 {
		t.Errorf("%v requests run after the last answer", busy)
	}
	for _, line := range strings.Split(metrics, "\n") {
		if strings.HasPrefix(line, "bkincidents_") && (strings.Contains(line, "metrics\"") || strings.Contains(line, "127.0.0.1") || strings.Contains(line, "{app")) {
			t.Errorf("a label names a selector or a host: %s", line)
		}
	}
}

// One line per problem: a query that fails has one in Grafana's log, with its refId and what to do, and a query that
// is answered has none above the SDK's own line per request.
func TestEveryFailingQueryIsOneLineInTheLog(t *testing.T) {
	p, log := watchedPlugin(t)
	send(t, p, lokiURL(), on("log"), map[string]ask{"A": {"queryType": "alert"}, "B": {"queryType": "incidents"}, "C": {"queryType": "health"}})
	for _, line := range strings.Split(log.take(), "\n") {
		if strings.Contains(line, "[WARN]") || strings.Contains(line, "[ERROR]") || strings.Contains(line, "[INFO]") && !strings.Contains(line, "Plugin Request Completed") {
			t.Errorf("a query that is answered logs %s", line)
		}
	}
	res := send(t, p, closedPort(t), on("log"), map[string]ask{"A": {"queryType": "alert"}, "B": {"queryType": "incidents"}})
	if res["A"].Error == nil || res["B"].Error == nil {
		t.Fatal("the queries do not fail")
	}
	for _, ref := range []string{"A", "B"} {
		waitFor(t, func() bool { return strings.Contains(log.String(), "refID="+ref) })
	}
	count := 0
	for _, line := range strings.Split(log.take(), "\n") {
		if (strings.Contains(line, "[ERROR]") || strings.Contains(line, "[WARN]")) && !strings.Contains(line, "Plugin Request Completed") {
			count++
			if !strings.Contains(line, "refused") || !strings.Contains(line, "Check") {
				t.Errorf("the line does not say what to do: %s", line)
			}
		}
	}
	if count != 2 {
		t.Errorf("%d lines for 2 failing queries", count)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

// While Loki is away the engine is unhealthy, as one row that is the same series whatever the reason, and the alert
// queries are errors: a rule keeps its alerts on an error and would resolve them on an answer without rows.
func TestAnOutageIsOneUnhealthyRowAndFreezesAlerts(t *testing.T) {
	p, _ := watchedPlugin(t)
	asks := map[string]ask{
		"A": {"queryType": "health", "view": "identity"}, "B": {"queryType": "health", "view": "evidence"},
		"C": {"queryType": "alert", "view": "identity"}, "D": {"queryType": "count"},
	}
	reasons := map[string]bool{}
	for _, address := range []string{closedPort(t), answering(t, 503, "text/plain", "Ingester not ready"), answering(t, 401, "text/plain", "who are you")} {
		res := send(t, p, address, on("outage"), asks)
		if res["C"].Error == nil || res["D"].Error == nil || len(res["C"].Frames)+len(res["D"].Frames) > 0 {
			t.Fatalf("alert %v, count %v: not frozen", res["C"].Error, res["D"].Error)
		}
		for _, ref := range []string{"A", "B"} {
			if res[ref].Error != nil || len(res[ref].Frames) != 1 || res[ref].Frames[0].Rows() != 1 {
				t.Fatalf("%s: %v", ref, res[ref])
			}
			if v := column[float64](t, res[ref].Frames[0], "value")[0]; v != 0 {
				t.Errorf("%s: %v while Loki is away", ref, v)
			}
		}
		if n := len(res["A"].Frames[0].Fields); n != 1 {
			t.Errorf("%d columns: a label would start a new alert when it changes", n)
		}
		reasons[column[string](t, res["B"].Frames[0], "reason")[0]] = true
	}
	if len(reasons) != 3 {
		t.Errorf("the reasons do not differ: %v", reasons)
	}
}
