package scan

import (
	"context"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// tailShared is how long the open end of a range is shared by the panels of one refresh.
const tailShared = 5 * time.Second

// tail returns the part of a range that is not closed yet. Reads of one refresh share it and add only what is newer.
func (m *segments) tail(ctx context.Context, track string, from, to, now time.Time, fetch fetcher) ([]*match.Match, *logs.Coverage, error) {
	key := segmentKey{track, 0}
	for {
		m.mu.Lock()
		s := m.byKey[key]
		if s == nil {
			s = pending(ctx)
			m.byKey[key] = s
			m.mu.Unlock()
			m.observer.Remembered("tail", 0, 1)
			return m.fillTail(ctx, key, s, from, to, now, fetch)
		}
		m.mu.Unlock()
		if err := s.wait(ctx); err != nil {
			return nil, nil, err
		}
		fresh := s.ok && now.Sub(s.readAt) < tailShared && !now.Before(s.readAt) && !from.Before(s.from)
		if fresh {
			m.observer.Remembered("tail", 1, 0)
		}
		if fresh && !to.After(s.to) {
			return cut(slices.Clone(s.hits), from, to), &logs.Coverage{Windows: []logs.Window{{Start: from, End: to, State: logs.Complete}}}, nil
		}
		if fresh {
			hits, cov, err := fetch(ctx, s.to, to)
			if cov != nil {
				cov.Add(logs.Window{Start: from, End: s.to, State: logs.Complete})
			}
			return append(cut(slices.Clone(s.hits), from, to), hits...), cov, err
		}
		m.mu.Lock()
		if m.byKey[key] == s {
			m.bytes -= s.bytes
			delete(m.byKey, key)
		}
		m.mu.Unlock()
	}
}

func (m *segments) fillTail(ctx context.Context, key segmentKey, s *segment, from, to, now time.Time, fetch fetcher) ([]*match.Match, *logs.Coverage, error) {
	published := false
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !published && m.byKey[key] == s {
			delete(m.byKey, key)
		}
		close(s.done)
	}()
	hits, cov, err := fetch(ctx, from, to)
	if err != nil || !complete(cov) {
		return hits, cov, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s.ok, s.hits, s.from, s.to, s.readAt = true, slices.Clone(hits), from, to, now
	s.bytes = size(key.track, hits, nil)
	m.bytes += s.bytes
	m.used++
	s.used = m.used
	published = true
	m.evict()
	return hits, cov, nil
}
