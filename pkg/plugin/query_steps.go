package plugin

import (
	"context"
	"errors"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
)

// steps answers with the remediation of an incident, or of signatures without looking at any log.
func (d *Datasource) steps(ctx context.Context, r request) (*data.Frame, error) {
	chosen, err := r.Choose(d.catalogue.set)
	if err != nil {
		return nil, err
	}
	v := d.view(r.Query, r.timeRange)
	if r.Incident != "" {
		a, err := d.answer(ctx, r)
		var said *query.Error
		switch {
		case err == nil:
			// Of several episodes the first: active before resolved, newest first.
			i := &a.Incidents[0]
			return frames.Steps([]frames.Runbook{{Signature: i.Signature, Incident: i}}, a.Scan, v), nil
		case len(r.Signatures) == 0 || !errors.As(err, &said) || !said.NotFound:
			return nil, err
		}
		// The incident is out of range, but what to do about its signature is known.
	}
	var books []frames.Runbook
	for _, s := range chosen {
		books = append(books, frames.Runbook{Signature: s})
	}
	return frames.Steps(books, nil, v), nil
}
