package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

// maxErrorLines caps the error lines that are clustered, per stream selector; the answer says when it did.
const maxErrorLines = 20_000

// Ranges of unmatchedWhole and longer that go on are read as of the last full unmatchedStep.
const (
	unmatchedStep  = 5 * time.Minute
	unmatchedWhole = 6 * time.Hour
)

// unmatched answers with the error lines that no signature explains, clustered, or with the share that one explains.
func (d *Datasource) unmatched(ctx context.Context, r request) (*data.Frame, error) {
	res, err := d.unexplained(ctx, r)
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

// unexplained clusters the error lines of a range, once for all who ask for the same.
func (d *Datasource) unexplained(ctx context.Context, r request) (*unmatched.Result, error) {
	req := d.errorLines(r)
	name := fmt.Sprintf("%q %s", req.Sources, key(scan.Request{Start: req.Start, End: req.End, Matchers: req.Matchers, Identity: r.identity}))
	return d.unknown.get(ctx, name, d.config.QueryTimeout, func(ctx context.Context) (*unmatched.Result, error) {
		return d.finder.Find(ctx, req)
	})
}

// errorLines is what an unmatched query reads. Of a long range that goes on, whole steps: what signatures miss is work
// for tomorrow, and all of it would have to be read again at each refresh.
func (d *Datasource) errorLines(r request) unmatched.Request {
	var sources []signature.Source
	for _, s := range r.Sources {
		sources = append(sources, signature.Source(s))
	}
	start, end := widen(r.timeRange)
	now := d.config.Clock()
	if goesOn := end.After(now.Add(-unmatchedStep)); goesOn && end.Sub(start) >= unmatchedWhole {
		start, end = start.Truncate(unmatchedStep), end.Truncate(unmatchedStep)
	}
	if now.Before(end) {
		end = now
	}
	return unmatched.Request{Start: start, End: end, Matchers: r.Matchers, Sources: sources, MaxLines: maxErrorLines}
}
