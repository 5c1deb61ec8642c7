//go:build integration

package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/tools/bench/corpus"
)

// BenchmarkRange measures cold and warm answers over ranges of several lengths.
func BenchmarkRange(b *testing.B) {
	for _, hours := range []time.Duration{1, 6, 24} {
		b.Run(fmt.Sprintf("%dh", hours), func(b *testing.B) {
			rec := record(b, world.loki)
			p := start(b, rec.url, day)
			p.query(b, now().Add(-hours*time.Hour), now(), incidents)
			var cold, counted, warm []float64
			for range min(b.N, 3) {
				r := dashboard(b, p, rec, hours*time.Hour)
				cold, counted, warm = append(cold, r.cold), append(counted, r.counted), append(warm, r.warm)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(cold), "cold-s")
			b.ReportMetric(median(counted), "count-s")
			b.ReportMetric(median(warm), "warm-s")
		})
	}
}

// BenchmarkRecheck measures the answer after an hour, in which what was read before is read again once, beside the cold
// answer. Its clock is simulated, so it runs in this process.
func BenchmarkRecheck(b *testing.B) {
	var cold, recheck []float64
	for range min(b.N, 2) {
		clock := world.end
		client := loki.New(loki.Options{URL: world.loki, Tenant: day, RequestTimeout: 5 * time.Minute})
		s := scan.New(client, scan.Options{
			Prepared: scan.Prepare(world.set), Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"}, Selectors: corpus.Selectors(),
			LookbackMax: span, Lateness: 10 * time.Minute, MemoryBytes: 64 << 20, MaxLines: 100_000, MaxBytes: 1 << 30,
			Clock: func() time.Time { return clock },
		})
		answer := func() {
			if _, err := s.Scan(b.Context(), scan.Request{Start: clock.Add(-span), End: clock}); err != nil {
				b.Fatal(err)
			}
		}
		cold = append(cold, took(answer))
		clock = clock.Add(61 * time.Minute)
		recheck = append(recheck, took(answer))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cold), "cold-s")
	b.ReportMetric(median(recheck), "recheck-s")
}

// BenchmarkFetchAll reads an hour of a source with the filter pushed down, and all of its lines, and matches both.
func BenchmarkFetchAll(b *testing.B) {
	m := match.New(world.set)
	client := loki.New(loki.Options{URL: world.loki, Tenant: day, RequestTimeout: 5 * time.Minute})
	sel := corpus.Selectors()[0]
	read := func(filters []logs.Filter) (hits int) {
		records, _ := client.Read(b.Context(), logs.Request{
			Selector: sel.Selector, Filters: filters, Start: world.end.Add(-time.Hour), End: world.end,
		})
		for rec, err := range records {
			if err != nil {
				b.Fatal(err)
			}
			hits += len(m.Line(sel.Source, rec.Entry.Line))
		}
		return hits
	}
	var filtered, all []float64
	for range min(b.N, 2) {
		few, every := 0, 0
		filtered = append(filtered, took(func() { few = read(pushdown.Filters(m.Literals(sel.Source))) }))
		all = append(all, took(func() { every = read(nil) }))
		if few != every {
			b.Fatalf("%d hits through the filter, %d without", few, every)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(filtered), "filtered-s")
	b.ReportMetric(median(all), "all-s")
}
