package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// settled is how long ago it must be that a source shipped lines, or none, for the answer to stand: Loki counts lines
// that it has not yet written to its store with the time of the whole chunk (chunk_idle_period is 30 minutes by default).
const settled = time.Hour

// wholeSteps is a multiple of the steps in which stores count: half of a step may be silent where the whole is not.
const wholeSteps = 5 * time.Minute

// maxAlive bounds the tracks whose liveness is remembered: matchers that users choose make tracks.
const maxAlive = 1000

// aliveness is what is remembered of when a track shipped lines. Who holds turn may use the rest, but for used and
// asking, the priority of who holds it: segments.mu guards them.
type aliveness struct {
	used       time.Time
	asking     *logs.Priority
	turn       chan struct{}
	live       logs.Shipping
	start, end time.Time
	// readAt is when the end was asked for, wholeAt when all of it was.
	readAt, wholeAt time.Time
	// late are the units whose newest lines came late.
	late map[string]lag
}

// Asker asks the store when a track shipped lines in [start, end).
type Asker func(ctx context.Context, start, end time.Time) (logs.Shipping, error)

// Live returns when a track shipped lines. The panels of one refresh, whose ranges differ by milliseconds, share an
// answer: liveness is counted in minutes. A refresh asks for what is not settled, and hourly for all of it.
func (m *Memory) Live(ctx context.Context, track string, start, end, now time.Time, ask Asker) (logs.Shipping, error) {
	known := m.aliveness(ctx, track, now)
	select {
	case known.turn <- struct{}{}:
		defer func() { <-known.turn }()
	case <-ctx.Done():
		return logs.Shipping{}, fmt.Errorf("wait for a shared read: %w", ctx.Err())
	}
	ctx, mark := m.asks(ctx, known)
	defer mark.End()
	old, believable := age(known.readAt, now)
	covers := believable &&
		!start.Before(known.start.Add(-TailShared)) && !end.Before(known.end.Add(-TailShared))
	if covers && old < TailShared && !end.After(known.end.Add(TailShared)) {
		m.observer.Remembered("liveness", 1, 0)
		return known.live, nil
	}
	from := known.end.Add(-settled).Truncate(wholeSteps)
	if !covers || !known.live.All.Known || now.Sub(known.wholeAt) >= Recheck || !from.After(start) || end.Sub(from) > 2*settled {
		m.observer.Remembered("liveness", 0, 1)
		return m.whole(ctx, track, known, start, end, now, ask)
	}
	m.observer.Remembered("liveness", 1, 0)
	if live, ok := held(known.live, from, end); ok {
		known.live, known.end = live, end
		return live, nil
	}
	recent, err := ask(ctx, from, end)
	if err != nil || !recent.All.Known {
		return recent, err
	}
	if returned(known.live, recent, end) { // with what it could not ship before
		return m.whole(ctx, track, known, start, end, now, ask)
	}
	older := known.live
	known.live = known.live.Join(recent, from)
	m.grew(track, known, older, from, now)
	known.end, known.readAt = end, now
	return known.live, nil
}

// asks tells those who wait for the turn who has it: an alert among them makes the question urgent.
func (m *Memory) asks(ctx context.Context, known *aliveness) (context.Context, *logs.Priority) {
	ctx, mark := logs.WithPart(ctx)
	m.mu.Lock()
	known.asking = mark
	m.mu.Unlock()
	return ctx, mark
}

// whole asks for all of a range anew.
func (m *Memory) whole(ctx context.Context, track string, known *aliveness, start, end, now time.Time, ask Asker) (logs.Shipping, error) {
	live, err := ask(ctx, start, end)
	if err != nil {
		return live, err
	}
	older, since := known.live, latest(start, known.start)
	known.live = live
	if _, believable := age(known.readAt, now); believable {
		m.grew(track, known, older, since, now)
	}
	known.start, known.end, known.readAt, known.wholeAt = start, end, now, now
	return live, nil
}

// silentFor is how long a unit must have been silent for its return to bring a backlog.
const silentFor = 30 * time.Minute

// returned reports whether a unit ships lines again after a silence.
func returned(before, recent logs.Shipping, end time.Time) bool {
	from := end.Add(-silentFor)
	if before.All.Within(from.Add(-silentFor), from) == 0 && before.All.Within(from, end) == 0 && recent.All.Within(from, end) > 0 {
		return true
	}
	for unit, l := range recent.Units {
		if old := before.Of(unit); old.Within(from.Add(-silentFor), end) == 0 && l.Within(from, end) > 0 {
			return true
		}
	}
	return false
}

// Past returns when a track shipped lines before the time that Live is asked for. It is asked once an hour: what is that
// old does not change, and it is needed of units that have been silent since.
func (m *Memory) Past(ctx context.Context, track string, start, end, now time.Time, ask Asker) (logs.Shipping, error) {
	known := m.aliveness(ctx, "past "+track, now)
	select {
	case known.turn <- struct{}{}:
		defer func() { <-known.turn }()
	case <-ctx.Done():
		return logs.Shipping{}, fmt.Errorf("wait for a shared read: %w", ctx.Err())
	}
	ctx, mark := m.asks(ctx, known)
	defer mark.End()
	if old, believable := age(known.readAt, now); believable && old < Recheck && !start.Before(known.start) {
		return known.live, nil
	}
	live, err := ask(ctx, start, end)
	if err != nil {
		return live, err
	}
	known.live, known.start, known.end, known.readAt = live, start, end, now
	return live, nil
}

// held returns what is known up to a later end without asking: every unit shipped lines all the time
// from on, and the answer counts the rest of the step that it ends in.
func held(live logs.Shipping, from, end time.Time) (logs.Shipping, bool) {
	units := make(map[string]logs.Liveness, len(live.Units))
	for unit, l := range live.Units {
		longer, ok := heldUnit(l, from, end)
		if !ok {
			return logs.Shipping{}, false
		}
		units[unit] = longer
	}
	all, ok := heldUnit(live.All, from, end)
	if live.Units == nil {
		units = nil
	}
	return logs.Shipping{All: all, Units: units}, ok
}

func heldUnit(l logs.Liveness, from, end time.Time) (logs.Liveness, bool) {
	n := len(l.Windows)
	if n == 0 || end.After(l.Holds) || l.Windows[n-1].Start.After(from) {
		return logs.Liveness{}, false
	}
	l.Windows = slices.Clone(l.Windows)
	l.Windows[n-1].End = end
	return l, true
}

// aliveness returns what is remembered of a track, and forgets tracks that nobody asked for in a while, or for the longest
// while when there are too many. An alert that asks makes who asks already as urgent.
func (m *Memory) aliveness(ctx context.Context, track string, now time.Time) *aliveness {
	m.mu.Lock()
	defer m.mu.Unlock()
	oldest, since := "", time.Time{}
	for t, a := range m.alive {
		switch {
		case t == track:
		case now.Sub(a.used) >= Recheck:
			delete(m.alive, t)
		case oldest == "" || a.used.Before(since):
			oldest, since = t, a.used
		}
	}
	known := m.alive[track]
	if known == nil {
		if len(m.alive) >= maxAlive {
			delete(m.alive, oldest)
		}
		known = &aliveness{turn: make(chan struct{}, 1)}
		m.alive[track] = known
	}
	known.used = now
	if known.asking != nil && logs.PriorityOf(ctx).Urgent() {
		known.asking.Raise()
	}
	return known
}
