//go:build integration

// Package integration runs the built plugin over Grafana's plugin protocol against a real Loki.
package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

// The plugin and a Loki are shared by the tests; every test pushes streams with labels of its own.
var (
	plugin *pluginrun.Plugin
	server *lokiserver.Server
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	var err error
	if server, err = lokiserver.Start(ctx, lokiserver.Options{Progress: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "start Loki:", err)
		return 1
	}
	defer func() { _ = server.Stop() }()
	if plugin, err = pluginrun.Start(ctx, pluginrun.Binary("../.."), pluginrun.Options{Log: pluginLog()}); err != nil {
		fmt.Fprintln(os.Stderr, "start the plugin:", err)
		return 1
	}
	defer plugin.Stop()
	defer func() {
		if sampled.server != nil {
			_ = sampled.server.Stop()
		}
	}()
	return m.Run()
}

// settings are data source settings as a user would save them.
type settings map[string]any

func (s settings) with(key string, value any) settings {
	out := settings{key: value}
	for k, v := range s {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// on returns settings whose three sources select the streams of one test.
func on(test string) settings {
	type source struct {
		Source   string `json:"source"`
		Selector string `json:"selector"`
		OnHost   bool   `json:"onHost"`
	}
	return settings{
		"store": "loki", "language": "en",
		"sources": []source{
			{"nodeman", fmt.Sprintf(`{test=%q, source="nodeman"}`, test), true},
			{"agent", fmt.Sprintf(`{test=%q, source="agent"}`, test), true},
			{"bk-job-gateway", fmt.Sprintf(`{test=%q, source="bk-job-gateway"}`, test), false},
		},
	}
}

type ask map[string]any

func pluginContext(t *testing.T, address string, s settings) backend.PluginContext {
	t.Helper()
	ctx, err := pluginrun.DataSource{URL: address, JSONData: s}.Context()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

func query(t *testing.T, address string, s settings, from, to time.Time, asks map[string]ask) backend.Responses {
	t.Helper()
	req := &backend.QueryDataRequest{PluginContext: pluginContext(t, address, s)}
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

// frame asks one query and returns its one frame.
func frame(t *testing.T, address string, s settings, from, to time.Time, a ask) *data.Frame {
	t.Helper()
	res := query(t, address, s, from, to, map[string]ask{"A": a})["A"]
	if res.Error != nil {
		t.Fatalf("%v: %v", a, res.Error)
	}
	if len(res.Frames) != 1 {
		t.Fatalf("%v: %d frames", a, len(res.Frames))
	}
	return res.Frames[0]
}

// column returns the values of a field, by name.
func column[T any](t *testing.T, f *data.Frame, name string) []T {
	t.Helper()
	field, _ := f.FieldByName(name)
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

// through returns the address of a proxy to an upstream that changes requests and responses.
func through(t *testing.T, upstream string, request func(*http.Request), response func(*http.Response) error) string {
	t.Helper()
	target, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if request != nil {
				request(r.Out)
			}
		},
		ModifyResponse: response,
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

func pluginLog() *os.File {
	if os.Getenv("PLUGIN_LOG") != "" {
		return os.Stderr
	}
	return nil
}

// lokiURL is the address of the shared Loki.
func lokiURL() string { return server.URL() }
