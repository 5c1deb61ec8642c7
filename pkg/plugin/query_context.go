package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
)

// Lines of a context query, unless it says otherwise, and at most.
const (
	defaultContext = 50
	mostContext    = 1000
)

// context answers with the lines of one stream beside an instant, which is one end of the range.
func (d *Datasource) context(ctx context.Context, r request) (*data.Frame, error) {
	labels := model.LabelSet{}
	for _, m := range r.Matchers {
		labels[model.LabelName(m.Name)] = model.LabelValue(m.Value)
	}
	n := min(r.Limit, mostContext)
	if n == 0 {
		n = defaultContext
	}
	ctx, cancel := context.WithTimeout(ctx, d.config.QueryTimeout)
	defer cancel()
	near, err := d.scanner.Beside(ctx, scan.Beside{
		Labels: labels, Start: r.timeRange.From, End: r.timeRange.To, Last: r.View != query.ViewAfter, Lines: n,
	})
	if err != nil {
		return nil, err
	}
	return frames.Context(near, d.view(r.Query, r.timeRange)), nil
}
