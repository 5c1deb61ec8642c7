//go:build integration

package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blueking/incidents/tests/asks"
)

// BenchmarkAlert measures what one evaluation of all shipped rules costs the plugin, with a memory as it is after the
// first: every query of every rule, each a call of its own, a minute after the last. Then it measures how long one takes
// while ten viewers look at a year again and again.
func BenchmarkAlert(b *testing.B) {
	rules := asks.OfRules(b, "zh")
	rec := record(b, world.loki)
	p := start(b, rec.url, day)
	evaluate := func(now time.Time) {
		for _, q := range rules {
			if _, err := p.try(b, now.Add(-q.Back), now, ask(q.Model), true); err != nil {
				b.Errorf("%v: %v", q.Model, err)
			}
		}
	}
	evaluate(time.Now())
	rec.take()
	var cpu, requests, idle, beside []float64
	for range min(b.N, 3) { // they take a minute each
		wait(b, time.Minute)
		before := cpuTime(b, p.PID())
		idle = append(idle, took(func() { evaluate(time.Now()) }))
		cpu = append(cpu, float64((cpuTime(b, p.PID()) - before).Milliseconds()))
		asked, _ := rec.take()
		requests = append(requests, float64(len(asked)))
	}
	leave := p.viewers(b, 10, 365*span)
	for range min(b.N, 3) {
		wait(b, time.Minute)
		beside = append(beside, took(func() { evaluate(time.Now()) }))
	}
	leave()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(cpu), "cpu-ms")
	b.ReportMetric(median(requests), "requests")
	b.ReportMetric(float64(len(rules)), "queries")
	b.ReportMetric(median(idle), "idle-s")
	b.ReportMetric(median(beside), "beside-s")
}

// viewers has people look at a range again and again, until they leave. What they get, an answer or that it takes too
// long, is not what is measured.
func (r *running) viewers(b *testing.B, n int, back time.Duration) (leave func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				now := time.Now()
				_, _ = r.answer(ctx, now.Add(-back), now, ask{"queryType": "incidents"}, false)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// cpuTime is the processor time that a process has used, to 10 ms.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("needs Linux: ", err)
	}
	// The command, in brackets, may hold spaces; utime and stime are the 14th and 15th field (proc(5)), in 1/100 s.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
