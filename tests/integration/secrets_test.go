//go:build integration

package integration

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tools/pluginrun"
)

// secretMark is in every secret of the test, so that one search finds them all.
const secretMark = "zxq7secret"

// leaks returns where secrets stand in a text, plain or as basic auth encodes them.
func leaks(text string) []string {
	var out []string
	for _, secret := range []string{secretMark, base64.StdEncoding.EncodeToString([]byte("grafana:" + secretMark + "-basic"))} {
		for rest := text; ; {
			i := strings.Index(rest, secret)
			if i < 0 {
				break
			}
			out = append(out, rest[max(0, i-80):min(len(rest), i+40)])
			rest = rest[i+len(secret):]
		}
	}
	return out
}

// everything asks a data source all that it answers, as a user with forwarded credentials, and returns every text.
func everything(t *testing.T, p *pluginrun.Plugin, d pluginrun.DataSource) string {
	t.Helper()
	source, err := d.Context()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	now := time.Now()
	req := &backend.QueryDataRequest{PluginContext: source}
	for _, queryType := range []string{"incidents", "annotations", "alert", "count", "evidence", "steps", "signatures", "health", "timeline", "unmatched"} {
		req.Queries = append(req.Queries, backend.DataQuery{
			RefID: queryType, JSON: []byte(fmt.Sprintf(`{"queryType":%q,"signatures":["gse-not-connected"]}`, queryType)),
			TimeRange: backend.TimeRange{From: now.Add(-time.Hour), To: now},
		})
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + secretMark + "-oauth", "X-Id-Token": secretMark + "-id", "Cookie": "session=" + secretMark + "-cookie"} {
		req.SetHTTPHeader(name, value)
	}
	resp, err := p.QueryData(t.Context(), req)
	fmt.Fprintln(&all, err)
	if err == nil {
		for ref, r := range resp.Responses {
			text, err := json.Marshal(r)
			fmt.Fprintln(&all, ref, r.Error, string(text), err)
		}
	}
	health, err := p.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: source, Headers: req.Headers})
	fmt.Fprintln(&all, err)
	if err == nil {
		fmt.Fprintln(&all, health.Message, string(health.JSONDetails))
	}
	for _, path := range []string{"hosts", "labels/host/values", "streams?source=nodeman", "nothing"} {
		route, _, _ := strings.Cut(path, "?")
		call := &backend.CallResourceRequest{PluginContext: source, Method: "GET", Path: route, URL: path}
		call.SetHTTPHeader("Authorization", "Bearer "+secretMark+"-oauth")
		res, err := p.CallResource(t.Context(), call)
		fmt.Fprintln(&all, err)
		if err == nil {
			fmt.Fprintln(&all, res.Headers, string(res.Body))
		}
	}
	return all.String()
}

// Every secret that a data source can have, in every way that a request can fail: none of them is in an answer or in the
// plugin's log.
func TestNoSecretLeavesThePlugin(t *testing.T) {
	log := &journal{}
	p, err := pluginrun.Start(t.Context(), pluginrun.Binary("../.."), pluginrun.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)

	// echo repeats what it was sent, as some gateways do on an error.
	echo := func(status int, contentType string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			fmt.Fprintf(w, "denied for Authorization: %s; X-Api-Key: %s; password=%s-body", r.Header.Get("Authorization"), r.Header.Get("X-Api-Key"), secretMark)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	redirecting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://user:"+secretMark+"-user@other.invalid/?token="+secretMark+"-query", http.StatusFound)
	}))
	t.Cleanup(redirecting.Close)
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client has gone
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	cutting := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cutting.Close)
	lines := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(r.URL.Path, "/query_range") {
			fmt.Fprint(w, `{"status":"success","data":[]}`)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[{"stream":{"source":"nodeman","cluster":"c"},"values":[["%d",%q,{}]]}]}}`,
			time.Now().Add(-time.Minute).UnixNano(), `2026-11-23 10:00:00 ERROR curl "token": "`+secretMark+`-line" agent(PID:1) is not connect to gse server password=`+secretMark+`-line`)
	}))
	t.Cleanup(lines.Close)

	plain := func(address string) pluginrun.DataSource { return pluginrun.DataSource{URL: address} }
	for name, d := range map[string]pluginrun.DataSource{
		"refused connection": plain(closedPort(t)), "no such host": plain("http://no-such-host.invalid"),
		"user in the URL": plain("http://user:" + secretMark + "-url@127.0.0.1:1"), "query in the URL": plain("http://127.0.0.1:1/?token=" + secretMark + "-url"),
		"an unreadable URL": plain("http://user:" + secretMark + "-url@127.0.0.1:port%zz"), "another scheme": plain("file:///etc/" + secretMark),
		"400": plain(echo(400, "text/plain")), "401": plain(echo(401, "text/plain")), "403": plain(echo(403, "application/json")), "404": plain(echo(404, "text/plain")),
		"429": plain(echo(429, "text/plain")), "500": plain(echo(500, "text/plain")), "503": plain(echo(503, "text/plain")), "a page": plain(echo(200, "text/html")),
		"not the API": plain(echo(200, "text/plain")), "broken JSON": plain(echo(200, "application/json")), "broken protobuf": plain(echo(200, "application/vnd.google.protobuf")),
		"redirect": plain(redirecting.URL), "hangs": plain(hanging.URL), "cut off": plain(cutting.URL), "secrets in lines": plain(lines.URL),
		"an unusable key": {URL: "https://127.0.0.1:1", JSONData: map[string]any{"tlsAuth": true, "tlsAuthWithCACert": true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := on("secrets").With("requestTimeout", "1s").With("queryTimeout", "1s").With("httpHeaderName1", "X-Api-Key").With("oauthPassThru", true)
			if more, ok := d.JSONData.(map[string]any); ok {
				for k, v := range more {
					s[k] = v
				}
			}
			d.JSONData = s
			d.Secrets = map[string]string{
				"basicAuthPassword": secretMark + "-basic", "httpHeaderValue1": secretMark + "-header",
				"tlsClientKey": "-----BEGIN KEY-----" + secretMark + "-key", "tlsClientCert": secretMark + "-cert", "tlsCACert": secretMark + "-ca",
			}
			for _, leak := range leaks(everything(t, p, d)) {
				t.Errorf("an answer has a secret: …%s…", leak)
			}
		})
	}
	t.Cleanup(func() { // after the parallel subtests
		for _, leak := range leaks(log.String()) {
			t.Errorf("the log has a secret: …%s…", leak)
		}
		if log.String() == "" {
			t.Error("the log is empty: nothing was checked")
		}
	})
}
