package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
)

// annotations answers with incidents as regions of a graph.
func (d *Datasource) annotations(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	return frames.Annotations(a, r.Stat, d.view(r.Query, r.timeRange)), nil
}
