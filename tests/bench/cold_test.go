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
	p.query(b, now().Add(-span), now(), incidents) // Loki's files come into the page cache

	var last round
	var cold, counted, bare, warm, panels []float64
	for b.Loop() {
		last = dashboard(b, p, rec, span)
		cold, counted, warm = append(cold, last.cold), append(counted, last.counted), append(warm, last.warm)
		bare = append(bare, took(func() { readAll(b, day, filters(last.requests)) }))
		p.forget()
		to := now().Add(-time.Second) // the last of the panels asks for a tenth of a second more
		panels = append(panels, took(func() { p.panels(b, to.Add(-span), to) }))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cold), "cold-s")
	b.ReportMetric(median(counted), "count-s")
	b.ReportMetric(median(bare), "bare-s")
	b.ReportMetric(median(warm), "warm-s")
	b.ReportMetric(median(panels), "panels-s")
	b.ReportMetric(float64(len(last.requests)), "requests")
	b.ReportMetric(float64(last.lines), "lines")
	b.ReportMetric(float64(last.received), "received-B")
	b.ReportMetric(float64(last.scanned), "scanned-B")
}

// round is what one cold answer, Loki's own count over the same filters and a refresh took, in seconds, and cost.
type round struct {
	cold, counted, warm float64
	// requests are those of the cold answer, for which so many bytes were received.
	requests []asked
	received int64
	// lines are what passed the filters, out of so many bytes that Loki scanned to count them.
	lines, scanned int64
}

// dashboard asks for a range that ends now without anything remembered, and again when a dashboard refreshes.
func dashboard(b *testing.B, p *running, rec *recorder, length time.Duration) (r round) {
	b.Helper()
	answer := func(to time.Time) { p.query(b, to.Add(-length), to, incidents) }
	p.forget()
	rec.take()
	to := now()
	r.cold = took(func() { answer(to) })
	r.requests, r.received = rec.take()
	r.counted = took(func() { r.lines, r.scanned = count(b, day, filters(r.requests)) })
	wait(b, time.Until(to.Add(later)))
	r.warm = took(func() { answer(now()) })
	return r
}

func wait(b *testing.B, long time.Duration) {
	b.Helper()
	select {
	case <-time.After(long):
	case <-b.Context().Done():
	}
}
