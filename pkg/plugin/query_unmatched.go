package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

// maxErrorLines caps the error lines that are clustered, per stream selector; the answer says when it did.
const maxErrorLines = 20_000

// unmatched answers with the error lines that no signature explains, clustered, or with the share that one explains.
func (d *Datasource) unmatched(ctx context.Context, r request) (*data.Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, d.config.QueryTimeout)
	defer cancel()
	res, err := d.finder().Find(ctx, d.errorLines(r))
	if err != nil {
		return nil, err
	}
	v := d.view(r.Query, r.timeRange)
	switch r.Stat {
	case query.StatCoverage:
		return frames.ExplainedShare(res, v), nil
	case query.StatLines:
		return frames.UnexplainedLines(res, v), nil
	default:
		return frames.Unmatched(res, v), nil
	}
}

func (d *Datasource) finder() *unmatched.Finder {
	return unmatched.NewFinder(d.store, d.catalogue.set, d.config.Selectors, d.config.Labels.HostLabels)
}

// errorLines is what an unmatched query reads.
func (d *Datasource) errorLines(r request) unmatched.Request {
	var sources []signature.Source
	for _, s := range r.Sources {
		sources = append(sources, signature.Source(s))
	}
	start, end := widen(r.timeRange)
	if now := d.config.Clock(); now.Before(end) {
		end = now
	}
	return unmatched.Request{Start: start, End: end, Matchers: r.Matchers, Sources: sources, MaxLines: maxErrorLines}
}
