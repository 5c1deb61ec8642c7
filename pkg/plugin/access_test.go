package plugin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

func TestWhatIsNoResourceIsAnErrorInJSON(t *testing.T) {
	d := open(t, busy())
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
	}{
		"unknown":         {"GET", "secrets", "", 404},
		"root":            {"GET", "", "", 404},
		"wrong method":    {"POST", "signatures", "", 405},
		"delete":          {"DELETE", "incidents", "", 405},
		"read of a write": {"GET", "lint", "", 405},
		"up and down":     {"GET", "labels/../signatures", "", 404},
		"escaped":         {"GET", "labels/%2e%2e/values", "", 400},
		"slashes":         {"GET", "labels//values", "", 404},
		"up and out":      {"GET", "../../api/admin/settings", "", 404},
		"a label name":    {"GET", "labels/a%2Fb/values", "", 400},
		"too large":       {"POST", "lint", strings.Repeat("#", 4*signature.MaxFile), 413},
	} {
		t.Run(name, func(t *testing.T) {
			res := callAs(t, d, "Admin", tc.method, tc.path, tc.body)
			var body struct {
				Message string `json:"message"`
			}
			if err := json.Unmarshal(res.Body, &body); err != nil || body.Message == "" {
				t.Errorf("%.200s %v", res.Body, err)
			}
			if res.Status != tc.status {
				t.Errorf("status %d, want %d: %s", res.Status, tc.status, body.Message)
			}
		})
	}
}

// Two data sources of the same Loki, of one organisation or of two, are two instances that share nothing.
func TestDataSourcesShareNothing(t *testing.T) {
	tenants := make(chan string, 10_000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenants <- r.Header.Get("X-Scope-Orgid")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[]}}`)
	}))
	t.Cleanup(s.Close)
	for i, tenant := range []string{"org-1", "org-2", "org-1"} {
		d := instance(t, backend.DataSourceInstanceSettings{ID: int64(i), URL: s.URL, JSONData: []byte(fmt.Sprintf(`{"language":"en","tenant":%q}`, tenant))})
		_ = one(t, d, `{"queryType":"incidents"}`)
		n := 0
		for len(tenants) > 0 {
			if got := <-tenants; got != tenant {
				t.Errorf("asked as %q, want %q", got, tenant)
			}
			n++
		}
		if n == 0 {
			t.Errorf("data source %d was answered by another's memory", i)
		}
	}
}
