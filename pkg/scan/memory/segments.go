// Package memory keeps what was read of a log store before: hits of closed segments, the open tail of a range, and when
// streams shipped lines. It is bounded and belongs to one data source.
package memory

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

const (
	// segmentLength is the unit in which matches are remembered; segments are aligned to it, so that panels whose
	// ranges differ by milliseconds share them.
	segmentLength = 10 * time.Minute
	// Recheck is how long a closed segment is believed: what arrives later than lateness is found when it is over.
	Recheck = time.Hour
	// fewSegments are read beside the open end. More are read behind it: it is short, and tells a store that pages by
	// bytes how long the lines are, which it would otherwise try on a small page and have Loki scan far ahead for it.
	fewSegments = 6
)

// Memory remembers the hits of closed segments, so that a refresh reads only what is new. A segment is closed when
// it ended longer ago than lines may be late. It is safe for concurrent use; what it returns must not be changed.
type Memory struct {
	lateness time.Duration
	maxBytes int64
	observer Observer

	mu    sync.Mutex
	bytes int64
	byKey map[segmentKey]*segment
	order *list.List // of use, the last used first
	alive map[string]*aliveness
	grown map[string][]grown // by family
}

type segmentKey struct {
	track string
	start int64 // UnixNano; the open tail of a track has start 0
	day   bool  // a whole day without hits
}

// segment is one remembered or pending read. Its maker closes done; until then only done and reader may be looked at.
type segment struct {
	done   chan struct{}
	ok     bool
	hits   []match.Line
	from   time.Time // tail only
	to     time.Time
	readAt time.Time
	bytes  int64
	use    *list.Element // nil until it is read
	// reader is the priority of who reads a pending segment.
	reader *logs.Priority
}

// Observer receives what was in memory. It must be safe for concurrent use.
type Observer interface {
	// Remembered: of what a read needed, so much was in memory ("segment", "tail", "liveness") and so much was not.
	Remembered(kind string, hits, misses int)
}

// New returns a Memory that holds at most maxBytes. Lateness is how late a line may arrive.
func New(lateness time.Duration, maxBytes int64, observer Observer) *Memory {
	return &Memory{lateness: lateness, maxBytes: maxBytes, observer: observer, byKey: map[segmentKey]*segment{}, order: list.New(), alive: map[string]*aliveness{}, grown: map[string][]grown{}}
}

// Size is what is remembered of hits, in bytes.
func (m *Memory) Size() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bytes
}

// Fetcher reads a span of one track from the store.
type Fetcher func(ctx context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error)

