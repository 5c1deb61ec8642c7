package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

// labelled serves what setup asks beside range queries: the names of labels, and streams.
func labelled(t *testing.T, streams []logproto.Stream) string {
	t.Helper()
	lines := fakeLoki(t, streams, nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loki/api/v1/labels":
			names := map[string]bool{}
			for _, s := range streams {
				for name := range parsed(t, s.Labels).Map() {
					names[name] = true
				}
			}
			var all []string
			for name := range names {
				all = append(all, name)
			}
			encode(t, w, all)
		case "/loki/api/v1/series":
			var sets []map[string]string
			for _, s := range streams {
				if set := parsed(t, s.Labels); selected(matchersOf(t, r.FormValue("match[]")), set) {
					sets = append(sets, set.Map())
				}
			}
			encode(t, w, sets)
		default:
			r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(lines, "http://")
			req, err := http.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header = r.Header
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = res.Body.Close() }()
			w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
			w.WriteHeader(res.StatusCode)
			var body json.RawMessage
			if json.NewDecoder(res.Body).Decode(&body) == nil {
				_, _ = w.Write(body)
			}
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
		"nodeman's pods: 1 streams, newest line 1m", "k8s_cluster_name: c1, c2",
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
}
