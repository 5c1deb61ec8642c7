//go:build integration

package bench

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tools/pluginrun"
)

// running is a plugin process with one data source.
type running struct {
	*pluginrun.Plugin
	context backend.PluginContext
}

// start runs the built plugin with a data source on a tenant.
func start(b *testing.B, address, tenant string) *running {
	b.Helper()
	return startWith(b, address, tenant, nil)
}

// startWith is start with further settings.
func startWith(b *testing.B, address, tenant string, more map[string]any) *running {
	b.Helper()
	p, err := pluginrun.Start(b.Context(), pluginrun.Binary("../.."), pluginrun.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Stop)
	settings := map[string]any{"store": "loki", "language": "en", "tenant": tenant, "requestTimeout": "5m", "queryTimeout": "10m"}
	maps.Copy(settings, more)
	context, err := pluginrun.DataSource{URL: address, JSONData: settings}.Context()
	if err != nil {
		b.Fatal(err)
	}
	return &running{p, context}
}

// forget makes the plugin start anew with the same data source, as after a change of its settings: nothing that was
// read is remembered.
func (r *running) forget() {
	settings := *r.context.DataSourceInstanceSettings
	settings.Updated = settings.Updated.Add(time.Second)
	r.context.DataSourceInstanceSettings = &settings
}

type ask map[string]any

// query asks one panel's query and returns how many rows came.
func (r *running) query(b *testing.B, from, to time.Time, a ask) int {
	b.Helper()
	rows, err := r.try(b, from, to, a, false)
	if err != nil {
		b.Error(err)
	}
	return rows
}

func (r *running) try(b *testing.B, from, to time.Time, a ask, alert bool) (int, error) {
	return r.answer(b.Context(), from, to, a, alert)
}

func (r *running) answer(ctx context.Context, from, to time.Time, a ask, alert bool) (int, error) {
	model, err := json.Marshal(a)
	if err != nil {
		return 0, err
	}
	req := &backend.QueryDataRequest{PluginContext: r.context, Headers: map[string]string{}, Queries: []backend.DataQuery{{
		RefID: "A", JSON: model, MaxDataPoints: 1000, Interval: time.Minute, TimeRange: backend.TimeRange{From: from, To: to},
	}}}
	if alert {
		req.Headers[backend.FromAlertHeaderName] = "true"
	}
	res, err := r.QueryData(ctx, req)
	if err != nil {
		return 0, err
	}
	answer := res.Responses["A"]
	if answer.Error != nil {
		return 0, answer.Error
	}
	rows := 0
	for _, f := range answer.Frames {
		rows += f.Rows()
	}
	return rows, nil
}

// panels are those of a dashboard: 15 queries of all kinds over ranges that end some milliseconds apart.
func (r *running) panels(b *testing.B, from, to time.Time) {
	b.Helper()
	asks := []ask{
		{"queryType": "incidents"}, {"queryType": "annotations"}, {"queryType": "timeline"}, {"queryType": "signatures"}, {"queryType": "health"},
		{"queryType": "count", "stat": "active"}, {"queryType": "count", "stat": "started"}, {"queryType": "count", "stat": "lines"}, {"queryType": "count", "stat": "hosts"},
		{"queryType": "evidence"}, {"queryType": "incidents", "severities": []string{"critical"}}, {"queryType": "incidents", "severities": []string{"high"}},
		{"queryType": "timeline", "sources": []string{"nodeman"}}, {"queryType": "evidence", "sources": []string{"nodeman"}}, {"queryType": "alert", "view": "identity"},
	}
	var wg sync.WaitGroup
	for i, a := range asks {
		wg.Go(func() {
			later := time.Duration(i) * 7 * time.Millisecond
			r.query(b, from.Add(later), to.Add(later), a)
		})
	}
	wg.Wait()
}

// took returns how long do takes, in seconds.
func took(do func()) float64 {
	started := time.Now()
	do()
	return time.Since(started).Seconds()
}

// median of some measurements.
func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
