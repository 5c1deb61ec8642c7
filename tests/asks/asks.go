// Package asks sends the built plugin what Grafana would and reads the frames it answers with, for the tests that run
// the plugin as a process of its own.
package asks

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/tools/pluginrun"
)

// Settings are data source settings as a user would save them.
type Settings map[string]any

// With returns the settings with one more key.
func (s Settings) With(key string, value any) Settings {
	out := Settings{key: value}
	for k, v := range s {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// On returns settings whose three sources select the streams of one test: {test="…", source="nodeman"} and so on.
func On(test string) Settings {
	type source struct {
		Source   string `json:"source"`
		Selector string `json:"selector"`
		OnHost   bool   `json:"onHost"`
	}
	return Settings{
		"store": "loki", "language": "en",
		"sources": []source{
			{"nodeman", fmt.Sprintf(`{test=%q, source="nodeman"}`, test), true},
			{"agent", fmt.Sprintf(`{test=%q, source="agent"}`, test), true},
			{"bk-job-gateway", fmt.Sprintf(`{test=%q, source="bk-job-gateway"}`, test), false},
		},
	}
}

// Ask is the model of a query, as docs/contract.md lists its keys.
type Ask map[string]any

// Context is what Grafana sends with every call to the data source with an address and settings.
func Context(t testing.TB, address string, s Settings) backend.PluginContext {
	t.Helper()
	ctx, err := pluginrun.DataSource{URL: address, JSONData: s}.Context()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Query sends queries by refId over one range, in one request.
func Query(t testing.TB, plugin *pluginrun.Plugin, address string, s Settings, from, to time.Time, asks map[string]Ask) backend.Responses {
	t.Helper()
	req := &backend.QueryDataRequest{PluginContext: Context(t, address, s)}
	for ref, a := range asks {
		model, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		queryType, _ := a["queryType"].(string)
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: ref, QueryType: queryType, JSON: model, MaxDataPoints: 1000, Interval: time.Minute,
			TimeRange: backend.TimeRange{From: from, To: to},
		})
	}
	res, err := plugin.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res.Responses
}

// Frame sends one query and returns its one frame.
func Frame(t testing.TB, plugin *pluginrun.Plugin, address string, s Settings, from, to time.Time, a Ask) *data.Frame {
	t.Helper()
	res := Query(t, plugin, address, s, from, to, map[string]Ask{"A": a})["A"]
	if res.Error != nil {
		t.Fatalf("%v: %v", a, res.Error)
	}
	if len(res.Frames) != 1 {
		t.Fatalf("%v: %d frames", a, len(res.Frames))
	}
	return res.Frames[0]
}

// Column returns the values of a field, by name; a null is the zero value.
func Column[T any](t testing.TB, f *data.Frame, name string) []T {
	t.Helper()
	field, _ := f.FieldByName(name)
	if len(f.Fields) == 0 {
		return nil // an answer without rows
	}
	if field == nil {
		t.Fatalf("no column %q in %s", name, f.Name)
	}
	out := make([]T, field.Len())
	for i := range out {
		v, ok := field.ConcreteAt(i)
		if !ok {
			continue
		}
		if out[i], ok = v.(T); !ok {
			t.Fatalf("column %q holds %T", name, v)
		}
	}
	return out
}
