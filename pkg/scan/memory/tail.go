package memory

import (
	"context"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// TailShared is how long the open end of a range is shared by the panels of one refresh.
const TailShared = 5 * time.Second

// sameEnd is how much the ends of ranges of one refresh differ: panels whose range ends in the future end with the clock.
const sameEnd = time.Second

// tail returns the part of a range that is not closed yet. Reads of one refresh share it and add only what is newer; the
// next refresh reads again only what was younger than lateness then.
func (m *Memory) tail(ctx context.Context, track string, from, to, now time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	key := segmentKey{track: track}
	for {
		m.mu.Lock()
		s := m.byKey[key]
		m.mu.Unlock()
		before := &segment{}
		if s != nil {
			if err := s.wait(ctx); err != nil {
				return nil, nil, err
			}
			old, believable := age(s.readAt, now)
			known := s.ok && believable && !from.Before(s.from)
			if known && old < TailShared {
				m.observer.Remembered("tail", 1, 0)
				if to.After(s.to) && to.Sub(s.to) < sameEnd {
					to = s.to
				}
				return s.upTo(ctx, from, to, s.to, fetch)
			}
			if known {
				before = s
			}
		}
		own, _ := logs.WithPart(ctx) // its reader ends it
		if mine := m.replace(own, key, s); mine != nil {
			m.observer.Remembered("tail", 0, 1)
			return m.fillTail(own, key, mine, before, from, to, now, fetch)
		}
	}
}

// replace puts a pending read in the place of what was there, nil where nothing was; it returns nil when another was quicker.
func (m *Memory) replace(ctx context.Context, key segmentKey, there *segment) *segment {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey[key] != there {
		return nil
	}
	m.forget(key)
	mine := pending(ctx)
	m.byKey[key] = mine
	return mine
}

// upTo returns the hits of [from, to): those before sure from memory, the rest from the store.
func (s *segment) upTo(ctx context.Context, from, to, sure time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	if !sure.After(from) {
		return fetch(ctx, from, to)
	}
	known := logs.Window{Start: from, End: earliest(sure, to), State: logs.Complete}
	hits := cut(slices.Clone(s.hits), known.Start, known.End)
	if !to.After(sure) {
		return hits, &logs.Coverage{Windows: []logs.Window{known}}, nil
	}
	more, cov, err := fetch(ctx, sure, to)
	if cov != nil {
		cov.Add(known)
	}
	return Prune(append(hits, more...), from, to, nil), cov, err
}

// fillTail reads the open end of a range, of which before has what was read by the last refresh, and publishes it.
func (m *Memory) fillTail(ctx context.Context, key segmentKey, s, before *segment, from, to, now time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	published := false
	defer func() {
		s.reader.End()
		m.mu.Lock()
		defer m.mu.Unlock()
		if !published && m.byKey[key] == s {
			delete(m.byKey, key)
		}
		close(s.done)
	}()
	sure := earliest(before.to, earliest(before.readAt, now).Add(-m.lateness))
	hits, cov, err := before.upTo(ctx, from, to, sure, fetch)
	if err != nil || !complete(cov) {
		return hits, cov, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s.ok, s.hits, s.from, s.to, s.readAt = true, slices.Clone(hits), from, to, now
	s.bytes = size(key.track, hits, nil)
	published = true
	if m.byKey[key] == s {
		m.keep(key, s)
	}
	return hits, cov, nil
}

// part is what one of two reads side by side gave.
type part struct {
	hits     []match.Line
	coverage *logs.Coverage
	err      error
}

// tailPart is tail for a goroutine of its own, where nobody else catches a panic.
func (m *Memory) tailPart(ctx context.Context, track string, from, to, now time.Time, fetch Fetcher) part {
	p, err := logs.Guarded(func() (p part, _ error) {
		p.hits, p.coverage, p.err = m.tail(ctx, track, from, to, now, fetch)
		return p, nil
	})
	if err != nil {
		p.err = err
	}
	return p
}
