package plugin

import (
	"cmp"
	"context"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// maxNearest is how many terms are named that a line nearly is.
const maxNearest = 5

// explain answers with what one line is. A line alone does not say which source it is of, so it is tried as one of each
// that the query names, or of all.
func (d *Datasource) explain(ctx context.Context, r request) (*data.Frame, error) {
	sources := d.catalogue.set.Sources()
	if len(r.Sources) > 0 {
		sources = nil
		for _, s := range r.Sources {
			sources = append(sources, signature.Source(s))
		}
	}
	matcher := d.scanner.Matcher()
	var found []frames.Explained
	fails := false
	for _, source := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, hit := range matcher.Line(source, r.Line) {
			if hit.Role == match.Neighbour {
				continue
			}
			detects := hit.Role == match.Detects && hit.Term.Name != hit.Signature.Detect.Absent
			fails = fails || detects
			found = append(found, frames.Explained{Source: source, Signature: hit.Signature, Term: hit.Term.Name, Captures: hit.Captures, Detects: detects})
		}
	}
	// A failure first; of what only judges, and tells of a recovery most often, the signatures in order.
	slices.SortStableFunc(found, func(a, b frames.Explained) int {
		return cmp.Or(ordinal(b.Detects)-ordinal(a.Detects), cmp.Compare(a.Signature.Severity.Rank(), b.Signature.Severity.Rank()))
	})
	if !fails {
		found = append(d.nearest(matcher, sources, r.Line), found...)
	}
	return frames.Explain(r.Line, found, d.view(r.Query, r.timeRange)), nil
}

// nearest are the terms that a line comes nearest to.
func (d *Datasource) nearest(matcher *match.Matcher, sources []signature.Source, line string) []frames.Explained {
	var out []frames.Explained
	for _, source := range sources {
		near := matcher.Nearest(source, line)
		for i := range near[:min(len(near), maxNearest)] {
			out = append(out, frames.Explained{Source: source, Signature: near[i].Signature, Term: near[i].Term.Name, Near: &near[i]})
		}
	}
	return out[:min(len(out), maxNearest)]
}

func ordinal(b bool) int {
	if b {
		return 1
	}
	return 0
}
