package logs

import (
	"iter"
	"maps"
	"slices"
	"sort"
	"time"
)

// State says how completely a window of time was read.
type State string

// The states of a window.
const (
	Complete State = "complete" // every matching line was yielded
	Capped   State = "capped"   // a cap on lines, bytes or time stopped the reading
	Failed   State = "failed"   // the store refused or broke off
)

// Window is a span of time [Start, End) and how completely it was read.
type Window struct {
	Start, End time.Time
	State      State
	// Reason says why a window is not complete, in a sentence for the user.
	Reason string
}

// Coverage tells which windows a Source read. It is complete after the iterator it came with has ended.
// A Coverage belongs to the goroutine that iterates.
type Coverage struct {
	Windows []Window
	// Lines and Bytes count what was received, whatever a Sieve left out of it; Requests counts calls to the store.
	Lines, Bytes int64
	Requests     int
}

// Add records a window.
func (c *Coverage) Add(w Window) { c.Windows = append(c.Windows, w) }

// Merge adds what another read covered and cost; nil adds nothing.
func (c *Coverage) Merge(other *Coverage) {
	if other == nil {
		return
	}
	c.Windows = append(c.Windows, other.Windows...)
	c.Lines += other.Lines
	c.Bytes += other.Bytes
	c.Requests += other.Requests
}

// Worst returns the worst state with its reason: Failed before Capped before Complete.
func (c *Coverage) Worst() (State, string) {
	state, reason := Complete, ""
	for _, w := range c.Windows {
		switch {
		case w.State == Failed:
			return Failed, w.Reason
		case w.State == Capped && state == Complete:
			state, reason = Capped, w.Reason
		}
	}
	return state, reason
}

// Liveness tells in which windows a source shipped any line at all. Windows are disjoint and sorted.
// Known is false when the store cannot tell; then a source counts as live.
//
// Holds is until when asking again with a later end only moves the end of the last window: the answer counts the rest of
// the step that it ends in. Zero when the store says no such thing.
type Liveness struct {
	Known   bool
	Windows []Window
	Holds   time.Time
}

// NewLiveness sorts and joins touching windows.
func NewLiveness(windows []Window) Liveness {
	sort.Slice(windows, func(i, j int) bool { return windows[i].Start.Before(windows[j].Start) })
	joined := make([]Window, 0, len(windows))
	for _, w := range windows {
		if n := len(joined); n > 0 && !w.Start.After(joined[n-1].End) {
			if w.End.After(joined[n-1].End) {
				joined[n-1].End = w.End
			}
			continue
		}
		joined = append(joined, w)
	}
	return Liveness{Known: true, Windows: joined}
}

// Within returns how much of [from, to) the source was shipping lines.
func (l Liveness) Within(from, to time.Time) time.Duration {
	if to.Before(from) {
		return 0
	}
	if !l.Known {
		return to.Sub(from)
	}
	var sum time.Duration
	for w := range l.Clip(from, to) {
		sum += w.End.Sub(w.Start)
	}
	return sum
}

// Clip yields what of the windows lies in [from, to).
func (l Liveness) Clip(from, to time.Time) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		for _, w := range l.Windows {
			if w.Start.Before(from) {
				w.Start = from
			}
			if w.End.After(to) {
				w.End = to
			}
			if w.End.After(w.Start) && !yield(w) {
				return
			}
		}
	}
}

// LiveRequest asks when the streams of a selector shipped lines in [Start, End).
type LiveRequest struct {
	Selector string
	Matchers []Matcher
	// By is the label that tells units apart: what can fail alone. "" takes all streams as one unit.
	By string
	// Without are selectors whose streams do not count.
	Without    []string
	Start, End time.Time
	// Coarse asks for few steps: the answer costs a store as much as it has of them.
	Coarse bool
}

// Shipping is when streams shipped lines: all together, and by unit.
type Shipping struct {
	// All is when any of them did. When it is not Known, neither is a unit.
	All Liveness
	// Units by the value of the label, "" for streams without it. It is nil where the store does not tell them apart.
	Units map[string]Liveness
}

// Of returns when a unit shipped lines. One that the store does not name shipped none.
func (s Shipping) Of(unit string) Liveness {
	if s.Units == nil || !s.All.Known {
		return s.All
	}
	if l, ok := s.Units[unit]; ok {
		return l
	}
	return Liveness{Known: true}
}

// Join returns what s says before at and next says from then on. Both must be Known.
func (s Shipping) Join(next Shipping, at time.Time) Shipping {
	out := Shipping{All: s.All.Join(next.All, at)}
	if s.Units == nil || next.Units == nil {
		return out
	}
	out.Units = make(map[string]Liveness, len(s.Units))
	for unit, l := range s.Units {
		out.Units[unit] = l.Join(next.Of(unit), at)
	}
	for unit, l := range next.Units {
		if _, ok := s.Units[unit]; !ok {
			out.Units[unit] = Liveness{Known: true}.Join(l, at)
		}
	}
	return out
}

// Join returns what l says before at and next says from then on. Both must be Known.
func (l Liveness) Join(next Liveness, at time.Time) Liveness {
	windows := slices.Collect(l.Clip(time.Time{}, at))
	joined := NewLiveness(slices.AppendSeq(windows, next.Clip(at, endOfTime)))
	joined.Holds = next.Holds
	return joined
}

// Either returns when streams of two answers shipped lines.
func (s Shipping) Either(other Shipping) Shipping {
	if !s.All.Known || !other.All.Known {
		return Shipping{}
	}
	out := Shipping{All: s.All.Either(other.All)}
	if s.Units == nil || other.Units == nil {
		return out
	}
	out.Units = maps.Clone(s.Units)
	for unit, l := range other.Units {
		if before, ok := out.Units[unit]; ok {
			l = before.Either(l)
		}
		out.Units[unit] = l
	}
	return out
}

// endOfTime is later than any line.
var endOfTime = time.Unix(1<<40, 0)

// Last returns until when lines were shipped, zero when none were.
func (l Liveness) Last() time.Time {
	if n := len(l.Windows); n > 0 {
		return l.Windows[n-1].End
	}
	return time.Time{}
}

// Both returns when two units shipped lines at once. What is not known of one does not count against the other.
func (l Liveness) Both(other Liveness) Liveness {
	switch {
	case !l.Known:
		return other
	case !other.Known:
		return l
	}
	var windows []Window
	for _, w := range l.Windows {
		windows = slices.AppendSeq(windows, other.Clip(w.Start, w.End))
	}
	return NewLiveness(windows)
}

// Either returns when at least one of two units shipped lines.
func (l Liveness) Either(other Liveness) Liveness {
	switch {
	case !l.Known:
		return other
	case !other.Known:
		return l
	}
	out := NewLiveness(slices.Concat(l.Windows, other.Windows))
	out.Holds = l.Holds
	if other.Holds.After(out.Holds) {
		out.Holds = other.Holds
	}
	return out
}
