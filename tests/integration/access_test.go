//go:build integration

package integration

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// guarded is a Loki that shows lines to alice only, and no label values to anybody else.
func guarded(t *testing.T) (*httptest.Server, func() int) {
	t.Helper()
	asked := make(chan string, 10_000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Authorization")
		if r.Header.Get("Authorization") != "Bearer alice" {
			http.Error(w, "you may not see this", http.StatusForbidden)
			return
		}
		switch {
		case strings.HasSuffix(r.URL.Path, "/values"):
			fmt.Fprint(w, `{"status":"success","data":["alices-host"]}`)
		case strings.HasSuffix(r.URL.Path, "/query_range") && strings.HasPrefix(r.FormValue("query"), "{"):
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[]}}`)
		default:
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		}
	}))
	t.Cleanup(s.Close)
	return s, func() int { return len(asked) }
}

func TestAPermissionOfOneUserAnswersNobodyElse(t *testing.T) {
	s, asked := guarded(t)
	source := pluginContext(t, s.URL, on("permission").With("oauthPassThru", true))
	now := time.Now()
	for _, queryType := range []string{"incidents", "count", "alert", "health", "evidence", "unmatched", "timeline"} {
		for _, who := range []string{"alice", "bob", "", "alice"} {
			before := asked()
			req := &backend.QueryDataRequest{PluginContext: source, Queries: []backend.DataQuery{{
				RefID: "A", TimeRange: backend.TimeRange{From: now.Add(-time.Hour), To: now}, JSON: []byte(fmt.Sprintf(`{"queryType":%q}`, queryType)),
			}}}
			if who != "" {
				req.SetHTTPHeader("Authorization", "Bearer "+who)
			}
			resp, err := plugin.QueryData(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			answer := resp.Responses["A"]
			switch {
			case who == "alice" && answer.Error != nil:
				t.Errorf("%s of alice: %v", queryType, answer.Error)
			case who != "alice" && asked() == before:
				t.Errorf("%s of %q was answered from memory", queryType, who)
			case who != "alice" && queryType == "health":
				if v := column[float64](t, answer.Frames[0], "value"); len(v) != 1 || v[0] != 0 {
					t.Errorf("health of %q: %v", who, v)
				}
			case who != "alice" && (answer.Error == nil || answer.Status != backend.StatusUnauthorized):
				t.Errorf("%s of %q: %v %v", queryType, who, answer.Status, answer.Error)
			}
		}
	}
	for _, path := range []string{"labels/host/values", "hosts", "clusters", "incidents"} {
		for _, who := range []string{"alice", "bob", "alice"} {
			req := &backend.CallResourceRequest{PluginContext: source, Method: "GET", Path: path, URL: path}
			req.SetHTTPHeader("Authorization", "Bearer "+who)
			got, err := plugin.CallResource(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{"alice": 200, "bob": 401}[who]; got.Status != want {
				t.Errorf("%s of %s: %d %s", path, who, got.Status, got.Body)
			}
		}
	}
}
