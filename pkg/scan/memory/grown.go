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

// believed reports whether what was read of [from, to) at a time may be used. The caller holds mu.
func (m *Memory) believed(spans []grown, from, to, readAt, now time.Time) bool {
	if now.Before(readAt) || now.Sub(readAt) >= Recheck { // the first: read with a clock that was ahead
		return false
	}
	for _, g := range spans {
		if g.Start.Before(to) && from.Before(g.End) && readAt.Before(g.until) && now.Sub(readAt) >= rereadAfter {
			return false
		}
	}
	return true
}
