package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
)

// count answers with one number per signature, or not at all.
func (d *Datasource) count(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.decidable(ctx, r)
	if err != nil {
		return nil, err
	}
	stat := r.Stat
	if stat == "" {
		stat = query.StatActive
	}
	return frames.Count(a, d.view(r.Query, r.timeRange), stat), nil
}
