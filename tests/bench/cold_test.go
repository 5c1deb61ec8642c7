//go:build integration

package bench

import (
	"testing"
	"time"
)

var incidents = ask{"queryType": "incidents", "limit": 1000}

// later is when a dashboard refreshes.
const later = 30 * time.Second

// now is the end of a dashboard's range.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// BenchmarkAnswer measures a dashboard's queries over 24 hours, interleaved with Loki's own count of the lines that pass
// the same filters over the same ranges, and with its log query for those lines. Its metrics are medians over the iterations.
func BenchmarkAnswer(b *testing.B) {
	rec := record(b, world.loki)
	p := start(b, rec.url, day)
	ask := func(to time.Time) { p.query(b, to.Add(-span), to, incidents) }
	ask(now()) // Loki's files come into the page cache

	var requests []asked
	var received, lines, scanned int64
	var cold, counted, bare, warm, panels []float64
	for b.Loop() {
		p.forget()
		rec.take()
		to := now()
		cold = append(cold, took(func() { ask(to) }))
		requests, received = rec.take()
		same := filters(requests)
		counted = append(counted, took(func() { lines, scanned = count(b, day, same) }))
		bare = append(bare, took(func() { readAll(b, day, same) }))
		wait(b, time.Until(to.Add(later)))
		warm = append(warm, took(func() { ask(now()) }))
		p.forget()
		to = now().Add(-time.Second) // the last of the panels asks for a tenth of a second more
		panels = append(panels, took(func() { p.panels(b, to.Add(-span), to) }))
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

func wait(b *testing.B, long time.Duration) {
	b.Helper()
	select {
	case <-time.After(long):
	case <-b.Context().Done():
	}
}
