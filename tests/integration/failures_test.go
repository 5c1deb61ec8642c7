//go:build integration

package integration

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tools/lokiserver"
)

// answering returns the address of a server that answers every request alike.
func answering(t *testing.T, status int, contentType, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

func TestEveryFailureSaysWhatItIs(t *testing.T) {
	tenanted, err := lokiserver.Start(t.Context(), lokiserver.Options{Overrides: "auth_enabled: true"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenanted.Stop() })
	selfSigned := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(selfSigned.Close)

	now := time.Now()
	for _, c := range []struct {
		name, address string
		settings      settings
		want          []string // each is part of the message
	}{
		{"Loki is down", closedPort(t), on("x"), []string{"refused"}},
		{"wrong host", "http://no-such-host.invalid:3100", on("x"), []string{"no-such-host.invalid"}},
		{"wrong path", lokiURL() + "/not-loki", on("x"), []string{"404"}},
		{"a web page", answering(t, 200, "text/html", "<html><title>Login</title></html>"), on("x"), []string{"Loki"}},
		{"not allowed", answering(t, 401, "text/plain", "invalid credentials"), on("x"), []string{"401"}},
		{"no tenant", tenanted.URL(), on("x"), []string{"enant"}},
		{"bad certificate", selfSigned.URL, on("x"), []string{"certificate"}},
		{"too many requests", answering(t, 429, "text/plain", "too many outstanding requests"), on("x").With("requestTimeout", "3s").With("queryTimeout", "5s"), []string{"429"}},
		{"gateway timeout", answering(t, 504, "text/plain", "request timed out, decrease the duration of the request or add more label matchers"), on("x").With("queryTimeout", "5s"), []string{"504"}},
		{"broken body", answering(t, 200, "application/vnd.google.protobuf", "\x32\xff\xff\xff\xff\x0f broken"), on("x"), []string{"answer"}},
		{"broken JSON", answering(t, 200, "application/json", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{`), on("x"), []string{"answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res := query(t, c.address, c.settings, now.Add(-time.Hour), now, map[string]ask{
				"A": {"queryType": "incidents"}, "B": {"queryType": "signatures"}, "C": {"queryType": "alert", "view": "identity"},
			})
			for _, ref := range []string{"A", "C"} {
				err := res[ref].Error
				if err == nil {
					t.Fatalf("%s: no error, %d frames", ref, len(res[ref].Frames))
				}
				// A panel shows in words that nothing is known; a rule gets the error alone.
				if frames := res[ref].Frames; ref == "A" && (len(frames) != 1 || frames[0].Rows() != 1) || ref == "C" && len(frames) != 0 {
					t.Errorf("%s: %d frames beside the error", ref, len(frames))
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s: %q does not say %q", ref, err, want)
					}
				}
				if res[ref].ErrorSource != backend.ErrorSourceDownstream {
					t.Errorf("%s: error source %q", ref, res[ref].ErrorSource)
				}
			}
			t.Logf("message: %v", res["A"].Error)
		})
	}
}

func TestOneFailingQueryLeavesTheOthers(t *testing.T) {
	now := time.Now()
	res := query(t, lokiURL(), on("isolated"), now.Add(-time.Hour), now, map[string]ask{
		"A": {"queryType": "incidents"}, "B": {"queryType": "no-such-type"}, "C": {"queryType": "count", "stat": "active"},
		"D": {"queryType": "steps", "signatures": []string{"no-such-signature"}},
	})
	for ref, fails := range map[string]bool{"A": false, "B": true, "C": false, "D": true} {
		if got := res[ref].Error != nil; got != fails {
			t.Errorf("%s: error %v, want one: %v", ref, res[ref].Error, fails)
		}
	}
}

func TestAnEmptyRangeIsNoFailure(t *testing.T) {
	now := time.Now()
	res := query(t, lokiURL(), on("empty"), now.Add(-time.Hour), now, map[string]ask{
		"A": {"queryType": "incidents"}, "B": {"queryType": "annotations"}, "C": {"queryType": "alert", "view": "identity"},
		"D": {"queryType": "count", "stat": "active"}, "E": {"queryType": "evidence"},
	})
	for ref, r := range res {
		if r.Error != nil || len(r.Frames) != 1 {
			t.Errorf("%s: error %v, %d frames", ref, r.Error, len(r.Frames))
		}
	}
	if n := res["D"].Frames[0].Rows(); n < 7 {
		t.Errorf("count has %d rows: every active signature must have one, with 0", n)
	}
}

func TestABrokenCustomSignatureIsNamedAndTheOthersWork(t *testing.T) {
	now := time.Now()
	s := on("custom").With("signatures", "apiVersion: bkincidents/v1\nid: mine\nunknown_key: 1\n")
	health, err := plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: pluginContext(t, lokiURL(), s)})
	if err != nil {
		t.Fatal(err)
	}
	if health.Status != backend.HealthStatusError || !strings.Contains(health.Message+string(health.JSONDetails), "unknown_key") {
		t.Errorf("health %s %q %s", health.Status, health.Message, health.JSONDetails)
	}
	if f := frame(t, lokiURL(), s, now.Add(-time.Hour), now, ask{"queryType": "signatures"}); f.Rows() < 7 {
		t.Errorf("%d shipped signatures are left", f.Rows())
	}
}
