package memory

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
)

var _ scan.Source = (*Store)(nil)

func TestTheFilterIsASearchForEachLiteral(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abc\xe5"[rng.IntN(4)]
		}
		return string(b)
	}
	for range 2000 {
		var literals logs.Filter
		for range rng.IntN(20) {
			literals = append(literals, random(rng.IntN(10)))
		}
		line := random(rng.IntN(80))
		want := logs.Passes(line, []logs.Filter{literals})
		if got := newFilter(literals).passes(line); got != want {
			t.Fatalf("%q in %q: %t, want %t", literals, line, got, want)
		}
	}
}

func TestReadGivesWhatIsAskedFor(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	at := func(seconds int, line string) logproto.Entry {
		return logproto.Entry{Timestamp: start.Add(time.Duration(seconds) * time.Second), Line: line}
	}
	of := func(host string, entry logproto.Entry) logproto.Entry {
		entry.StructuredMetadata = []logproto.LabelAdapter{{Name: "host", Value: host}}
		return entry
	}
	store := New(
		NewStream(model.LabelSet{"job": "x"}, []logproto.Entry{of("h1", at(1, "of h1")), of("h2", at(2, "of h2"))}),
		NewStream(model.LabelSet{"pod": "a"}, []logproto.Entry{at(3, "late"), at(1, "first"), at(1, "second")}),
		NewStream(model.LabelSet{"pod": "b"}, []logproto.Entry{at(2, "other first")}),
	)
	for name, c := range map[string]struct {
		req   logs.Request
		want  []string
		state logs.State
	}{
		"all, in order":           {logs.Request{Selector: `{pod=~".+"}`}, []string{"first", "second", "late", "other first"}, logs.Complete},
		"one stream":              {logs.Request{Selector: `{pod="b"}`}, []string{"other first"}, logs.Complete},
		"matchers":                {logs.Request{Selector: `{pod=~".+"}`, Matchers: []logs.Matcher{{Name: "pod", Op: logs.NotEqual, Value: "b"}}}, []string{"first", "second", "late"}, logs.Complete},
		"metadata":                {logs.Request{Selector: `{job="x"}`, Metadata: []logs.Matcher{{Name: "host", Op: logs.Equal, Value: "h2"}}}, []string{"of h2"}, logs.Complete},
		"broken metadata":         {logs.Request{Selector: `{job="x"}`, Metadata: []logs.Matcher{{Name: "host", Op: logs.Regexp, Value: "("}}}, nil, logs.Failed},
		"start in, end out":       {logs.Request{Selector: `{pod=~".+"}`, Start: start.Add(time.Second), End: start.Add(3 * time.Second)}, []string{"first", "second", "other first"}, logs.Complete},
		"literals":                {logs.Request{Selector: `{pod=~".+"}`, Filters: []logs.Filter{{"none", "other"}, {"first"}}}, []string{"other first"}, logs.Complete},
		"capped by lines":         {logs.Request{Selector: `{pod=~".+"}`, MaxLines: 2}, []string{"first", "second"}, logs.Capped},
		"not capped when it fits": {logs.Request{Selector: `{pod="b"}`, MaxLines: 1}, []string{"other first"}, logs.Complete},
		"capped by bytes":         {logs.Request{Selector: `{pod=~".+"}`, MaxBytes: 6}, []string{"first", "second"}, logs.Capped},
		"broken selector":         {logs.Request{Selector: `{pod=}`}, nil, logs.Failed},
		"broken matcher":          {logs.Request{Selector: `{pod="a"}`, Matchers: []logs.Matcher{{Name: "po d", Op: logs.Equal}}}, nil, logs.Failed},
		"an end before the start": {logs.Request{Selector: `{pod=~".+"}`, Start: start.Add(time.Hour), End: start.Add(time.Minute)}, nil, logs.Complete},
	} {
		t.Run(name, func(t *testing.T) {
			if c.req.End.IsZero() {
				c.req.Start, c.req.End = start, start.Add(time.Hour)
			}
			records, coverage := store.Read(t.Context(), c.req)
			var got []string
			for rec, err := range records {
				if err == nil {
					got = append(got, rec.Entry.Line)
				}
			}
			if state, reason := coverage.Worst(); !slices.Equal(got, c.want) || state != c.state || state != logs.Complete && reason == "" {
				t.Errorf("got %q, %s %q; want %q, %s", got, state, reason, c.want, c.state)
			}
		})
	}
}

func TestReadEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	records, coverage := New(NewStream(model.LabelSet{"pod": "a"}, []logproto.Entry{{Line: "x"}})).Read(ctx, logs.Request{Selector: `{pod="a"}`, End: time.Now()})
	for _, err := range records {
		if err == nil {
			t.Error("a line after the end of the context")
		}
	}
	if state, _ := coverage.Worst(); state != logs.Failed {
		t.Errorf("coverage is %s", state)
	}
}

func TestDescribeWritesLogQL(t *testing.T) {
	got := New().Describe(logs.Request{Selector: `{a="b"}`, Matchers: []logs.Matcher{{Name: "c", Op: logs.Regexp, Value: "d.*"}}, Filters: []logs.Filter{{"x"}, {"y", "z"}}})
	if want := `{a="b", c=~"d.*"} |= "x" |= "y" or "z"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
