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
	var failures, judging []frames.Explained
	for _, source := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, hit := range matcher.Line(source, r.Line) {
			if hit.Role == match.Neighbour {
				continue
			}
			is := frames.Explained{Source: source, Signature: hit.Signature, Term: hit.Term.Name, Captures: hit.Captures, Fails: hit.Fails()}
			if is.Fails {
				failures = append(failures, is)
			} else {
				judging = append(judging, is)
			}
		}
	}
	worse := func(a, b frames.Explained) int {
		return cmp.Compare(a.Signature.Severity.Rank(), b.Signature.Severity.Rank())
	}
	slices.SortStableFunc(failures, worse)
	slices.SortStableFunc(judging, worse)
	if len(failures) == 0 {
		failures = d.nearest(matcher, sources, r.Line)
	}
	return frames.Explain(r.Line, append(failures, judging...), d.view(r.Query, r.timeRange)), nil
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
