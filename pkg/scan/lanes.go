package scan

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// lane is what is read of one unit only, farther back than its selector: the unit has been silent since, and what was
// failing then may fail still.
type lane struct {
	unitKey
	matchers []logs.Matcher
	from     time.Time
	found    []match.Line
	read     bool
}

// of reports whether a lane reads the lines of a unit.
func (l *lane) of(key unitKey) bool {
	if l.host != "" {
		return l.label == key.label && l.host == key.host
	}
	return l.cluster == key.cluster
}

// part is what was found of one selector, of all its units or of one.
type part struct {
	selector int
	found    []match.Line
}

// parts returns all that was found so far, each line once.
func (r *run) parts() []part {
	out := make([]part, 0, len(r.found)+len(r.lanes))
	for i, found := range r.found {
		out = append(out, part{i, found})
	}
	for _, l := range r.lanes {
		older := slices.DeleteFunc(slices.Clone(l.found), func(m match.Line) bool { return !m.Time.Before(r.from[l.selector]) })
		out = append(out, part{l.selector, older})
	}
	return out
}

// silences adds lanes for the units that shipped too little before start for what was read to show what they left, and
// returns the edges of the selectors that have but one unit.
func (r *run) silences(start time.Time) map[int]time.Time {
	farther := map[int]time.Time{}
	for i, sel := range r.selectors {
		from, enough := r.from[i], r.enough(sel.Source)
		farthest := start.Add(-r.o.LookbackMax)
		switch {
		case !r.asked[i] && r.anyKnown():
			if farthest.Before(from) { // a host that is silent is not known before its lines are read
				farther[i] = farthest
			}
		case len(r.ships[i].Units) < 2:
			if edge := r.reach(r.ships[i].All, start, enough); edge.Before(from) {
				farther[i] = edge
			}
		default:
			for cluster, live := range r.ships[i].Units {
				if edge := r.reach(live, start, enough); edge.Before(from) {
					r.lanes = append(r.lanes, &lane{
						unitKey: unitKey{selector: i, cluster: cluster}, from: edge,
						matchers: append(slices.Clone(r.req.Matchers), r.inCluster(cluster)),
					})
				}
			}
		}
	}
	slices.SortFunc(r.lanes, func(a, b *lane) int { return a.from.Compare(b.from) })
	r.lanes = append(r.lanes, r.standing.lanes(r, start)...)
	return farther
}
