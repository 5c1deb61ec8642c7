//go:build integration

package bench

import (
	"testing"
	"time"
)

var incidents = ask{"queryType": "incidents", "limit": 1000}

// BenchmarkAnswer measures a dashboard's queries over 24 hours, interleaved with Loki's own count of the lines that pass
// the same filters over the same ranges, and with its log query for those lines. Its metrics are medians over the iterations.
func BenchmarkAnswer(b *testing.B) {
	rec := record(b, world.loki)
	p := start(b, rec.url, day)
	const later = 30 * time.Second // a refresh finds new lines
	from, to := world.end.Add(-span-later), world.end.Add(-later)
	p.query(b, from, to, incidents) // Loki's files come into the page cache
	requests, received := rec.take()
	same := filters(requests)
	lines, scanned := count(b, day, same)

	var cold, counted, bare, warm, panels []float64
	for b.Loop() {
		p.forget()
		cold = append(cold, took(func() { p.query(b, from, to, incidents) }))
		counted = append(counted, took(func() { count(b, day, same) }))
		bare = append(bare, took(func() { readAll(b, day, same) }))
		pause(b)
		warm = append(warm, took(func() { p.query(b, from.Add(later), to.Add(later), incidents) }))
		p.forget()
		panels = append(panels, took(func() { p.panels(b, from, to) }))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cold), "cold-s")
	b.ReportMetric(median(counted), "count-s")
	b.ReportMetric(median(bare), "bare-s")
	b.ReportMetric(median(warm), "warm-s")
	b.ReportMetric(median(panels), "panels-s")
	b.ReportMetric(float64(len(requests)), "requests")
	b.ReportMetric(float64(lines), "lines")
	b.ReportMetric(float64(received), "received-B")
	b.ReportMetric(float64(scanned), "scanned-B")
}

// pause waits until a further answer is a refresh of its own: within 5 s panels share the end of their range.
func pause(b *testing.B) {
	b.Helper()
	select {
	case <-time.After(6 * time.Second):
	case <-b.Context().Done():
	}
}
