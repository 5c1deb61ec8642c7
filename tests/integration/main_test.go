//go:build integration

// Package integration runs the built plugin over Grafana's plugin protocol against a real Loki.
package integration

import (
	"context"
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

	"github.com/blueking/incidents/tests/asks"
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

type (
	settings = asks.Settings
	ask      = asks.Ask
)

func on(test string) settings { return asks.On(test) }

func pluginContext(t *testing.T, address string, s settings) backend.PluginContext {
	t.Helper()
	return asks.Context(t, address, s)
}

func query(t *testing.T, address string, s settings, from, to time.Time, queries map[string]ask) backend.Responses {
	t.Helper()
	return asks.Query(t, plugin, address, s, from, to, queries)
}

func frame(t *testing.T, address string, s settings, from, to time.Time, a ask) *data.Frame {
	t.Helper()
	return asks.Frame(t, plugin, address, s, from, to, a)
}

func column[T any](t *testing.T, f *data.Frame, name string) []T {
	t.Helper()
	return asks.Column[T](t, f, name)
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
