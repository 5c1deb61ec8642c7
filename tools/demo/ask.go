package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/tools/pluginrun"
)

// expected are the failures that the samples show within any 24 hours, by signature; a host may follow.
var expected = []string{"curl-dns", "curl-timeout", "curl-404", "gse-not-connected", "gse-zk-unresolved", "job-api-401", "job-jwt-key-timeout"}

// answer is what the plugin says.
type answer struct {
	from, to time.Time
	// health is the text of "Save & test".
	health    string
	incidents table
	// steps by incident, of those that are active.
	steps map[string]table
}

// table reads a frame by the names of its columns.
type table struct{ frame *data.Frame }

func (t table) rows() int {
	if t.frame == nil {
		return 0
	}
	return t.frame.Rows()
}

// value returns a cell, nil when it is empty or there is no such column.
func (t table) value(column string, row int) any {
	for _, f := range t.frame.Fields {
		if f.Name == column {
			if v, ok := f.ConcreteAt(row); ok {
				return v
			}
		}
	}
	return nil
}

func (t table) text(column string, row int) string {
	if v := t.value(column, row); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

func (t table) time(column string, row int) time.Time {
	v, _ := t.value(column, row).(time.Time)
	return v
}

// ask sends what a dashboard of the last 24 hours sends, and then asks for the steps of every active incident.
func ask(ctx context.Context, plugin *pluginrun.Plugin, source pluginrun.DataSource, now time.Time) (*answer, error) {
	plugctx, err := source.Context()
	if err != nil {
		return nil, err
	}
	health, err := plugin.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: plugctx})
	if err != nil {
		return nil, err
	}
	if health.Status != backend.HealthStatusOk {
		return nil, fmt.Errorf("the data source is not healthy: %s", health.Message)
	}
	a := &answer{from: now.Add(-24 * time.Hour), to: now, health: health.Message, steps: map[string]table{}}
	query := func(models map[string]map[string]any) (map[string]table, error) {
		return send(ctx, plugin, plugctx, a.from, a.to, models)
	}
	first, err := query(map[string]map[string]any{"incidents": {"queryType": "incidents"}, "health": {"queryType": "health"}})
	if err != nil {
		return nil, err
	}
	a.incidents = first["incidents"]
	models := map[string]map[string]any{}
	for row := range a.incidents.rows() {
		if id := a.incidents.text("id", row); a.incidents.text("state", row) == "active" {
			models[id] = map[string]any{"queryType": "steps", "incident": id}
		}
	}
	if a.steps, err = query(models); err != nil {
		return nil, err
	}
	return a, nil
}

// send asks several queries, named by their refId, in one request.
func send(ctx context.Context, plugin *pluginrun.Plugin, plugctx backend.PluginContext, from, to time.Time, models map[string]map[string]any) (map[string]table, error) {
	req := &backend.QueryDataRequest{PluginContext: plugctx}
	for refID, model := range models {
		raw, err := json.Marshal(model)
		if err != nil {
			return nil, err
		}
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: refID, JSON: raw, QueryType: fmt.Sprint(model["queryType"]),
			TimeRange: backend.TimeRange{From: from, To: to}, MaxDataPoints: 1000, Interval: time.Minute,
		})
	}
	out := map[string]table{}
	if len(models) == 0 {
		return out, nil
	}
	resp, err := plugin.QueryData(ctx, req)
	if err != nil {
		return nil, err
	}
	for refID := range models {
		r, ok := resp.Responses[refID]
		switch {
		case !ok || r.Error == nil && len(r.Frames) == 0:
			return nil, fmt.Errorf("query %s: no answer", refID)
		case r.Error != nil:
			return nil, fmt.Errorf("query %s: %w", refID, r.Error)
		}
		out[refID] = table{r.Frames[0]}
	}
	return out, nil
}

// check reports whether the answer shows what the samples hold: a demo that quietly shows less would be no demo.
func (a *answer) check(expected []string) error {
	var errs []error
	seen := map[string]bool{}
	for row := range a.incidents.rows() {
		seen[a.incidents.text("signature", row)] = true
		seen[a.incidents.text("signature", row)+" "+a.incidents.text("hosts", row)] = true
		if id := a.incidents.text("id", row); a.incidents.text("state", row) == "active" && a.steps[id].rows() == 0 {
			errs = append(errs, fmt.Errorf("incident %s has no steps", id))
		}
	}
	for _, id := range expected {
		if !seen[id] {
			errs = append(errs, fmt.Errorf("no incident of %s in the logs", id))
		}
	}
	return errors.Join(errs...)
}

// outline is what two log stores with the same lines must agree on.
func (a *answer) outline() []string {
	var out []string
	for row := range a.incidents.rows() {
		var cells []string
		for _, column := range []string{"id", "signature", "subject", "state", "verdict", "reason", "count", "hosts", "since", "last"} {
			cells = append(cells, a.incidents.text(column, row))
		}
		out = append(out, strings.Join(cells, " · "))
	}
	slices.Sort(out)
	return out
}

// sameAsSamples compares with the answer of the built-in samples to the same question.
func sameAsSamples(ctx context.Context, plugin *pluginrun.Plugin, got *answer, lang string, now time.Time) error {
	samples, err := ask(ctx, plugin, pluginrun.DataSource{JSONData: map[string]any{"store": "samples", "language": lang}}, now)
	if err != nil {
		return err
	}
	have, want := got.outline(), samples.outline()
	if slices.Equal(have, want) {
		return nil
	}
	var diff []string
	for _, line := range have {
		if !slices.Contains(want, line) {
			diff = append(diff, "  Loki:    "+line)
		}
	}
	for _, line := range want {
		if !slices.Contains(have, line) {
			diff = append(diff, "  samples: "+line)
		}
	}
	return fmt.Errorf("the real Loki gives other incidents than the built-in samples:\n%s", strings.Join(diff, "\n"))
}
