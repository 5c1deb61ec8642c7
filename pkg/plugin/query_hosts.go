package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
)

// hosts answers with the hosts that incidents name. The filter on states is about hosts: one that has recovered is
// resolved though its incident goes on elsewhere, so the incidents are selected without it.
func (d *Datasource) hosts(ctx context.Context, r request) (*data.Frame, error) {
	ofIncidents := r
	ofIncidents.States = nil
	a, err := d.answer(ctx, ofIncidents)
	if err != nil {
		return nil, err
	}
	return frames.Hosts(a, r.Query, d.view(r.Query, r.timeRange)), nil
}
