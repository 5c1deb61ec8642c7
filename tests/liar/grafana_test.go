package liar

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"go.yaml.in/yaml/v3"
)

// rule is a shipped alert rule with what Grafana remembers of it. The model follows Grafana's state manager
// (pkg/services/ngalert/state): an error or an answer without rows changes all states of a rule as the rule says, a series
// that is missing is resolved after missing_series_evals_to_resolve intervals, and a state is pending for `for`.
type rule struct {
	UID          string
	For          string
	NoDataState  string `yaml:"noDataState"`
	ExecErrState string `yaml:"execErrState"`
	Missing      int    `yaml:"missing_series_evals_to_resolve"`
	Data         []struct {
		RefID             string             `yaml:"refId"`
		RelativeTimeRange struct{ From int } `yaml:"relativeTimeRange"`
		Model             map[string]any
	}

	interval time.Duration
	states   map[string]*state
	// changed is called when an alert fires or is resolved.
	changed func(r *rule, series string, firing bool, reason string)
}

// state is that of one series.
type state struct {
	name    string // normal, pending, alerting
	since   time.Time
	checked time.Time
}

// shippedRules reads the rules that people install.
func shippedRules(t *testing.T, changed func(*rule, string, bool, string)) []*rule {
	t.Helper()
	raw, err := os.ReadFile("../../provisioning/alerting/en/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Interval string
			Rules    []*rule
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var out []*rule
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.interval, err = time.ParseDuration(g.Interval); err != nil {
				t.Fatal(err)
			}
			r.states, r.changed = map[string]*state{}, changed
			out = append(out, r)
		}
	}
	return out
}

// evaluate asks the data source as Grafana does, which gives up after 30 s, and follows what the answer does to the alerts.
func (r *rule) evaluate(ctx context.Context, t *testing.T, ds backend.QueryDataHandler, source backend.PluginContext, at time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req := &backend.QueryDataRequest{PluginContext: source, Headers: map[string]string{"FromAlert": "true"}}
	below := false
	for _, q := range r.Data {
		if q.Model["type"] == "threshold" {
			below = strings.Contains(fmt.Sprint(q.Model["conditions"]), "type:lt")
			continue
		}
		raw, err := json.Marshal(q.Model)
		if err != nil {
			t.Fatal(err)
		}
		req.Queries = append(req.Queries, backend.DataQuery{RefID: q.RefID, JSON: raw, MaxDataPoints: 100, Interval: time.Second,
			TimeRange: backend.TimeRange{From: at.Add(-time.Duration(q.RelativeTimeRange.From) * time.Second), To: at}})
	}
	resp, err := ds.QueryData(ctx, req)
	failed := err != nil
	rows := map[string]map[string]float64{}
	for _, q := range req.Queries {
		if err == nil {
			answer := resp.Responses[q.RefID]
			if failed = failed || answer.Error != nil; !failed {
				rows[q.RefID] = series(t, answer.Frames)
			}
		}
	}
	switch {
	case failed:
		r.all(at, r.ExecErrState, "error")
	case len(rows["A"]) == 0 || len(rows["B"]) == 0:
		r.all(at, r.NoDataState, "no data")
	default:
		for name, value := range rows["A"] {
			r.set(name, at, (value < 1) == below && (value > 0) == !below, "value")
		}
	}
	for name, s := range r.states {
		if s.checked.Equal(at) || at.Sub(s.checked) < time.Duration(cmp.Or(r.Missing, 2))*r.interval {
			continue
		}
		if s.name == "alerting" {
			r.changed(r, name, false, "missing series")
		}
		delete(r.states, name)
	}
}

// all moves every state of a rule on an error or an answer without rows.
func (r *rule) all(at time.Time, to, why string) {
	if len(r.states) == 0 && to == "Alerting" {
		r.states[""] = &state{name: "normal", since: at}
	}
	for name, s := range r.states {
		switch to {
		case "Alerting":
			r.set(name, at, true, why)
		case "OK":
			r.set(name, at, false, why)
		default: // KeepLast
			s.checked = at
		}
	}
}

// set moves one state.
func (r *rule) set(name string, at time.Time, bad bool, why string) {
	s := r.states[name]
	if s == nil {
		s = &state{name: "normal", since: at}
		r.states[name] = s
	}
	s.checked = at
	wait, _ := time.ParseDuration(r.For)
	switch {
	case !bad && s.name == "alerting":
		s.name, s.since = "normal", at
		r.changed(r, name, false, why)
	case !bad:
		s.name = "normal"
	case s.name == "normal":
		s.name, s.since = "pending", at
		fallthrough
	case s.name == "pending":
		if at.Sub(s.since) >= wait {
			s.name, s.since = "alerting", at
			r.changed(r, name, true, why)
		}
	}
}

// series are the rows of a numeric frame by their labels.
func series(t *testing.T, frames data.Frames) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, f := range frames {
		for i := range f.Rows() {
			name, value := "", 0.0
			for _, field := range f.Fields {
				switch v := field.At(i).(type) {
				case float64:
					value = v
				case string:
					name += field.Name + "=" + v + " "
				}
			}
			if _, twice := out[name]; twice {
				t.Errorf("two rows of %s", name)
			}
			out[name] = value
		}
	}
	return out
}
