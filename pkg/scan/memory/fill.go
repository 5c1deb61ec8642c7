package memory

import (
	"context"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// fill reads claimed segments in one go and publishes them. What was not read completely is forgotten. Where time ran
// out, or the store broke off, the segments that were read to their end are kept: otherwise a range that takes longer
// than a query may would be begun anew at each refresh, and never end.
func (m *Memory) fill(ctx context.Context, track string, claimed []time.Time, now time.Time, fetch Fetcher) ([]match.Line, *logs.Coverage, error) {
	left := claimed
	defer func() { m.abandon(track, left) }() // also when fetch panics: others must not wait without end
	hits, cov, err := fetch(ctx, claimed[0], claimed[len(claimed)-1].Add(segmentLength))
	switch {
	case err == nil && complete(cov):
		m.publish(track, claimed, hits, now)
		left = nil
	case err != nil || ctx.Err() != nil: // what a cap on lines left out stays out, so that it bounds memory
		var read []time.Time
		read, left = readWholly(claimed, cov)
		m.publish(track, read, hits, now)
	}
	return hits, cov, err
}

func complete(cov *logs.Coverage) bool {
	if cov == nil {
		return true
	}
	state, _ := cov.Worst()
	return state == logs.Complete
}

// readWholly parts segments into those that lie in what was read completely, and the rest.
func readWholly(claimed []time.Time, cov *logs.Coverage) (read, rest []time.Time) {
	var windows []logs.Window
	if cov != nil {
		for _, w := range cov.Windows {
			if w.State == logs.Complete {
				windows = append(windows, w)
			}
		}
	}
	slices.SortFunc(windows, func(a, b logs.Window) int { return a.Start.Compare(b.Start) })
	for _, at := range claimed {
		done := at
		for _, w := range windows {
			if !w.Start.After(done) && w.End.After(done) {
				done = w.End
			}
		}
		if done.Before(at.Add(segmentLength)) {
			rest = append(rest, at)
		} else {
			read = append(read, at)
		}
	}
	return read, rest
}

// publish remembers the hits of segments that were read.
func (m *Memory) publish(track string, read []time.Time, hits []match.Line, now time.Time) {
	counts := map[int64]int{}
	for _, h := range hits {
		counts[h.Time.Truncate(segmentLength).UnixNano()]++
	}
	byStart := make(map[int64][]match.Line, len(counts)) // without room to grow
	for _, h := range hits {
		at := h.Time.Truncate(segmentLength).UnixNano()
		if byStart[at] == nil {
			byStart[at] = make([]match.Line, 0, counts[at])
		}
		byStart[at] = append(byStart[at], h)
	}
	shared := map[*match.Kind]int64{}
	for _, segment := range byStart {
		for kind := range kinds(segment) {
			shared[kind]++
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	room := m.maxBytes / 2                // one read must not push out what all others need
	for n := len(read) - 1; n >= 0; n-- { // the newest are needed again first
		if n >= perDay-1 && emptyDay(read[n-perDay+1:n+1], byStart) {
			room -= m.keepDay(track, read[n-perDay+1:n+1], now)
			n -= perDay - 1
			continue
		}
		key := segmentKey{track: track, start: read[n].UnixNano()}
		s := m.byKey[key]
		s.ok, s.hits, s.readAt = true, byStart[read[n].UnixNano()], now
		s.bytes = size(track, s.hits, shared)
		close(s.done)
		if room -= s.bytes; room < 0 && n < len(read)-1 {
			delete(m.byKey, key)
			continue
		}
		m.keep(key, s)
	}
}

// emptySegment is what a segment without hits holds in memory, in bytes: most are empty, and every filter that somebody
// tries has a day of them.
const emptySegment = 512

// size estimates what a segment of a track holds in memory, in bytes. Lines count as they are packed; what its hits share
// counts once, and what as many segments share counts in part.
func size(track string, hits []match.Line, shared map[*match.Kind]int64) int64 {
	const perLine, perKind, perCapture = 80, 700, 16 // with their pointers and the first eight captures' map
	n := int64(emptySegment+len(track)) + perLine*int64(len(hits))
	for _, h := range hits {
		n += h.Line.Size()
	}
	for kind := range kinds(hits) {
		held := int64(perKind)
		for _, v := range kind.Captures {
			held += int64(len(v)) + perCapture
		}
		n += held / max(1, shared[kind])
	}
	return n
}

// kinds are those of some hits.
func kinds(hits []match.Line) map[*match.Kind]bool {
	out := map[*match.Kind]bool{}
	for _, h := range hits {
		for _, kind := range h.Kinds {
			out[kind] = true
		}
	}
	return out
}
