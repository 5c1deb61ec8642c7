// Package latency collects how long calls took and tells it in percentiles.
package latency

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Recorder collects durations. The zero value is empty; it is safe for concurrent use.
type Recorder struct {
	mu   sync.Mutex
	took []time.Duration
}

// Add records one duration.
func (r *Recorder) Add(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, d)
}

// Time runs a call and records how long it took.
func (r *Recorder) Time(call func() error) error {
	began := time.Now()
	err := call()
	r.Add(time.Since(began))
	return err
}

// Summary is what is told of many durations: of P95, 95 % were at most as long.
type Summary struct {
	Count              int
	P50, P95, P99, Max time.Duration
}

// Take summarises what was recorded since the last Take.
func (r *Recorder) Take() Summary {
	r.mu.Lock()
	took := r.took
	r.took = nil
	r.mu.Unlock()
	slices.Sort(took)
	// The nearest rank: the smallest duration that at least that share of all does not exceed.
	at := func(percent int) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[max(0, (len(took)*percent+99)/100-1)]
	}
	return Summary{len(took), at(50), at(95), at(99), at(100)}
}

// String writes count and percentiles, to the millisecond.
func (s Summary) String() string {
	ms := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	return fmt.Sprintf("%d, p50 %s, p95 %s, p99 %s, max %s", s.Count, ms(s.P50), ms(s.P95), ms(s.P99), ms(s.Max))
}
