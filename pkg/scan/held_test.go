package scan_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature/catalogue"
	"github.com/blueking/incidents/tools/bench/corpus"
)

var floodEnd = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// flood is a scanner of the shipped signatures over logs with that many hits in the span before floodEnd.
func flood(tb testing.TB, hits int, span time.Duration) *scan.Scanner {
	tb.Helper()
	set, err := catalogue.Set()
	if err != nil {
		tb.Fatal(err)
	}
	c, err := corpus.New(set, corpus.Options{Lines: hits + 1000, Hits: hits, End: floodEnd, Span: span})
	if err != nil {
		tb.Fatal(err)
	}
	var streams []memory.Stream
	for _, s := range c.Between(floodEnd.Add(-span), floodEnd) {
		labels, err := selector.ParseLabels(s.Labels)
		if err != nil {
			tb.Fatal(err)
		}
		streams = append(streams, memory.NewStream(labels, s.Entries))
	}
	return scan.New(memory.New(streams...), scan.Options{
		Prepared: scan.Prepare(set), Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"}, Selectors: corpus.Selectors(),
		LookbackMax: 168 * time.Hour, Lateness: 10 * time.Minute, MemoryBytes: 64 << 20, Clock: func() time.Time { return floodEnd },
	})
}

// held is the memory in use after a collection, in bytes.
func held() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// scanned is a scan of the last 24 hours as of some time later.
func scanned(tb testing.TB, s *scan.Scanner, later time.Duration) *scan.Result {
	tb.Helper()
	end := floodEnd.Add(later)
	res, err := s.Scan(tb.Context(), scan.Request{Start: end.Add(-24 * time.Hour), End: end})
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

// BenchmarkFlood is one answer over 24 hours with 100,000 hits: what it makes, and what it, the memory of segments and a
// second answer 30 seconds later hold.
func BenchmarkFlood(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s := flood(b, 100_000, 24*time.Hour)
		before := held()
		b.StartTimer()
		first := scanned(b, s, 0)
		b.StopTimer()
		one := held() - before
		second := scanned(b, s, 30*time.Second)
		two := held() - before
		b.ReportMetric(float64(one)/float64(len(first.Lines)), "held-B/hit")
		b.ReportMetric(float64(two)/float64(len(second.Lines)), "held2-B/hit")
		b.ReportMetric(float64(len(first.Lines)), "hits")
		b.ReportMetric(float64(len(first.Incidents)), "incidents")
		runtime.KeepAlive(first)
		runtime.KeepAlive(second)
		runtime.KeepAlive(s)
		b.StartTimer()
	}
}

// What one more hit costs must stay near its line and its matches, with the context lines near it that the segments
// remember: answers and segments share them, and equal captures are one.
func TestAHitIsHeldOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("generates thousands of hits")
	}
	const bound = 700 // bytes; 502 were measured
	hold := func(hits int) (bytes, lines int64) {
		s := flood(t, hits, 10*time.Minute)
		before := held()
		res := scanned(t, s, 0)
		bytes, lines = held()-before, int64(len(res.Lines))
		runtime.KeepAlive(s)
		return bytes, lines
	}
	few, fewLines := hold(4000) // every incident of the corpus is there, with all its evidence
	many, manyLines := hold(8000)
	if perHit := (many - few) / (manyLines - fewLines); perHit > bound {
		t.Errorf("%d to %d lines: %d bytes are held for each further hit, want at most %d", fewLines, manyLines, perHit, bound)
	}
}
