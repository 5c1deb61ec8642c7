package scan

import (
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// edges returns, for every source with an incident of the range that may have begun before what was read, the next
// edge: twice as far back, up to the cap.
func (r *run) edges(incidents []incident.Incident, start time.Time) map[signature.Source]time.Time {
	next := map[signature.Source]time.Time{}
	farthest := start.Add(-r.o.LookbackMax)
	for i := range incidents {
		inc := &incidents[i]
		source := inc.Evidence[0].Term.Source
		from := r.from[source]
		if inc.StartKnown || !from.After(farthest) || inc.EndOr(r.now).Before(r.req.Start) || r.errs[source] != nil {
			continue
		}
		edge := start.Add(-2 * start.Sub(from))
		if edge.Before(farthest) {
			edge = farthest
		}
		next[source] = edge
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
func (r *run) causeEdges(inc *incident.Incident, farthest time.Time, next map[signature.Source]time.Time) {
	for _, rel := range inc.Signature.Cause {
		cause, ok := r.o.Set.Get(rel.Signature)
		if !ok {
			continue
		}
		source := cause.DetectSource()
		edge := inc.Start.Add(-rel.Within.D())
		if edge.Before(farthest) {
			edge = farthest
		}
		planned, planning := next[source]
		if from, read := r.from[source]; read && r.errs[source] == nil && edge.Before(from) && (!planning || edge.Before(planned)) {
			next[source] = edge
		}
	}
}
