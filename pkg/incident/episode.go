package incident

import (
	"time"

	"github.com/blueking/incidents/pkg/match"
)

// episode is a run of observations without a gap longer than the quiet time.
type episode struct {
	*group
	obs []*observation
}

// episodes splits what was detected at gaps in which the quiet time ran out for every unit that the lines before came
// from, so that an outage of a collector neither ends nor splits an incident.
func episodes(g *group, detected []*observation, clock quietClock) []episode {
	var out []episode
	var before trails
	start := 0
	for i := 1; i <= len(detected); i++ {
		before.add(detected[i-1], clock)
		if i == len(detected) || clock.gap(g, before, detected[i].Time) {
			out = append(out, episode{g, detected[start:i]})
			start, before = i, nil
		}
	}
	return out
}

// trail is the last line that came from a unit.
type trail struct {
	unit *Unit
	last time.Time
}

// trails are those of some lines, of which most come from one unit or few.
type trails []trail

func (t *trails) add(o *observation, clock quietClock) {
	unit := clock.unit(o.of)
	for i := range *t {
		if (*t)[i].unit == unit {
			(*t)[i].last = o.Time
			return
		}
	}
	*t = append(*t, trail{unit, o.Time})
}

// quietClock measures quiet time: time in which the unit that lines came from shipped lines.
type quietClock struct {
	unit func(k *match.Kind) *Unit
	max  time.Duration
}

// byTimeOnly is how many times longer silence must last where nothing but time says that a failure is over, and
// byTimeAtLeast how long at least.
const byTimeOnly, byTimeAtLeast = 2, 2 * time.Hour

// quiet returns how long silence of a unit means over.
func (c quietClock) quiet(g *group, u *Unit) time.Duration {
	quiet := g.sig.Resolve.Quiet.D()
	if u.ByTime {
		quiet = max(byTimeOnly*quiet, byTimeAtLeast)
	}
	if c.max > 0 && c.max < quiet {
		return c.max
	}
	return quiet
}

// gap reports whether the quiet time of every unit ran out before the next line.
func (c quietClock) gap(g *group, before trails, next time.Time) bool {
	for _, t := range before {
		quiet := c.quiet(g, t.unit)
		if next.Sub(t.last) <= quiet || t.unit.Live.Within(t.last, next) <= quiet {
			return false
		}
	}
	return true
}

// over returns when the quiet time of every unit was over; ok is false when it was not by limit.
func (c quietClock) over(g *group, of trails, limit time.Time) (at time.Time, longest time.Duration, ok bool) {
	for _, t := range of {
		end, reached := c.reaches(g, t, limit)
		if !reached {
			return time.Time{}, 0, false
		}
		if end.After(at) {
			at, longest = end, c.quiet(g, t.unit)
		}
	}
	return at, longest, len(of) > 0
}

// reaches returns when the quiet time that begins with a unit's last line is over.
func (c quietClock) reaches(g *group, t trail, limit time.Time) (time.Time, bool) {
	quiet := c.quiet(g, t.unit)
	if t.unit.Live.Within(t.last, limit) <= quiet {
		return time.Time{}, false
	}
	if !t.unit.Live.Known {
		return t.last.Add(quiet), true
	}
	left := quiet
	for w := range t.unit.Live.Clip(t.last, limit) {
		if span := w.End.Sub(w.Start); span < left {
			left -= span
			continue
		}
		return w.Start.Add(left), true
	}
	return limit, true
}