// Read returns the hits of a track in [start, end), from memory where it has them. track names everything that the
// answer depends on: identity, selector, matchers, signatures. now is the wall clock.
func (m *Memory) Read(ctx context.Context, track string, start, end, now time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	closed := now.Add(-m.lateness).Truncate(segmentLength)
	first := start.Truncate(segmentLength)
	last := end.Truncate(segmentLength)
	if last.Before(end) {
		last = last.Add(segmentLength)
	}
	if last.After(closed) {
		last = closed
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The open end is read beside the closed part, or before it; it is waited for before Read returns.
	tail := make(chan part, 1)
	open := latest(first, closed)
	reading := end.After(open)
	if reading {
		go func() { tail <- m.tailPart(ctx, track, open, end, now, fetch) }()
	}
	var newest part
	wait := func() {
		if reading {
			reading, newest = false, <-tail
		}
	}
	defer func() {
		cancel()
		wait()
	}()

	total := &logs.Coverage{}
	var hits []match.Line
	add := func(more []match.Line, cov *logs.Coverage) {
		hits = append(hits, more...)
		total.Merge(cov)
	}

	own, mark := logs.WithPart(ctx)
	defer mark.End()
	mine, others, empty := m.claim(own, track, first, last, now)
	total.Windows = append(total.Windows, empty...)
	m.observer.Remembered("segment", len(others), len(mine))
	if len(mine) > fewSegments {
		wait()
	}
	for len(mine) > 0 {
		n := contiguous(mine)
		more, cov, err := m.fill(own, track, mine[:n], now, fetch)
		add(more, cov)
		if err != nil {
			m.abandon(track, mine[n:])
			return cut(hits, start, end), total, err
		}
		mine = mine[n:]
	}
	for _, at := range others {
		more, cov, err := m.await(ctx, track, at, fetch)
		add(more, cov)
		if err != nil {
			return cut(hits, start, end), total, err
		}
	}
	wait()
	add(newest.hits, newest.coverage)
	return cut(hits, start, end), total, newest.err
}

// age returns how long ago something was read, and whether it may be believed: not what was never read, nor what was read
// with a clock that was ahead. Readers look at the clock before they wait for each other, so who waited may be a little
// older than what it waited for.
func age(readAt, now time.Time) (time.Duration, bool) {
	old := now.Sub(readAt)
	return max(old, 0), !readAt.IsZero() && old > -TailShared
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func cut(hits []match.Line, start, end time.Time) []match.Line {
	return slices.DeleteFunc(hits, func(h match.Line) bool { return h.Time.Before(start) || !h.Time.Before(end) })
}

// claim returns the segments of [first, last) that the caller has to read, now marked as pending, those that are
// known or being read by another, and the days that are known to have no hits.
func (m *Memory) claim(ctx context.Context, track string, first, last, now time.Time) (mine, others []time.Time, empty []logs.Window) {
	m.mu.Lock()
	defer m.mu.Unlock()
	spans := m.grown[familyOf(track)]
	for at := first; at.Before(last); at = at.Add(segmentLength) {
		if w, ok := m.knownDay(track, at, last, spans, now); ok {
			empty = append(empty, w)
			at = w.End.Add(-segmentLength)
			continue
		}
		key := segmentKey{track: track, start: at.UnixNano()}
		if s := m.byKey[key]; s != nil {
			if s.readAt.IsZero() || m.believed(spans, at, at.Add(segmentLength), s.readAt, now) {
				others = append(others, at)
				continue
			}
			m.forget(key)
		}
		m.byKey[key] = pending(ctx)
		mine = append(mine, at)
	}
	return mine, others, empty
}

// knownDay returns what is left from a time on of a day that is known to have no hits. The caller holds mu.
func (m *Memory) knownDay(track string, at, last time.Time, spans []grown, now time.Time) (logs.Window, bool) {
	from := at.Truncate(day)
	s := m.byKey[segmentKey{track: track, start: from.UnixNano(), day: true}]
	if s == nil {
		return logs.Window{}, false
	}
	if !m.believed(spans, from, from.Add(day), s.readAt, now) {
		m.forget(segmentKey{track: track, start: from.UnixNano(), day: true})
		return logs.Window{}, false
	}
	m.touch(s)
	return logs.Window{Start: at, End: earliest(from.Add(day), last), State: logs.Complete}, true
}

// pending is a segment that is about to be read.
func pending(ctx context.Context) *segment {
	return &segment{done: make(chan struct{}), reader: logs.PriorityOf(ctx)}
}

// wait returns when a segment is read or given up, or ctx ends. An alert that waits makes the reader as urgent.
func (s *segment) wait(ctx context.Context) error {
	if logs.PriorityOf(ctx).Urgent() {
		s.reader.Raise()
	}
	select {
	case <-s.done: // also when time has run out: what is remembered belongs to the part that can be told
		return nil
	default:
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a shared read: %w", ctx.Err())
	}
}

// contiguous returns how many of the segments follow each other without a gap.
func contiguous(at []time.Time) int {
	n := 1
	for n < len(at) && at[n].Sub(at[n-1]) == segmentLength {
		n++
	}
	return n
}

// abandon gives claimed segments up, so that whoever waits for them reads them himself.
func (m *Memory) abandon(track string, claimed []time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range claimed {
		key := segmentKey{track: track, start: at.UnixNano()}
		if s := m.byKey[key]; s != nil {
			close(s.done)
			m.forget(key)
		}
	}
}

// await returns a segment that is known or that another is reading.
func (m *Memory) await(ctx context.Context, track string, at time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	m.mu.Lock()
	s := m.byKey[segmentKey{track: track, start: at.UnixNano()}]
	m.mu.Unlock()
	if s != nil {
		if err := s.wait(ctx); err != nil {
			return nil, nil, err
		}
		if s.ok {
			m.mu.Lock()
			m.touch(s)
			m.mu.Unlock()
			return s.hits, &logs.Coverage{Windows: []logs.Window{{Start: at, End: at.Add(segmentLength), State: logs.Complete}}}, nil
		}
	}
	return fetch(ctx, at, at.Add(segmentLength))
}
