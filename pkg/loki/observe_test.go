package loki

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/blueking/incidents/pkg/logs"
)

// ledger is an Observer that writes down what it is told.
type ledger struct {
	mu               sync.Mutex
	requests         []string
	bytes            int64
	waiting, running int
	busiest          int
}

func (l *ledger) Slots(waiting, running int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += waiting
	l.running += running
	l.busiest = max(l.busiest, l.running)
}

func (l *ledger) Request(endpoint string, status int, _ time.Duration, bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, fmt.Sprint(endpoint, " ", status))
	l.bytes += bytes
}

func TestEveryRequestIsObserved(t *testing.T) {
	f := newFake(t, 1)
	start := time.Unix(1_700_000_000, 0)
	f.add(`{a="b"}`, start.UnixNano(), "line")
	broken := true
	f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
		if path != pathQueryRange || !broken {
			return false
		}
		broken = false
		http.Error(w, "oops", http.StatusInternalServerError)
		return true
	}
	memory, l := tracetest.NewInMemoryExporter(), &ledger{}
	c := f.client(Options{Observer: l, Tracer: trace.NewTracerProvider(trace.WithSyncer(memory)).Tracer("")})
	records, cover := c.Read(t.Context(), logs.Request{Selector: `{a="b"}`, Start: start, End: start.Add(time.Minute)})
	for _, err := range records {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.LabelValues(t.Context(), "host", `{a="b"}`, start, start.Add(time.Minute)); err == nil {
		t.Fatal("the fake has no label values")
	}
	f.Close()
	if err := c.Ready(t.Context()); err == nil {
		t.Fatal("the fake is closed")
	}
	for _, want := range []string{"query_range 500", "query_range 200", "values 404", "ready 0"} {
		if !slices.Contains(l.requests, want) {
			t.Errorf("%s is missing in %v", want, l.requests)
		}
	}
	if l.bytes < cover.Bytes || l.waiting != 0 || l.running != 0 || l.busiest != 1 {
		t.Errorf("%+v, the read took %d bytes", l, cover.Bytes)
	}
	var tries []string
	for _, s := range memory.GetSpans() {
		about := map[string]string{}
		for _, a := range s.Attributes {
			about[string(a.Key)] = a.Value.String()
		}
		if about["endpoint"] == "query_range" {
			tries = append(tries, about["attempt"]+" "+about["http.response.status_code"]+" "+s.Status.Description)
		}
	}
	if want := []string{"1 500 server", "2 200 "}; !slices.Equal(tries, want) {
		t.Errorf("spans %q, want %q", tries, want)
	}
}
