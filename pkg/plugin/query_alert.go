package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
)

// alertRange is how much of the time before now a rule has to see, whatever its relative range: a scan leaves out what
// ended before its range, and incident.AlertRows needs what ended in the last 15 minutes. The extra minute is for
// clocks that differ.
const alertRange = 16 * time.Minute

// alert answers with one row per fingerprint, or not at all.
func (d *Datasource) alert(ctx context.Context, r request) (*data.Frame, error) {
	r.timeRange = alertTime(r.timeRange)
	a, err := d.decidable(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.View == query.ViewEvidence {
		return frames.AlertEvidence(a, d.view(r.Query, r.timeRange)), nil
	}
	return frames.AlertIdentity(a, d.view(r.Query, r.timeRange)), nil
}

// alertTime is the range that an alert query reads.
func alertTime(r backend.TimeRange) backend.TimeRange {
	if far := r.To.Add(-alertRange); r.From.After(far) {
		r.From = far
	}
	return r
}

// decidable is an answer that a rule can trust: complete in every source that decides its rows.
func (d *Datasource) decidable(ctx context.Context, r request) (query.Answer, error) {
	chosen, err := r.Choose(d.catalogue.set)
	if err != nil {
		return query.Answer{}, err
	}
	chosen, err = d.detectable(chosen, len(r.Signatures) > 0)
	if err != nil {
		return query.Answer{}, err
	}
	a, err := d.answer(ctx, r)
	if err != nil {
		return query.Answer{}, err
	}
	if err := complete(a.Scan, chosen, needed(chosen, d.catalogue.set)); err != nil {
		return query.Answer{}, err
	}
	a.Signatures = chosen
	return a, nil
}
