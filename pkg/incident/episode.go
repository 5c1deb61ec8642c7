package incident

import (
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// episode is a run of observations without a gap longer than the quiet time.
type episode struct {
	*group
	obs []*observation
}

// episodes splits what was detected at gaps longer than the quiet time. Quiet time runs only while the source ships
// lines, so an outage of the collector neither ends nor splits an incident.
func episodes(g *group, detected []*observation, clock quietClock) []episode {
	var out []episode
	quiet := clock.quiet(g)
	start := 0
	for i := 1; i <= len(detected); i++ {
		if i == len(detected) || clock.between(g, detected[i-1].Time, detected[i].Time) > quiet {
			out = append(out, episode{g, detected[start:i]})
			start = i
		}
	}
	return out
}

// quietClock measures quiet time: time in which all sources of a signature's detect terms shipped lines.
type quietClock struct {
	live func(g *group) logs.Liveness
	max  time.Duration
}

// quiet returns how long silence means over.
func (c quietClock) quiet(g *group) time.Duration {
	quiet := g.sig.Resolve.Quiet.D()
	if c.max > 0 && c.max < quiet {
		return c.max
	}
	return quiet
}

func (c quietClock) between(g *group, from, to time.Time) time.Duration {
	return c.live(g).Within(from, to)
}

// reaches returns when the quiet time that begins at from is over; ok is false when it is not by limit.
func (c quietClock) reaches(g *group, from, limit time.Time) (time.Time, bool) {
	quiet := c.quiet(g)
	if c.between(g, from, limit) <= quiet {
		return time.Time{}, false
	}
	live := c.live(g)
	if !live.Known {
		return from.Add(quiet), true
	}
	left := quiet
	for _, w := range live.Windows {
		start := w.Start
		if start.Before(from) {
			start = from
		}
		if !w.End.After(start) {
			continue
		}
		if span := w.End.Sub(start); span < left {
			left -= span
			continue
		}
		return start.Add(left), true
	}
	return limit, true
}
