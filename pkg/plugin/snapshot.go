package plugin

import (
	"context"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/scan"
)

const (
	// holdFor is how long a scan answers further queries. The identity and the evidence view of an alert rule arrive
	// as two calls; Grafana sets the whole rule to "no data" when one has rows that the other has not.
	holdFor = time.Minute
	// maxSnapshots and maxHeldLines bound the memory of what is held.
	maxSnapshots = 32
	maxHeldLines = 120_000
)

// scanFunc reads the logs.
type scanFunc func(ctx context.Context) (*scan.Result, error)

// snapshots shares scans: queries that ask for the same at the same time wait for one scan, and those that come
// within a minute get its answer. What failed, even in one source only, is not kept: Loki may be back. It owns the goroutine of every scan: close ends them and waits.
type snapshots struct {
	mu      sync.Mutex
	entries map[string]*snapshot
	running sync.WaitGroup
	closed  bool
	metrics *metrics.Metrics
}

// snapshot is a scan, running or done. done is closed by the goroutine that scans, after result and err are set;
// the other fields are guarded by snapshots.mu.
type snapshot struct {
	done   chan struct{}
	result *scan.Result
	err    error

	waiters int
	cancel  context.CancelFunc
	// priority is that of the most urgent who ever waited.
	priority *logs.Priority
	// finished is zero while the scan runs.
	finished time.Time
	expire   *time.Timer
}

func newSnapshots(m *metrics.Metrics) *snapshots {
	return &snapshots{entries: map[string]*snapshot{}, metrics: m}
}

// get returns the answer held under a key, or scans. The scan belongs to all who wait for it: it goes on when the
// first of them gives up, and ends when all have.
func (s *snapshots) get(ctx context.Context, key string, timeout time.Duration, read scanFunc) (*scan.Result, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
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
		return nil, ctx.Err()
	}
}

// start begins a scan. Its context keeps the values of the caller's (forwarded headers, trace) but not its end.
func (s *snapshots) start(ctx context.Context, key string, timeout time.Duration, read scanFunc) *snapshot {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	snap := &snapshot{done: make(chan struct{}), cancel: cancel, priority: &logs.Priority{}}
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
func (s *snapshots) finish(key string, snap *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(snap.done)
	snap.finished = time.Now()
	if s.entries[key] != snap {
		return
	}
	if snap.err != nil || snap.result.Failed() || s.closed {
		delete(s.entries, key)
		return
	}
	snap.expire = time.AfterFunc(holdFor, func() { s.drop(key, snap) })
	s.shrink(snap)
}

// leave ends a running scan that nobody waits for any more.
func (s *snapshots) leave(key string, snap *snapshot) {
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

func (s *snapshots) drop(key string, snap *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[key] == snap {
		delete(s.entries, key)
	}
}

// shrink drops the oldest answers, but not the newest, until the rest is within bounds.
func (s *snapshots) shrink(newest *snapshot) {
	for {
		held, lines := 0, 0
		oldestKey, oldest := "", (*snapshot)(nil)
		for key, snap := range s.entries {
			if snap.finished.IsZero() {
				continue
			}
			held++
			lines += len(snap.result.Lines)
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
func (s *snapshots) close() {
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
