package frames

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
)

// Timeline is one series per selected signature that was seen: matching lines per step, or with StatActive the
// incidents active at the end of each step. With StatLevels it is matching lines per log level, under the label that
// colours the histogram above a list of logs. Times are aligned to the step, so that a refresh does not move the points.
func Timeline(a Answer, stat query.Stat, step time.Duration, v View) *data.Frame {
	f := data.NewFrame("timeline")
	f.Meta = &data.FrameMeta{Type: data.FrameTypeTimeSeriesWide, TypeVersion: data.FrameTypeVersion{0, 1}, PreferredVisualization: data.VisTypeGraph}
	var times []time.Time
	for at := v.Start.Truncate(step); !at.After(a.Scan.Now); at = at.Add(step) {
		times = append(times, at)
	}
	f.Fields = append(f.Fields, data.NewField("time", nil, times))
	add := func(values []float64, name string, labels data.Labels) {
		if values != nil {
			field := data.NewField(ValueColumn, labels, values)
			fieldConfig(field).DisplayNameFromDS = name
			f.Fields = append(f.Fields, field)
		}
	}
	if stat == query.StatLevels {
		values := linesPerStep(a, times, step, func(l *incident.Line) string { return level(l.Match) })
		for _, name := range levels {
			add(values[name], name, data.Labels{"level": name})
		}
	} else {
		values := activePerStep(a, times, step)
		if stat != query.StatActive {
			values = linesPerStep(a, times, step, func(l *incident.Line) string { return l.Signature.ID })
		}
		for _, sig := range a.Signatures {
			add(values[sig.ID], PlainTitle(sig, v.Lang), data.Labels{"signature": sig.ID, "severity": string(sig.Severity)})
		}
	}
	shown := len(f.Fields) - 1
	finish(f, a.Scan, v, shown, shown)
	switch {
	case shown > 0:
	case stat != query.StatLevels && readAll(a.Scan, v):
		// A line at 0 says that nothing was there; a panel without data would not tell it from a failure.
		add(make([]float64, len(times)), v.text("没有故障", "no failure"), nil)
		// A palette may make it red.
		fieldConfig(f.Fields[len(f.Fields)-1]).Color = map[string]any{"mode": "fixed", "fixedColor": "text"}
	default:
		f.Fields = nil // Grafana calls times without a number broken, and nothing at all "no data"
	}
	return f
}

// linesPerStep counts lines by what names them; a name without lines is absent.
func linesPerStep(a Answer, times []time.Time, step time.Duration, name func(l *incident.Line) string) map[string][]float64 {
	out := map[string][]float64{}
	for l := range a.EachLine() {
		if len(times) == 0 || l.Time.Before(times[0]) {
			continue
		}
		if n := int(l.Time.Sub(times[0]) / step); n < len(times) {
			series(out, name(l), len(times))[n]++
		}
	}
	return out
}

// activePerStep counts the incidents of each signature that were active in a step.
func activePerStep(a Answer, times []time.Time, step time.Duration) map[string][]float64 {
	out := map[string][]float64{}
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		s := series(out, inc.Signature.ID, len(times))
		for n, at := range times {
			if inc.Start.Before(at.Add(step)) && (inc.End.IsZero() || inc.End.After(at)) {
				s[n]++
			}
		}
	}
	return out
}

func series(of map[string][]float64, name string, n int) []float64 {
	if of[name] == nil {
		of[name] = make([]float64, n)
	}
	return of[name]
}
