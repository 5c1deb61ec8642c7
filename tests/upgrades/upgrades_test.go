// Package upgrades loads what users saved with an earlier version: frozen samples that are never edited. A sample that
// no longer works is a change that breaks somebody's dashboards at night; add a migration instead of changing it.
package upgrades

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/plugin"
	"github.com/blueking/incidents/pkg/settings"
)

// saved returns the sample files of all versions that fit a pattern; none is an error, because a test of nothing passes.
func saved(t *testing.T, pattern string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "upgrades", "*", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d samples, %v", pattern, len(paths), err)
	}
	out := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path)] = text
	}
	return out
}

func instance(jsonData []byte) backend.DataSourceInstanceSettings {
	return backend.DataSourceInstanceSettings{UID: "blueking-incidents", URL: "http://127.0.0.1:9", JSONData: jsonData, Updated: time.Unix(1, 0)}
}

func TestSavedSettingsLoad(t *testing.T) {
	for name, text := range saved(t, "settings-*.json") {
		s, err := settings.Load(instance(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(s.Sources) == 0 || s.QueryTimeout <= 0 || s.Parallel <= 0 || s.ClusterLabel == "" {
			t.Errorf("%s: a default is missing: %+v", name, s)
		}
	}
	full, err := settings.Load(instance(saved(t, "settings-full.json")["0.1.0/settings-full.json"]))
	if err != nil {
		t.Fatal(err)
	}
	if full.Tenant != "blueking" || full.Lateness.D() != 5*time.Minute || full.MaxLines != 50000 || full.Parallel != 2 || full.BlueKingVersion != "7.1" || len(full.Sources) != 3 || !full.Sources[1].OnHost {
		t.Errorf("a saved value is lost: %+v", full)
	}
}

func TestProvisionedDataSourcesLoad(t *testing.T) {
	for name, text := range saved(t, "datasource.yaml") {
		var file struct {
			Datasources []struct {
				Type, URL string
				JSONData  map[string]any `yaml:"jsonData"`
			}
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, ds := range file.Datasources {
			jsonData, err := json.Marshal(ds.JSONData)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := settings.Load(instance(jsonData)); err != nil || ds.Type != plugin.ID {
				t.Errorf("%s: %s %v", name, ds.Type, err)
			}
		}
	}
}

// Every query of a saved dashboard or rule is answered, from the built-in samples, with keys it has never heard of too.
func TestSavedQueriesAreAnswered(t *testing.T) {
	ds, err := plugin.NewInstance(t.Context(), instance([]byte(`{"store":"samples","language":"en"}`)))
	if err != nil {
		t.Fatal(err)
	}
	d, ok := ds.(*plugin.Datasource)
	if !ok {
		t.Fatalf("%T", ds)
	}
	t.Cleanup(d.Dispose)
	now := time.Now()
	all := map[string][]json.RawMessage{}
	for name, text := range saved(t, "queries.json") {
		var queries []json.RawMessage
		if err := json.Unmarshal(text, &queries); err != nil {
			t.Fatal(err)
		}
		all[name] = queries
	}
	for name, text := range saved(t, "rules.yaml") {
		all[name] = ruleQueries(t, text)
	}
	for name, queries := range all {
		for _, q := range queries {
			res, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
				RefID: "A", JSON: q, MaxDataPoints: 100, TimeRange: backend.TimeRange{From: now.Add(-6 * time.Hour), To: now},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			if a := res.Responses["A"]; a.Error != nil || len(a.Frames) != 1 {
				t.Errorf("%s: %s: %v, %d frames", name, q, a.Error, len(a.Frames))
			}
		}
	}
}

// ruleQueries are the queries of a provisioned rule file that go to our data source.
func ruleQueries(t *testing.T, text []byte) []json.RawMessage {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Data []struct {
					DatasourceUID string `yaml:"datasourceUid"`
					Model         map[string]any
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []json.RawMessage
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, q := range r.Data {
				if q.DatasourceUID != "blueking-incidents" {
					continue
				}
				model, err := json.Marshal(q.Model)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, model)
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no queries")
	}
	return out
}
