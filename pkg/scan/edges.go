package scan

import (
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// edges returns, for every selector whose source has an incident of the range that may have begun before what was read,
// the next edge: twice as far back, up to the cap.
func (r *run) edges(incidents []incident.Incident, start time.Time) map[int]time.Time {
	next := map[int]time.Time{}
	farthest := start.Add(-r.o.LookbackMax)
	for i := range incidents {
		inc := &incidents[i]
		if inc.EndOr(r.now).Before(r.req.Start) {
			continue
		}
		if inc.StartKnown {
			// Selectors are read as far back as their quiet time asks for. One that was read less far may hold more
			// lines of the incident: its count must not depend on the range that is asked for.
			r.lower(next, inc.Evidence[0].Term.Source, inc.Start.Add(-incident.JoinWithin), farthest)
			continue
		}
		from := r.unit(inc.Evidence[0].Kind).ReadFrom
		if from.After(farthest) {
			r.lower(next, inc.Evidence[0].Term.Source, start.Add(-2*start.Sub(from)), farthest)
		}
	}
	for i := range incidents {
		if inc := &incidents[i]; !inc.EndOr(r.now).Before(r.req.Start) || !inc.Last.Before(r.req.Start) {
			r.causeEdges(inc, farthest, next)
		}
	}
	return next
}

// causeEdges lowers the edges of the sources in which an incident's causes would have been logged: a verdict must not
// depend on the range that is asked for.
func (r *run) causeEdges(inc *incident.Incident, farthest time.Time, next map[int]time.Time) {
	for _, rel := range inc.Signature.Cause {
		if cause, ok := r.set.Get(rel.Signature); ok {
			r.lower(next, cause.DetectSource(), inc.Start.Add(-rel.Within.D()), farthest)
		}
	}
}

// lower lowers the edges of a source's selectors, where they were read so far only to something later.
func (r *run) lower(next map[int]time.Time, source signature.Source, edge, farthest time.Time) {
	if edge.Before(farthest) {
		edge = farthest
	}
	for i, sel := range r.selectors {
		planned, planning := next[i]
		if sel.Source == source && r.errs[source] == nil && edge.Before(r.from[i]) && (!planning || edge.Before(planned)) {
			next[i] = edge
		}
	}
}
