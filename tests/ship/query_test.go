//go:build integration

package ship

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// entry is what Loki holds.
type entry struct {
	at   time.Time
	line string
	meta map[string]string
}

// stored returns all entries of a cluster in Loki, asked for in spans that cannot reach the limit of a page.
func stored(t *testing.T, address, cluster string, from, to time.Time, span time.Duration) []entry {
	t.Helper()
	const limit = 5000
	var out []entry
	for at := from.Truncate(time.Second); at.Before(to); at = at.Add(span) {
		query := url.Values{
			"query": {fmt.Sprintf(`{job="nodeman-execution-log", cluster=%q}`, cluster)}, "limit": {fmt.Sprint(limit)}, "direction": {"forward"},
			"start": {fmt.Sprint(at.UnixNano())}, "end": {fmt.Sprint(at.Add(span).UnixNano())},
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/loki/api/v1/query_range?"+query.Encode(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var answer struct {
			Data struct {
				Result []struct{ Values [][]json.RawMessage }
			}
		}
		if err == nil {
			err = json.Unmarshal(raw, &answer)
		}
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("query: status %d, %v: %.300s", res.StatusCode, err, raw)
		}
		n := 0
		for _, stream := range answer.Data.Result {
			for _, value := range stream.Values {
				out = append(out, decode(t, value))
				n++
			}
		}
		if n == limit {
			t.Fatalf("%d entries within %v: the test must ask for shorter spans", n, span)
		}
	}
	return out
}

func decode(t *testing.T, value []json.RawMessage) entry {
	t.Helper()
	var ns, line string
	var labels struct{ StructuredMetadata map[string]string }
	for i, to := range []any{&ns, &line, &labels} {
		if i < len(value) {
			if err := json.Unmarshal(value[i], to); err != nil {
				t.Fatal(err)
			}
		}
	}
	var at int64
	if _, err := fmt.Sscan(ns, &at); err != nil {
		t.Fatal(err)
	}
	return entry{time.Unix(0, at).UTC(), line, labels.StructuredMetadata}
}
