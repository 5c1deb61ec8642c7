//go:build integration

package lokiserver

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// TestRealLoki pushes a line of a month ago and reads it back: the store's path, which an unflushed line never takes.
func TestRealLoki(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute) // a cold build included
	defer cancel()
	s, err := Start(ctx, Options{Progress: os.Stderr, Overrides: "auth_enabled: true"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})

	const line, tenant = "curl: (6) Could not resolve host: bkrepo.example.com", "team"
	at := time.Now().Add(-30 * 24 * time.Hour)
	streams := []logproto.Stream{{Labels: `{app="nodeman"}`, Entries: []logproto.Entry{{Timestamp: at, Line: line}}}}
	if err := Push(ctx, s.URL(), tenant, streams); err != nil {
		t.Fatal(err)
	}
	if err := Flush(ctx, s.URL()); err != nil {
		t.Fatal(err)
	}
	query := s.URL() + "/loki/api/v1/query_range?" + url.Values{
		"query": {`{app="nodeman"}`},
		"start": {strconv.FormatInt(at.Add(-time.Minute).UnixNano(), 10)},
		"end":   {strconv.FormatInt(at.Add(time.Minute).UnixNano(), 10)},
	}.Encode()
	for _, tt := range []struct {
		tenant string
		found  bool
	}{{tenant, true}, {"others", false}} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Scope-OrgID", tt.tenant)
		got, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(got, line) != tt.found {
			t.Errorf("tenant %s: line found = %t, want %t: %s", tt.tenant, !tt.found, tt.found, got)
		}
	}
}
