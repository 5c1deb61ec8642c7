//go:build integration

package bench

import (
	"fmt"
	"testing"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/tools/bench/corpus"
)

// marked is the tenant with the logs of day as a collector ships them that marks lines. It is loaded by the benchmark that
// reads it.
const marked = "marked"

// BenchmarkMarked measures a cold answer over 24 hours of streams that the collector has marked, beside Loki's own count of the
// lines of all streams that pass the filters of a data source that knows no marks.
func BenchmarkMarked(b *testing.B) {
	mark, err := marker()
	if err != nil {
		b.Fatal(err)
	}
	if err := load(b.Context(), marked, loads(world.end)[day], mark); err != nil {
		b.Fatal(err)
	}
	rec := record(b, world.loki)
	plain, p := start(b, rec.url, marked), startWith(b, rec.url, marked, map[string]any{"sources": markedSources()})
	to := world.end
	rec.take()
	want := plain.query(b, to.Add(-span), to, incidents)
	everything, _ := rec.take()

	var last []asked
	var cold, counted, bytes, all []float64
	for b.Loop() {
		p.forget()
		rec.take()
		cold = append(cold, took(func() {
			if got := p.query(b, to.Add(-span), to, incidents); got != want {
				b.Errorf("%d incidents with marks, %d without", got, want)
			}
		}))
		last, _ = rec.take()
		_, few := count(b, marked, filters(last))
		counted = append(counted, took(func() {
			_, many := count(b, marked, filters(everything))
			all = append(all, float64(many))
		}))
		bytes = append(bytes, float64(few))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cold), "marked-s")
	b.ReportMetric(median(counted), "count-s")
	b.ReportMetric(median(bytes), "marked-B")
	b.ReportMetric(median(all), "scanned-B")
	b.ReportMetric(float64(len(last)), "requests")
}

// markedSources are the default sources with the setting for marks.
func markedSources() []map[string]any {
	var out []map[string]any
	for _, s := range corpus.Selectors() {
		out = append(out, map[string]any{"source": s.Source, "selector": s.Selector, "onHost": s.OnHost, "marked": true})
	}
	return out
}

// marker returns what the stage of `bkincidents rules --format alloy` does to a stream: two streams, told apart by a label.
func marker() (func([]logproto.Stream) ([]logproto.Stream, error), error) {
	prepared := scan.Prepare(world.set)
	type rule struct {
		of     selector.Selector
		sought scan.Sought
	}
	var rules []rule
	for _, s := range corpus.Selectors() {
		of, err := selector.Parse(s.Selector)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule{of, prepared.Sought(s.Source)})
	}
	return func(streams []logproto.Stream) ([]logproto.Stream, error) {
		var out []logproto.Stream
		for _, s := range streams {
			labels, err := selector.ParseLabels(s.Labels)
			if err != nil {
				return nil, fmt.Errorf("labels of the corpus: %w", err)
			}
			for _, r := range rules {
				if r.of.Matches(labels) {
					out = append(out, split(s, labels, r.sought)...)
					break
				}
			}
		}
		return out, nil
	}, nil
}

func split(s logproto.Stream, labels model.LabelSet, sought scan.Sought) []logproto.Stream {
	with := func(value string) logproto.Stream {
		l := labels.Clone()
		l[scan.MarkLabel] = model.LabelValue(value)
		return logproto.Stream{Labels: l.String()}
	}
	wanted, left := with(sought.Revision), with(scan.Unwanted+sought.Revision)
	for _, e := range s.Entries {
		if logs.Passes(e.Line, sought.Filters) {
			wanted.Entries = append(wanted.Entries, e)
		} else {
			left.Entries = append(left.Entries, e)
		}
	}
	var out []logproto.Stream
	for _, part := range []logproto.Stream{wanted, left} {
		if len(part.Entries) > 0 {
			out = append(out, part)
		}
	}
	return out
}
