package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/trend"
)

// review answers with how a range went. Its panels share one scan; error lines are read for the table of weeks only.
func (d *Datasource) review(ctx context.Context, r request) (*data.Frame, error) {
	res, err := d.read(ctx, r)
	if err != nil {
		return nil, err
	}
	start, end := widen(r.timeRange)
	if end.After(res.Now) {
		end = res.Now
	}
	in := trend.Input{
		Start: start, End: end, Partial: res.Partial(), Incidents: res.Incidents, Set: d.catalogue.set, Lang: d.lang(r.Query),
		Reachable: func(sig *signature.Signature) bool { return scan.Sees(d.config.Selectors, sig) },
		Custom:    func(sig *signature.Signature) bool { return d.catalogue.custom[sig.ID] },
	}
	if r.Stat == query.StatWeeks {
		if in.Weeks, err = d.weeks(ctx, r, start, end); err != nil {
			return nil, err
		}
	}
	return frames.Review(trend.New(in), r.Stat, res, d.view(r.Query, r.timeRange)), nil
}

// weeks counts the error lines of a range week by week. The range moves on with the clock, so weeks before the last are
// read in whole steps, as errorLines reads that one: those who look within a step share the answers.
func (d *Datasource) weeks(ctx context.Context, r request, start, end time.Time) ([]trend.Week, error) {
	var out []trend.Week
	for _, part := range trend.Parts(start, end) {
		ofWeek := r
		ofWeek.Sources = nil
		ofWeek.timeRange.From, ofWeek.timeRange.To = part[0], part[1]
		if part[1].Before(end) {
			ofWeek.timeRange.From, ofWeek.timeRange.To = part[0].Truncate(unmatchedStep), part[1].Truncate(unmatchedStep)
		}
		found, err := d.unexplained(ctx, ofWeek)
		if err != nil {
			return nil, err
		}
		out = append(out, trend.WeekOf(found, part[0], part[1]))
	}
	return out, nil
}
