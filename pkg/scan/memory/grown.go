package memory

import (
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

const (
	// rereadAfter is how often a span into which lines keep coming is read again.
	rereadAfter = time.Minute
	// mostGrown bounds the spans that are remembered of a family.
	mostGrown = 20
)

// grown is a span in which a store has lines now that it did not have before: a backlog after an outage, a collector or a
// clock that is late. What was read of it before until is not believed, for whomever it was read.
type grown struct {
	logs.Window
	until time.Time
}

// Family is the part of a track that says which streams it is of, whatever filters narrow them and whoever asks.
func Family(selector string) string { return selector + "\x00" }

func familyOf(track string) string {
	family, _, _ := strings.Cut(track, "\x00")
	return family
}

// grow compares two answers about when a track shipped lines in [since, until), of which the newer one was got at now,
// and notes what the older one did not have.
func (m *Memory) grow(track string, older, newer logs.Liveness, since, until, now time.Time) {
	if !older.Known || !newer.Known {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	family := familyOf(track)
	spans := slices.DeleteFunc(m.grown[family], func(g grown) bool { return now.Sub(g.until) >= Recheck })
	for w := range newer.Clip(since, until) {
		at := w.Start
		for had := range older.Clip(w.Start, w.End) {
			if had.Start.After(at) {
				spans = append(spans, grown{logs.Window{Start: at, End: had.Start}, now.Add(m.lateness + wholeSteps)})
			}
			at = had.End
		}
		if w.End.After(at) {
			spans = append(spans, grown{logs.Window{Start: at, End: w.End}, now.Add(m.lateness + wholeSteps)})
		}
	}
	if len(spans) > mostGrown { // one over all of them
		for _, g := range spans[1:] {
			spans[0].Start = earliest(spans[0].Start, g.Start)
			spans[0].End, spans[0].until = latest(spans[0].End, g.End), latest(spans[0].until, g.until)
		}
		spans = spans[:1]
	}
	m.grown[family] = spans
}

// grew compares what is known now of when a track shipped lines with what was known before, unit by unit: another unit's
// lines do not make those that come late look timely. Who holds the turn calls it.
func (m *Memory) grew(track string, known *aliveness, older logs.Shipping, since, now time.Time) {
	until := known.end.Add(-m.lateness)
	m.grow(track, older.All, known.live.All, since, until, now)
	if older.Units == nil || known.live.Units == nil {
		m.delay(known, "", older.All, known.live.All, now)
		return
	}
	for unit, l := range known.live.Units {
		m.grow(track, older.Of(unit), l, since, until, now)
		m.delay(known, unit, older.Of(unit), l, now)
	}
}

// lag is how late a unit's newest line came at least, and when that was seen.
type lag struct {
	by time.Duration
	at time.Time
}

// lagFor is how long a lag is told after it was seen: the newest line of a unit moves on by steps.
const lagFor = 15 * time.Minute

// delay notes whether the newest line of a unit, which came since the last question, is older than lines may be. A line
// that fills a gap says nothing: Loki spreads those of a chunk over its time.
func (m *Memory) delay(known *aliveness, unit string, older, newer logs.Liveness, now time.Time) {
	if !older.Known || !newer.Known || !newer.Last().After(older.Last()) {
		return
	}
	by := known.end.Sub(newer.Last()) // it was not there when the store was last asked, about a time until then
	m.mu.Lock()
	defer m.mu.Unlock()
	if by <= m.lateness {
		delete(known.late, unit)
		return
	}
	if known.late == nil {
		known.late = map[string]lag{}
	}
	known.late[unit] = lag{by, now}
}

// Late returns by how much the newest lines of a unit of a track come later than they may, 0 when they do not.
func (m *Memory) Late(track, unit string, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.alive[track]
	if known == nil {
		return 0
	}
	l := known.late[unit]
	if old, believable := age(l.at, now); believable && old < lagFor {
		return l.by
	}
	return 0
}

// believed reports whether what was read of [from, to) at a time may be used. The caller holds mu.
func (m *Memory) believed(spans []grown, from, to, readAt, now time.Time) bool {
	old, believable := age(readAt, now)
	if !believable || old >= Recheck {
		return false
	}
	for _, g := range spans {
		if g.Start.Before(to) && from.Before(g.End) && readAt.Before(g.until) && old >= rereadAfter {
			return false
		}
	}
	return true
}
