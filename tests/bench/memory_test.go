//go:build integration

package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkMemory measures the peak of the plugin's resident memory: a process that has just started, and one each that
// answered over 24 hours, over 7 days and over 24 hours with 100,000 hits, then again, as a dashboard does.
func BenchmarkMemory(b *testing.B) {
	var idle, ofDay, ofWeek, ofFlood []float64
	for range min(b.N, 3) {
		idle = append(idle, peak(b, day, 0))
		ofDay = append(ofDay, peak(b, day, span))
		ofWeek = append(ofWeek, peak(b, week, 7*span))
		ofFlood = append(ofFlood, peak(b, flood, span))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(idle), "idle-MiB")
	b.ReportMetric(median(ofDay), "day-MiB")
	b.ReportMetric(median(ofWeek), "week-MiB")
	b.ReportMetric(median(ofFlood), "flood-MiB")
}

// peak runs a plugin, lets it answer the panels of a dashboard twice over a span and returns the most memory it had.
func peak(b *testing.B, tenant string, span time.Duration) float64 {
	b.Helper()
	p := start(b, world.loki, tenant)
	defer p.Stop()
	if span > 0 {
		p.panels(b, world.end.Add(-span), world.end)
		p.query(b, world.end.Add(30*time.Second-span), world.end.Add(30*time.Second), incidents)
	}
	return status(b, p.PID(), "VmHWM")
}

// status reads a size in kB out of /proc, in MiB; other systems than Linux skip.
func status(b *testing.B, pid int, key string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("needs Linux: ", err)
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); name == key {
			kB, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kB / 1024
		}
	}
	b.Fatalf("no %s of process %d", key, pid)
	return 0
}
