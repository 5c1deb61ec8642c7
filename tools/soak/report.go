package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blueking/incidents/tools/pluginrun"
)

// maxTold bounds the problems that are printed one by one.
const maxTold = 50

// report prints what goes on and keeps what decides between PASS and FAIL.
type report struct {
	out      io.Writer
	start    time.Time
	client   *client
	requests atomic.Int64 // to Loki

	mu       sync.Mutex
	problems int
	first    pluginrun.Usage // after the first period
	last     pluginrun.Usage
	asked    int
}

func (r *report) printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, format, args...)
}

// problem records what must not happen.
func (r *report) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.problems++; r.problems <= maxTold {
		fmt.Fprintf(r.out, "%6s  WRONG %s\n", time.Since(r.start).Round(time.Second), fmt.Sprintf(format, args...))
	}
}

func (r *report) header() {
	r.printf("%6s  %8s  %-28s  %-28s  %7s  %7s  %6s  %6s  %4s  %6s\n", "after", "queries",
		"dashboards p50/p95/p99 ms", "alerts p50/p95/p99 ms", "RSS MB", "peak MB", "heap", "gorout", "fds", "Loki")
}

// period prints one line about the time since the last one.
func (r *report) period(ctx context.Context) error {
	usage, err := r.client.plugin.Usage(ctx)
	if err != nil {
		return err
	}
	dashboards, alerts := r.client.dashboards.Take(), r.client.alerts.Take()
	ms := func(p50, p95, p99 time.Duration) string {
		return fmt.Sprintf("%d/%d/%d", p50.Milliseconds(), p95.Milliseconds(), p99.Milliseconds())
	}
	r.printf("%6s  %8d  %-28s  %-28s  %7d  %7d  %6d  %6d  %4d  %6d\n", time.Since(r.start).Round(time.Second), dashboards.Count+alerts.Count,
		ms(dashboards.P50, dashboards.P95, dashboards.P99), ms(alerts.P50, alerts.P95, alerts.P99),
		usage.RSS>>20, usage.PeakRSS>>20, usage.Heap>>20, usage.Goroutines, usage.Descriptors, r.requests.Swap(0))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == (pluginrun.Usage{}) {
		r.first = usage
	}
	r.last = usage
	r.asked += dashboards.Count + alerts.Count
	return nil
}

// grown tells what the process holds more of than after the first period; some is in use at any moment.
func (r *report) grown(maxRSS int64) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	if more := r.last.Goroutines - r.first.Goroutines; more > 50 {
		out = append(out, fmt.Sprintf("%d goroutines more than after the first period", more))
	}
	if more := r.last.Descriptors - r.first.Descriptors; more > 20 {
		out = append(out, fmt.Sprintf("%d descriptors more than after the first period", more))
	}
	if r.last.PeakRSS > maxRSS {
		out = append(out, fmt.Sprintf("%d MB of memory, the bound is %d MB", r.last.PeakRSS>>20, maxRSS>>20))
	}
	return out
}
