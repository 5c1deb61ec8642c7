package plugin

import (
	"context"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/metrics"
)

const (
	// holdFor is how long a scan answers further queries. The identity and the evidence view of an alert rule arrive
	// as two calls; Grafana sets the whole rule to "no data" when one has rows that the other has not.
	holdFor = time.Minute
	// maxSnapshots and maxHeldLines bound the memory of what is held.
	maxSnapshots = 32
	maxHeldLines = 120_000
)

// outcome is what a scan gives.
type outcome interface {
	// Failed tells that asking again may help.
	Failed() bool
	// Held is how many lines or rows the outcome keeps in memory.
	Held() int
}

// snapshots shares scans: queries that ask for the same at the same time wait for one scan, and those that come
// within hold get its answer. What failed, even in one source only, is not kept: Loki may be back. It owns the goroutine of every scan: close ends them and waits.
type snapshots[T outcome] struct {
	hold    time.Duration
	mu      sync.Mutex
	entries map[string]*snapshot[T]
	running sync.WaitGroup
	closed  bool
	metrics *metrics.Metrics
}

// snapshot is a scan, running or done. done is closed by the goroutine that scans, after result and err are set;
// the other fields are guarded by snapshots.mu.
type snapshot[T outcome] struct {
	done   chan struct{}
	result T
	err    error

	waiters int
	cancel  context.CancelFunc
	// priority is that of the most urgent who ever waited.
	priority *logs.Priority
	// finished is zero while the scan runs.
	finished time.Time
	expire   *time.Timer
}

func newSnapshots[T outcome](m *metrics.Metrics, hold time.Duration) *snapshots[T] {
	return &snapshots[T]{hold: hold, entries: map[string]*snapshot[T]{}, metrics: m}
}

// get returns the answer held under a key, or scans. The scan belongs to all who wait for it: it goes on when the
// first of them gives up, and ends when all have.
func (s *snapshots[T]) get(ctx context.Context, key string, timeout time.Duration, read func(ctx context.Context) (T, error)) (T, error) {
	var none T
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return none, errClosed
	}
	snap := s.entries[key]
	s.metrics.Scan(snap != nil)
	if snap == nil {
		snap = s.start(ctx, key, timeout, read)
	}
	snap.waiters++
	if logs.PriorityOf(ctx).Urgent() {
		snap.priority.Raise()
	}
	s.mu.Unlock()

	defer s.leave(key, snap)
	select {
	case <-snap.done:
		return snap.result, snap.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// start begins a scan. Its context keeps the values of the caller's (forwarded headers, trace) but not its end.
func (s *snapshots[T]) start(ctx context.Context, key string, timeout time.Duration, read func(ctx context.Context) (T, error)) *snapshot[T] {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	snap := &snapshot[T]{done: make(chan struct{}), cancel: cancel, priority: &logs.Priority{}}
	detached = logs.WithPriority(detached, snap.priority)
	s.entries[key] = snap
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer cancel()
		defer s.finish(key, snap)
		// A panic must not take the plugin down: it would end every query of every data source.
		defer func() {
			if p := recover(); p != nil {
				s.metrics.Panic()
				snap.err = panicked(detached, p)
			}
		}()
		snap.result, snap.err = read(detached)
	}()
	return snap
}

// finish publishes the outcome, and keeps it for a while if it is an answer.
func (s *snapshots[T]) finish(key string, snap *snapshot[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(snap.done)
	snap.priority.End()
	snap.finished = time.Now()
	if s.entries[key] != snap {
		return
	}
	if snap.err != nil || snap.result.Failed() || s.closed {
		delete(s.entries, key)
		return
	}
	snap.expire = time.AfterFunc(s.hold, func() { s.drop(key, snap) })
	s.shrink(snap)
}

// leave ends a running scan that nobody waits for any more.
func (s *snapshots[T]) leave(key string, snap *snapshot[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap.waiters--
	if snap.waiters > 0 || !snap.finished.IsZero() {
		return
	}
	snap.cancel()
	if s.entries[key] == snap {
		delete(s.entries, key) // whoever asks next must not join a scan that is being ended
	}
}

func (s *snapshots[T]) drop(key string, snap *snapshot[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[key] == snap {
		delete(s.entries, key)
	}
}

// shrink drops the oldest answers, but not the newest, until the rest is within bounds.
func (s *snapshots[T]) shrink(newest *snapshot[T]) {
	for {
		held, lines := 0, 0
		oldestKey, oldest := "", (*snapshot[T])(nil)
		for key, snap := range s.entries {
			if snap.finished.IsZero() {
				continue
			}
			held++
			lines += snap.result.Held()
			if snap != newest && (oldest == nil || snap.finished.Before(oldest.finished)) {
				oldestKey, oldest = key, snap
			}
		}
		if oldest == nil || held <= maxSnapshots && lines <= maxHeldLines {
			return
		}
		oldest.expire.Stop()
		delete(s.entries, oldestKey)
	}
}

// close ends all scans, waits for them and forgets what is held.
func (s *snapshots[T]) close() {
	s.mu.Lock()
	s.closed = true
	for key, snap := range s.entries {
		snap.cancel()
		if snap.expire != nil {
			snap.expire.Stop()
		}
		delete(s.entries, key)
	}
	s.mu.Unlock()
	s.running.Wait()
}
