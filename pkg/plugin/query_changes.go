package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/frames"
)

// beforeHeld is how long what was before an incident is kept: it does not change, but for lines that come late.
const beforeHeld = time.Hour

// changes answers with what was different before an incident began. Of several episodes it is the first: active before
// resolved, newest first.
func (d *Datasource) changes(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	inc := &a.Incidents[0]
	res, err := d.before.get(ctx, r.identity+" "+inc.ID, d.config.QueryTimeout, func(ctx context.Context) (*changes.Result, error) {
		return changes.NewFinder(d.store, d.scanner, d.config.Selectors, d.config.Labels.ClusterLabel).Find(ctx, inc)
	})
	if err != nil {
		return nil, err
	}
	return frames.Changes(res, d.view(r.Query, r.timeRange)), nil
}
