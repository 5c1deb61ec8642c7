package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
)

// timeline answers with a series per signature over the range.
func (d *Datasource) timeline(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	return frames.Timeline(a, r.Stat, r.step, d.view(r.Query, r.timeRange)), nil
}
