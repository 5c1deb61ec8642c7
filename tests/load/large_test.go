//go:build integration

package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// longLines is a Loki of one stream whose lines have a megabyte each, one a second. A real one refuses such lines by
// default (max_line_size 256 KB), and an operator may allow them.
func longLines(t *testing.T, first time.Time, lines int) string {
	t.Helper()
	padding := strings.Repeat("x", 1<<20)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(r.URL.Path, "/query_range") || !strings.Contains(r.Form.Get("query"), "nodeman") {
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"streams","result":[]}}`)
			return
		}
		from, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
		to, _ := strconv.ParseInt(r.Form.Get("end"), 10, 64)
		limit, _ := strconv.Atoi(r.Form.Get("limit"))
		var body bytes.Buffer
		body.WriteString(`{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[{"stream":{"source":"nodeman","cluster":"c1","host":"h1"},"values":[`)
		n := 0
		for i := range lines {
			at := first.Add(time.Duration(i) * time.Second).UnixNano()
			if at < from || at >= to || n == limit {
				continue
			}
			if n++; n > 1 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, `["%d","2026-11-23 10:00:00 ERROR step FAILED load worker %d stalled %s",{}]`, at, 1000+i, padding)
			if body.Len() > 40<<20 {
				break // more than the plugin reads
			}
		}
		body.WriteString(`]}]}}`)
		_, _ = w.Write(body.Bytes())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// stalled is a signature whose lines may go on for as long as they like.
const stalled = `
apiVersion: bkincidents/v1
id: load-stalled
revision: 1
status: active
severity: low
class: unknown
family: load
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'load worker %{int:pid} stalled%{any}'}
detect: {term: failed}
key: [cluster, host]
resolve: {quiet: 20m}
`

func TestLinesOfAMegabyteAreReadInBoundedMemory(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	lines := size(300, 60)
	s := settings("long")
	s["signatures"] = stalled
	l := start(t, longLines(t, now.Add(-10*time.Minute), lines), s)
	f := l.mustAsk(ask{"queryType": "unmatched", "stat": "coverage"}, now.Add(-time.Hour), now)
	if f.Rows() == 0 {
		t.Error("no answer")
	}
	f, err := l.ask(ask{"queryType": "incidents"}, now.Add(-time.Hour), now, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Rows() != 1 || sum(f, "count") != int64(lines) {
		t.Errorf("%d incidents of %d lines, want one of %d", f.Rows(), sum(f, "count"), lines)
	}
	raw, err := json.Marshal(f)
	if err != nil || len(raw) > 4<<20 {
		t.Errorf("an answer of %d bytes, %v", len(raw), err)
	}
	l.settle(fmt.Sprintf("%d lines of 1 MB", lines))
}

func TestAFleetOfAHundredThousandHostsHasBoundedLists(t *testing.T) {
	const hosts = 100_000
	values := make([]string, hosts)
	for i := range values {
		values[i] = fmt.Sprintf("host-%06d.example.internal", i)
	}
	body, err := json.Marshal(map[string]any{"status": "success", "data": values})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/values") {
			_, _ = w.Write(body)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"streams","result":[]}}`)
	}))
	t.Cleanup(s.Close)
	l := start(t, s.URL, settings("values"))
	for _, path := range []string{"labels/host/values", "hosts", "clusters"} {
		for range size(20, 3) {
			var res *backend.CallResourceResponse
			err := l.took.Time(func() (err error) {
				res, err = l.plugin.CallResource(t.Context(), &backend.CallResourceRequest{PluginContext: l.source, Method: "GET", Path: path, URL: path})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if err := json.Unmarshal(res.Body, &got); err != nil || res.Status != 200 {
				t.Fatalf("%s: %d %.200s %v", path, res.Status, res.Body, err)
			}
			if len(got) == 0 || len(got) > 5000 || got[0] != values[0] {
				t.Errorf("%s: %d values", path, len(got))
			}
		}
	}
	l.settle("lists of 100,000 values")
}
