package plugin

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// answersTo is where the answers go, for src/matrix.test.ts to put through the panels.
var answersTo = flag.String("answers", "", "folder to write the answers to the dashboards' queries to")

// states are the stores that a dashboard may look into.
var states = map[string]func(f *fake){
	"empty":        func(*fake) {},
	"one-incident": func(f *fake) { f.log(signature.Nodeman, 10*time.Minute, "host 10.0.0.1 is offline") },
	"two-hundred":  func(f *fake) { many(f, 200, 500) },
	"one-fails":    func(f *fake) { f.fails[signature.Nodeman] = errors.New("Loki failed") },
	"one-of-others": func(f *fake) {
		f.log(signature.Agent, 10*time.Minute, "name not resolved")
		f.fails[signature.Nodeman] = errors.New("Loki failed")
	},
	"all-fail": func(f *fake) {
		for _, s := range signature.Sources() {
			f.fails[s] = errors.New("Loki failed")
		}
	},
}

// many are incidents of as many clusters, each with as many hosts.
func many(f *fake, incidents, hosts int) {
	for i := range incidents {
		for h := range hosts {
			set := model.LabelSet{"app": "agent", "cluster": model.LabelValue(fmt.Sprintf("c%03d", i)), "host": model.LabelValue(fmt.Sprintf("10.%d.%d.%d", i, h/250, h%250))}
			f.lines[signature.Agent] = append(f.lines[signature.Agent], logs.Record{
				Stream: &logs.Stream{Key: set.String(), Labels: set},
				Entry:  logproto.Entry{Timestamp: noon.Add(-10*time.Minute + time.Duration(h)*time.Millisecond), Line: "name not resolved"},
			})
		}
	}
}

// shownQuery is a query of a panel.
type shownQuery struct {
	where, lang string
	model       map[string]any
}

func shownQueries(t *testing.T) []shownQuery {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "dashboards", "*", "*.json"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("%v, %v", paths, err)
	}
	type panel struct {
		ID      int
		Panels  []json.RawMessage
		Targets []map[string]any
	}
	var out []shownQuery
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var d struct{ Panels []panel }
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		lang := filepath.Base(filepath.Dir(path))
		add := func(p panel) {
			for _, target := range p.Targets {
				if target["queryType"] != nil && target["expr"] == nil {
					out = append(out, shownQuery{fmt.Sprintf("%s, %d", filepath.Base(path), p.ID), lang, target})
				}
			}
		}
		for _, p := range d.Panels {
			add(p)
			for _, raw := range p.Panels {
				var inner panel
				if err := json.Unmarshal(raw, &inner); err != nil {
					t.Fatal(err)
				}
				add(inner)
			}
		}
	}
	return out
}

