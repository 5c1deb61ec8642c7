package memory

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/match"
)

// entry is a remembered segment, or a day without hits, in order of use.
type entry struct {
	key   segmentKey
	bytes int64
}

// day is a span that is remembered in one entry when nothing was found in it: a year of silence must not push out the
// segments of today.
const day = 24 * time.Hour

// emptyDayBytes is what an empty day holds in memory.
const emptyDayBytes = 200

// lowWater is the share of the bound that is left when something has to be forgotten, in eighths: to forget one segment
// at a time would be to look for one at each read.
const lowWater = 7

// keep puts a segment that was read in front of the order of use, and forgets the last ones. The caller holds mu.
func (m *Memory) keep(key segmentKey, s *segment) {
	s.use = m.order.PushFront(&entry{key, s.bytes})
	m.bytes += s.bytes
	if m.bytes <= m.maxBytes {
		return
	}
	for m.bytes > m.maxBytes*lowWater/8 {
		last := m.order.Back()
		if last == nil {
			return
		}
		m.forget(last.Value.(*entry).key) //nolint:forcetypeassert // the list has nothing else
	}
}

// forget drops what is remembered under a key. A segment that is being read is dropped as well; who waits for it gets it.
// The caller holds mu.
func (m *Memory) forget(key segmentKey) {
	s := m.byKey[key]
	if s == nil {
		return
	}
	delete(m.byKey, key)
	if s.use != nil {
		m.order.Remove(s.use)
		m.bytes -= s.bytes
		s.use = nil
	}
}

// touch notes that a segment was used. The caller holds mu.
func (m *Memory) touch(s *segment) {
	if s.use != nil {
		m.order.MoveToFront(s.use)
	}
}

// perDay is how many segments a day has.
const perDay = int(day / segmentLength)

// emptyDay reports whether segments are those of a whole day, and have no hits.
func emptyDay(of []time.Time, hits map[int64][]match.Line) bool {
	first, last := of[0], of[len(of)-1]
	if !first.Truncate(day).Equal(first) || !last.Equal(first.Add(day-segmentLength)) {
		return false
	}
	return !slices.ContainsFunc(of, func(at time.Time) bool { return len(hits[at.UnixNano()]) > 0 })
}

// keepDay remembers a day without hits in one entry, and returns what that holds. The caller holds mu.
func (m *Memory) keepDay(track string, of []time.Time, now time.Time) int64 {
	for _, at := range of {
		key := segmentKey{track: track, start: at.UnixNano()}
		s := m.byKey[key]
		s.ok, s.readAt = true, now
		close(s.done)
		delete(m.byKey, key)
	}
	key := segmentKey{track: track, start: of[0].UnixNano(), day: true}
	m.forget(key)
	s := &segment{done: closedChannel, ok: true, readAt: now, bytes: emptyDayBytes + int64(len(track))}
	m.byKey[key] = s
	m.keep(key, s)
	return s.bytes
}

// closedChannel is done already.
var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()
