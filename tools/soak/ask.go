package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/tools/latency"
	"github.com/blueking/incidents/tools/pluginrun"
)

// model is the JSON of a query.
type model map[string]any

// panels are what a dashboard asks for besides its incidents, a request each as Grafana sends them.
var panels = []model{
	{"queryType": "count", "stat": "active"}, {"queryType": "count", "stat": "started"}, {"queryType": "count", "stat": "hosts"},
	{"queryType": "timeline", "stat": "lines"}, {"queryType": "timeline", "stat": "active"}, {"queryType": "annotations"},
	{"queryType": "evidence", "limit": 50000}, {"queryType": "signatures"}, {"queryType": "unmatched", "stat": "coverage"},
}

// severities have a shipped rule each.
var severities = []string{"critical", "high", "medium", "low"}

// client asks the plugin and counts.
type client struct {
	plugin     *pluginrun.Plugin
	source     backend.PluginContext
	dashboards latency.Recorder
	alerts     latency.Recorder
}

// ask sends one query of [from, to] and returns its frame. fromAlert sends it as an alert rule does.
func (c *client) ask(ctx context.Context, m model, from, to time.Time, fromAlert bool) (*data.Frame, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	req := &backend.QueryDataRequest{PluginContext: c.source, Queries: []backend.DataQuery{{
		RefID: "A", JSON: raw, QueryType: fmt.Sprint(m["queryType"]), MaxDataPoints: 500, Interval: 10 * time.Second,
		TimeRange: backend.TimeRange{From: from, To: to},
	}}}
	took := &c.dashboards
	if fromAlert {
		req.Headers = map[string]string{backend.FromAlertHeaderName: "true"}
		took = &c.alerts
	}
	var frame *data.Frame
	err = took.Time(func() error {
		resp, err := c.plugin.QueryData(ctx, req)
		if err != nil {
			return err
		}
		answer := resp.Responses["A"]
		if answer.Error != nil {
			return answer.Error
		}
		if len(answer.Frames) != 1 {
			return fmt.Errorf("%d frames", len(answer.Frames))
		}
		frame = answer.Frames[0]
		if frame.Meta != nil && len(frame.Meta.Notices) > 0 {
			return fmt.Errorf("a notice: %s", frame.Meta.Notices[0].Text)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", raw, err)
	}
	return frame, nil
}

// incidents asks for the incidents of [from, to].
func (c *client) incidents(ctx context.Context, from, to time.Time) ([]seen, error) {
	f, err := c.ask(ctx, model{"queryType": "incidents", "limit": 5000}, from, to, false)
	if err != nil {
		return nil, err
	}
	out := make([]seen, f.Rows())
	for i := range out {
		out[i] = seen{
			id: cell[string](f, "id", i), fingerprint: cell[string](f, "fingerprint", i), signature: cell[string](f, "signature", i),
			host: cell[string](f, "hosts", i), state: cell[string](f, "state", i), reason: cell[string](f, "reason", i),
			since: cell[time.Time](f, "since", i), end: cell[time.Time](f, "end", i), count: cell[int64](f, "count", i),
		}
	}
	return out, nil
}

// rows asks one view of a rule and returns value by fingerprint.
func (c *client) rows(ctx context.Context, severity, view string, from, to time.Time) (map[string]float64, error) {
	f, err := c.ask(ctx, model{"queryType": "alert", "view": view, "severities": []string{severity}}, from, to, true)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for i := range f.Rows() {
		fingerprint := cell[string](f, "fingerprint", i)
		if _, twice := out[fingerprint]; twice {
			return nil, fmt.Errorf("alert %s: two rows of %s", view, fingerprint)
		}
		out[fingerprint] = cell[float64](f, "value", i)
	}
	return out, nil
}

// healthy asks what the engine's own rule asks.
func (c *client) healthy(ctx context.Context, from, to time.Time) error {
	f, err := c.ask(ctx, model{"queryType": "health"}, from, to, true)
	if err != nil {
		return err
	}
	if f.Rows() != 1 || cell[float64](f, "value", 0) != 1 {
		return fmt.Errorf("health is not 1: %s", cell[string](f, "reason", 0))
	}
	return nil
}

// cell is a value of a frame, zero when it is empty or of another type.
func cell[T any](f *data.Frame, column string, row int) (out T) {
	field, _ := f.FieldByName(column)
	if field == nil {
		return out
	}
	if v, ok := field.ConcreteAt(row); ok {
		out, _ = v.(T)
	}
	return out
}
