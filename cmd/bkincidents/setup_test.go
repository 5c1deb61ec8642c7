package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/model/labels"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/settings"
)

// labelled is a Loki of which only the labels and the newest lines are asked for.
func labelled(t *testing.T, streams []logproto.Stream) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loki/api/v1/labels":
			names := map[string]bool{}
			for _, s := range streams {
				for name := range parsed(t, s.Labels).Map() {
					names[name] = true
				}
			}
			all := []string{}
			for name := range names {
				all = append(all, name)
			}
			encode(t, w, all)
		case "/loki/api/v1/series":
			sets := []map[string]string{}
			for _, s := range streams {
				if set := parsed(t, s.Labels); selected(matchersOf(t, r.FormValue("match[]")), set) {
					sets = append(sets, set.Map())
				}
			}
			encode(t, w, sets)
		case "/loki/api/v1/query_range":
			sel, newest, values := matchersOf(t, r.FormValue("query")), int64(0), []any{}
			for _, s := range streams {
				for _, e := range s.Entries {
					if ns := e.Timestamp.UnixNano(); selected(sel, parsed(t, s.Labels)) && ns > newest {
						newest, values = ns, []any{map[string]any{"stream": map[string]string{}, "values": [][]string{{strconv.FormatInt(ns, 10), e.Line}}}}
					}
				}
			}
			encode(t, w, map[string]any{"resultType": "streams", "result": values})
		default:
			name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/loki/api/v1/label/"), "/values")
			values := []string{}
			for _, s := range streams {
				if v := parsed(t, s.Labels).Get(name); v != "" {
					values = append(values, v)
				}
			}
			encode(t, w, values)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func matchersOf(t *testing.T, sel string) []*labels.Matcher {
	t.Helper()
	expr, err := syntax.ParseLogSelector(sel, true)
	if err != nil {
		t.Error(err)
		return nil
	}
	return expr.Matchers()
}

func TestSetupWritesADataSourceThatTheProgramReads(t *testing.T) {
	now := time.Now()
	url := labelled(t, []logproto.Stream{
		{Labels: `{k8s_namespace_name="bk", k8s_pod_name="bk-nodeman-backend-api-x", k8s_cluster_name="c1"}`, Entries: []logproto.Entry{{Timestamp: now.Add(-time.Minute), Line: "x"}}},
		{Labels: `{filename="/var/log/gse/agent-err.log", host="10.0.0.1", k8s_cluster_name="c2"}`, Entries: []logproto.Entry{{Timestamp: now.Add(-time.Hour), Line: "x"}}},
	})
	code, out, stderr := call(t, "", "setup", "--loki", url, "--tenant", "bk")
	if code != exitOK {
		t.Fatalf("status %d: %s", code, stderr)
	}
	for _, want := range []string{
		"execution log: not in this Loki; a third of the signatures needs it: bkincidents ship nodeman",
		"nodeman's pods: found, streams: 1; newest line 1m", "k8s_cluster_name: c1, c2",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q lacks %q", stderr, want)
		}
	}
	var file struct {
		Datasources []struct {
			URL, Type string
			JSONData  map[string]any `yaml:"jsonData"`
		}
	}
	if err := yaml.Unmarshal([]byte(out), &file); err != nil || len(file.Datasources) != 1 || file.Datasources[0].URL != url {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := json.Marshal(file.Datasources[0].JSONData)
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(backend.DataSourceInstanceSettings{URL: url, JSONData: raw})
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if s.Tenant != "bk" || s.ClusterLabel != "k8s_cluster_name" || len(s.Sources) != 5 || s.Sources[0].Selector != `{k8s_namespace_name="bk", k8s_pod_name=~"bk-nodeman-(backend|saas)-.*"}` {
		t.Errorf("settings %+v", s)
	}
}

func TestSetupSaysWhenNothingIsThere(t *testing.T) {
	code, out, stderr := call(t, "", "setup", "--loki", labelled(t, nil))
	if code != exitProblems || out != "" || strings.Count(stderr, "not in this Loki") != 6 {
		t.Errorf("status %d: %s%s", code, out, stderr)
	}
	_, _, stderr = call(t, "", "setup", "--lang", "zh", "--loki", labelled(t, nil))
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, "这个 Loki 中没有；") || strings.Contains(line, "collect ") {
			t.Errorf("not in Chinese: %s", line)
		}
	}
}
