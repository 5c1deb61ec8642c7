package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
)

// evidence answers with the matching log lines.
func (d *Datasource) evidence(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	return frames.Evidence(a, r.View, d.view(r.Query, r.timeRange)), nil
}
