package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
)

// incidents answers with the table of incidents.
func (d *Datasource) incidents(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	return frames.Incidents(a, r.View, d.view(r.Query, r.timeRange)), nil
}
