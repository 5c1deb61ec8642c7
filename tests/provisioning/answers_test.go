package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/plugin"
	"github.com/blueking/incidents/pkg/source"
)

// samples is the plugin on the built-in samples, asked as of yesterday 11:00 UTC, when several of the day's failures
// are going on.
type samples struct {
	query func(context.Context, *backend.QueryDataRequest) (*backend.QueryDataResponse, error)
	to    time.Time
}

func newSamples(t *testing.T) samples {
	t.Helper()
	instance, err := plugin.NewInstance(t.Context(), backend.DataSourceInstanceSettings{
		UID: "blueking-incidents-samples", Type: pluginID(t), JSONData: []byte(`{"store":"samples"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return samples{instance.(backend.QueryDataHandler).QueryData, time.Now().UTC().Truncate(24 * time.Hour).Add(-13 * time.Hour)}
}

// ask sends a stored query with its variables replaced. A filter whose variable stands for all is lifted.
func (s samples) ask(t *testing.T, stored map[string]any, back time.Duration, fromAlert bool, variables map[string]string) *data.Frame {
	t.Helper()
	q := map[string]any{}
	for key, value := range stored {
		list, isList := value.([]any)
		switch {
		case isList && len(list) == 1 && strings.HasPrefix(fmt.Sprint(list[0]), "$"):
			if v := variables[fmt.Sprint(list[0])]; v != "" {
				q[key] = []string{v}
			}
		case strings.HasPrefix(fmt.Sprint(value), "$"):
			q[key] = variables[fmt.Sprint(value)]
		default:
			q[key] = value
		}
	}
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	request := &backend.QueryDataRequest{
		Queries: []backend.DataQuery{{RefID: "A", JSON: text, Interval: time.Hour, MaxDataPoints: 100, TimeRange: backend.TimeRange{From: s.to.Add(-back), To: s.to}}},
		Headers: map[string]string{},
	}
	if fromAlert {
		request.Headers[backend.FromAlertHeaderName] = "true"
	}
	answer, err := s.query(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	got := answer.Responses["A"]
	if got.Error != nil || len(got.Frames) != 1 {
		t.Fatalf("%s: %d frames, error %v", text, len(got.Frames), got.Error)
	}
	return got.Frames[0]
}

func rows(f *data.Frame) int {
	n, err := f.RowLen()
	if err != nil {
		return 0
	}
	return n
}

func cell(t *testing.T, f *data.Frame, column string) string {
	t.Helper()
	field, _ := f.FieldByName(column)
	if field == nil {
		t.Fatalf("%s has no column %s", f.Name, column)
	}
	value, _ := field.ConcreteAt(0)
	return fmt.Sprint(value)
}

// A new user who opens the dashboards on the built-in samples finds something in every panel.
func TestEveryDashboardQueryAnswersOnTheSamples(t *testing.T) {
	store := newSamples(t)
	first := store.ask(t, map[string]any{"queryType": "incidents", "states": []string{"active"}}, 24*time.Hour, false, nil)
	// An incident that is the symptom of another has all there is to show.
	caused, _ := first.FieldByName("cause")
	id, _ := first.FieldByName("id")
	signature, _ := first.FieldByName("signature")
	row := 0
	for i := range caused.Len() {
		if caused.At(i) != "" {
			row = i
		}
	}
	variables := map[string]string{"$incident": id.At(row).(string), "$signature": signature.At(row).(string)}
	variables["$fingerprint"], _, _ = strings.Cut(variables["$incident"], "-")

	for uid, d := range loadDashboards(t) {
		chosen := map[string]string{}
		for name, value := range variables {
			// On a dashboard that filters by signature, all are chosen at first.
			if v, ok := d.variable(strings.TrimPrefix(name, "$")); ok && !v.IncludeAll {
				chosen[name] = value
			}
		}
		check := func(where string, q map[string]any) {
			t.Helper()
			f := store.ask(t, q, 24*time.Hour, false, chosen)
			// A series has a row for every step, also when it has no column of values.
			if q["stat"] == "noise" {
				return // nothing in the samples comes and goes ten times
			}
			if rows(f) == 0 || q["queryType"] == "timeline" && (len(f.Fields) < 2 || rows(f) < 12) {
				t.Errorf("%s, %s: nothing in %v", uid, where, q)
			}
		}
		for _, p := range d.all() {
			for _, target := range p.Targets {
				if target["expr"] == nil { // Loki's own; the samples have none
					check(p.Title, target)
				}
			}
		}
		for _, a := range d.Annotations.List {
			if a.BuiltIn == 0 {
				check(a.Name, a.Target)
			}
		}
		for _, v := range d.Templating.List {
			if q, ok := v.Query.(map[string]any); ok && !slices.Contains(listTypes, fmt.Sprint(q["queryType"])) {
				check("variable "+v.Name, q)
			}
		}
	}
}

// The queries of the rules answer with numbers, and both views of a rule have the same rows.
func TestEveryRuleAnswersOnTheSamples(t *testing.T) {
	store := newSamples(t)
	_, all := rules(t)
	active := 0
	for _, r := range all {
		var frames []*data.Frame
		for _, q := range r.Data {
			if q.DatasourceUID == "__expr__" {
				continue
			}
			back := time.Duration(q.RelativeTimeRange.From) * time.Second
			f := store.ask(t, q.Model, back, true, nil)
			if f.Meta == nil || f.Meta.Type != data.FrameTypeNumericLong || f.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
				t.Errorf("%s, %s: %+v", r.UID, q.RefID, f.Meta)
			}
			frames = append(frames, f)
		}
		if engine(r) {
			if got := cell(t, frames[0], "value"); got != "1" {
				t.Errorf("%s: %s: %s", r.UID, got, cell(t, frames[1], "reason"))
			}
			continue
		}
		if unexplained(r) {
			// A source without a row would be a series that vanished; one that it has twice would fail the rule.
			sources, _ := frames[0].FieldByName("source")
			var have []string
			for i := range rows(frames[0]) {
				have = append(have, sources.At(i).(string))
			}
			want := []string{}
			for _, s := range source.Defaults() {
				want = append(want, string(s))
			}
			if !slices.Equal(have, want) {
				t.Errorf("%s: rows %v, want one of each of %v", r.UID, have, want)
			}
			continue
		}
		if rows(frames[0]) != rows(frames[1]) {
			t.Errorf("%s: A has %d rows, B has %d", r.UID, rows(frames[0]), rows(frames[1]))
		}
		active += rows(frames[0])
		if rows(frames[0]) == 0 {
			continue
		}
		for i := range rows(frames[0]) {
			for _, column := range []string{"fingerprint", "severity", "value"} {
				a, _ := frames[0].FieldByName(column)
				b, _ := frames[1].FieldByName(column)
				if a.At(i) != b.At(i) {
					t.Errorf("%s, row %d: %s is %v in A and %v in B", r.UID, i, column, a.At(i), b.At(i))
				}
			}
		}
		if list, _ := r.Data[0].Model["severities"].([]any); cell(t, frames[0], "severity") != fmt.Sprint(list[0]) {
			t.Errorf("%s: severity %s", r.UID, cell(t, frames[0], "severity"))
		}
	}
	if active == 0 {
		t.Error("no rule has anything to say")
	}
}
