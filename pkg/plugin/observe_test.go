package plugin

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/signature"
)

// numbers returns the value of every series of a registry, a histogram's as its count, by name and label values.
func numbers(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			switch {
			case m.GetCounter() != nil:
				out[name] = m.GetCounter().GetValue()
			case m.GetHistogram() != nil:
				out[name] = float64(m.GetHistogram().GetSampleCount())
			default:
				out[name] = m.GetGauge().GetValue()
			}
		}
	}
	return out
}

func TestWhatThePluginDoesIsCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	f := busy()
	d := open(t, f, func(c *config) { c.Observed.metrics = metrics.New(registry) })
	ask(t, d, map[string]string{"A": `{"queryType":"incidents"}`, "B": `{"queryType":"alert"}`, "C": `{"queryType":"no such type"}`, "D": `{"queryType":"evidence","signatures":["missing"]}`})
	f.fails[signature.Agent] = notReady
	ask(t, d, map[string]string{"A": `{"queryType":"alert","matchers":[{"name":"cluster","op":"=","value":"c2"}]}`})
	f.panics = true
	ask(t, d, map[string]string{"A": `{"queryType":"incidents","matchers":[{"name":"cluster","op":"=","value":"c3"}]}`})
	got := numbers(t, registry)
	for name, want := range map[string]float64{
		"bkincidents_queries_total ok incidents": 1, "bkincidents_queries_total ok alert": 1, "bkincidents_queries_total bad-request invalid": 1,
		"bkincidents_queries_total bad-request evidence": 1, "bkincidents_queries_total downstream alert": 1, "bkincidents_queries_total plugin incidents": 1,
		"bkincidents_scans_total new": 3, "bkincidents_scans_total shared": 1, "bkincidents_panics_total": 1,
		"bkincidents_incomplete_reads_total agent failed": 2, "bkincidents_query_duration_seconds alert": 2,
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
	for _, name := range []string{"bkincidents_lines_total nodeman", "bkincidents_scan_incidents", "bkincidents_build_duration_seconds"} {
		if got[name] == 0 {
			t.Errorf("%s does not move: %v", name, got)
		}
	}
}

// Attributes go to a tracing system that more people may read than the logs: kinds and counts, nothing of the lines,
// the selectors or the errors.
func TestSpansTellWhatAQueryDid(t *testing.T) {
	memory := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(memory))
	f := busy()
	d := open(t, f, func(c *config) { c.Observed.tracer = provider.Tracer("") })
	ask(t, d, map[string]string{"A": `{"queryType":"incidents","sources":["nodeman"]}`})
	d.Dispose()
	spans := memory.GetSpans()
	names, text := []string{}, ""
	for _, s := range spans {
		names = append(names, s.Name)
		for _, a := range s.Attributes {
			text += fmt.Sprintf("%s.%s=%s\n", s.Name, a.Key, a.Value.String())
		}
	}
	for _, want := range []string{"incidents.query", "incidents.scan", "incidents.read", "incidents.build"} {
		if !slices.Contains(names, want) {
			t.Errorf("no span %s in %v", want, names)
		}
	}
	for _, want := range []string{"incidents.query.query_type=incidents", "incidents.query.outcome=ok", `incidents.query.sources=["nodeman"]`, "incidents.read.source=nodeman", "incidents.read.coverage=complete", "incidents.scan.incidents=5"} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	memory.Reset()
	failing := open(t, f, func(c *config) { c.Observed.tracer = provider.Tracer("") })
	f.fails = map[signature.Source]error{signature.Nodeman: notReady, signature.Agent: notReady, signature.Gateway: notReady}
	ask(t, failing, map[string]string{"A": `{"queryType":"incidents"}`})
	for _, s := range memory.GetSpans() {
		if s.Name == "incidents.query" && s.Status.Code != codes.Error {
			t.Error("a query that fails has a span without an error")
		}
		for _, a := range s.Attributes {
			text += a.Value.String() + "\n"
		}
		text += s.Status.Description + "\n"
	}
	for _, secret := range []string{"10.0.0.1", "offline", `app=`, "not ready", "c1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the attributes:\n%s", secret, text)
		}
	}
}