// filled replaces variables. What may stand for everything does, and lifts its filter.
func (q shownQuery) filled(values map[string]string) string {
	out := map[string]any{}
	for key, v := range q.model {
		switch v := v.(type) {
		case string:
			if name, isVariable := strings.CutPrefix(v, "$"); isVariable {
				out[key] = values[name]
				continue
			}
			out[key] = v
		case []any:
			if name, isVariable := strings.CutPrefix(fmt.Sprint(v[0]), "$"); isVariable {
				overview := strings.Contains(q.where, "overview") || strings.Contains(q.where, "catalogue")
				if value := values[name]; value != "" && !overview {
					out[key] = []string{value}
				}
				continue
			}
			out[key] = v
		default:
			out[key] = v
		}
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// Whatever is in the store, and whatever of it fails, every panel has an answer that it can show, and none of them looks
// like "all is well" when nobody knows.
func TestDashboardsInEveryState(t *testing.T) {
	queries := shownQueries(t)
	for name, fill := range states {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			fill(f)
			d := open(t, f)
			values := map[string]string{"signature": "offline", "incident": "0000000000000000-1", "fingerprint": "0000000000000000"}
			if first := one(t, d, `{"queryType":"incidents"}`); first.Error == nil {
				// A row without an id says that nothing is known.
				if ids := cells(t, first.Frames[0], "id"); len(ids) > 0 && first.Frames[0].Fields[0].Type() == data.FieldTypeString {
					values["incident"] = ids[0].(string)
					values["fingerprint"], _, _ = strings.Cut(values["incident"], "-")
				}
			}
			writeAnswers(t, name, queries, func(q shownQuery) backend.DataResponse { return one(t, d, q.filled(values)) }, func(q shownQuery, res backend.DataResponse) {
				failed := name == "all-fail" || name == "one-fails"
				kind, _ := q.model["queryType"].(string)
				for _, f := range res.Frames {
					if f.Meta != nil && len(f.Meta.UniqueRowIDFields) > 0 {
						t.Errorf("%s: rows are named by the position of a column", q.where)
					}
				}
				if !failed || kind == "signatures" || kind == "health" || kind == "steps" && strings.Contains(q.where, "runbook") {
					return
				}
				switch {
				case kind == "count" && res.Error == nil:
					t.Errorf("%s: a count of what nobody knows", q.where)
				case res.Error != nil && len(res.Frames) == 0 && (kind == "incidents" || kind == "hosts" || kind == "evidence" || kind == "steps"):
					t.Errorf("%s: no words beside the error %v", q.where, res.Error)
				case res.Error == nil && kind != "unmatched" && !saysSo(res.Frames):
					t.Errorf("%s: no word of what is not known: %v", q.where, res.Frames[0].Meta.Notices)
				}
			})
		})
	}
	t.Run("samples", func(t *testing.T) {
		instance, err := NewInstance(t.Context(), backend.DataSourceInstanceSettings{UID: "samples", JSONData: []byte(`{"store":"samples"}`)})
		if err != nil {
			t.Fatal(err)
		}
		d := instance.(*Datasource)
		t.Cleanup(d.Dispose)
		now := time.Now().UTC().Truncate(24 * time.Hour).Add(-13 * time.Hour)
		day := func(text string) backend.DataResponse {
			res, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
				RefID: "A", JSON: []byte(text), MaxDataPoints: 96, TimeRange: backend.TimeRange{From: now.Add(-24 * time.Hour), To: now},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			return res.Responses["A"]
		}
		values := map[string]string{"signature": "curl-dns", "incident": cells(t, frame(t, day(`{"queryType":"incidents"}`)), "id")[0].(string)}
		values["fingerprint"], _, _ = strings.Cut(values["incident"], "-")
		writeAnswers(t, "samples", queries, func(q shownQuery) backend.DataResponse { return day(q.filled(values)) }, func(q shownQuery, res backend.DataResponse) {
			if res.Error != nil {
				t.Errorf("%s: %v", q.where, res.Error)
			}
		})
	})
}

// saysSo reports whether frames say that not all is known: in a row, in a notice, or by not having a number.
func saysSo(frames data.Frames) bool {
	for _, f := range frames {
		if len(f.Fields) == 0 || f.Meta != nil && len(f.Meta.Notices) > 0 {
			return true
		}
	}
	return false
}

// writeAnswers asks every query, checks the answer, and writes the answers of a language to a file.
func writeAnswers(t *testing.T, state string, queries []shownQuery, answer func(q shownQuery) backend.DataResponse, check func(shownQuery, backend.DataResponse)) {
	t.Helper()
	type written struct {
		Frames data.Frames `json:"frames"`
		Error  string      `json:"error"`
	}
	all := map[string]map[string][]written{}
	for _, q := range queries {
		res := answer(q)
		check(q, res)
		w := written{Frames: res.Frames}
		if res.Error != nil {
			w.Error = res.Error.Error()
		}
		if all[q.lang] == nil {
			all[q.lang] = map[string][]written{}
		}
		all[q.lang][q.where] = append(all[q.lang][q.where], w)
	}
	if *answersTo == "" {
		return
	}
	for lang, answers := range all {
		text, err := json.Marshal(answers)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*answersTo, state+"."+lang+".json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
