package frames

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
)

// Timeline is one series per selected signature that was seen: matching lines per step, or with StatActive the
// incidents active at the end of each step. Times are aligned to the step, so that a refresh does not move the points.
func Timeline(a Answer, stat query.Stat, step time.Duration, v View) *data.Frame {
	f := data.NewFrame("timeline")
	f.Meta = &data.FrameMeta{Type: data.FrameTypeTimeSeriesWide, TypeVersion: data.FrameTypeVersion{0, 1}, PreferredVisualization: data.VisTypeGraph}
	first := v.Start.Truncate(step)
	var times []time.Time
	for at := first; !at.After(a.Scan.Now); at = at.Add(step) {
		times = append(times, at)
	}
	f.Fields = append(f.Fields, data.NewField("time", nil, times))
	values := map[string][]float64{}
	series := func(id string) []float64 {
		if values[id] == nil {
			values[id] = make([]float64, len(times))
		}
		return values[id]
	}
	if stat == query.StatActive {
		for i := range a.Incidents {
			inc := &a.Incidents[i]
			s := series(inc.Signature.ID)
			for n, at := range times {
				end := at.Add(step)
				if inc.Start.Before(end) && (inc.End.IsZero() || inc.End.After(at)) {
					s[n]++
				}
			}
		}
	} else {
		for i := range a.Lines {
			if n := int(a.Lines[i].Time.Sub(first) / step); n >= 0 && n < len(times) {
				series(a.Lines[i].Signature.ID)[n]++
			}
		}
	}
	shown := 0
	for _, sig := range a.Signatures {
		if s := values[sig.ID]; s != nil {
			shown++
			field := data.NewField(ValueColumn, data.Labels{"signature": sig.ID, "severity": string(sig.Severity)}, s)
			fieldConfig(field).DisplayNameFromDS = PlainTitle(sig, v.Lang)
			f.Fields = append(f.Fields, field)
		}
	}
	if shown == 0 {
		f.Fields = nil // Grafana calls times without a number broken, and nothing at all "no data"
	}
	return finish(f, a.Scan, v, shown, shown)
}
