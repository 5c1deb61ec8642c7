package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// signatures answers with the catalogue and what each signature found in the range.
func (d *Datasource) signatures(ctx context.Context, r request) (*data.Frame, error) {
	a, err := d.answer(ctx, r)
	if err != nil {
		return nil, err
	}
	custom := func(id string) bool { return d.catalogue.custom[id] }
	seen := func(sig *signature.Signature) bool { return scan.Sees(d.config.Selectors, sig) }
	return frames.Signatures(a, d.view(r.Query, r.timeRange), custom, seen), nil
}
