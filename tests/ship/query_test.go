//go:build integration

package ship

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// entry is what Loki holds.
type entry struct {
	at   time.Time
	line string
	meta map[string]string
}

// most is how many entries one question may have for an answer: Loki's limit by default.
const most = 5000

// stored returns all entries of a cluster in Loki, asked for in spans that cannot reach the limit of a page.
func stored(t *testing.T, address, cluster string, from, to time.Time, span time.Duration) []entry {
	t.Helper()
	var out []entry
	for at := from.Truncate(time.Second); at.Before(to); at = at.Add(span) {
		entries, err := ask(t.Context(), address, fmt.Sprintf(`{job="nodeman-execution-log", cluster=%q}`, cluster), at, at.Add(span))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, entries...)
	}
	return out
}

// ask returns the entries of a query, and an error where there are more than one answer holds.
func ask(ctx context.Context, address, query string, from, to time.Time) ([]entry, error) {
	values := url.Values{
		"query": {query}, "limit": {fmt.Sprint(most)}, "direction": {"forward"},
		"start": {fmt.Sprint(from.UnixNano())}, "end": {fmt.Sprint(to.UnixNano())},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/loki/api/v1/query_range?"+values.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Values [][]json.RawMessage }
		}
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = errors.New(res.Status)
	}
	if err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	if err != nil {
		return nil, fmt.Errorf("query %s: %w: %.300s", query, err, raw)
	}
	var out []entry
	for _, stream := range answer.Data.Result {
		for _, value := range stream.Values {
			e, err := decode(value)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
	}
	if len(out) == most {
		return nil, fmt.Errorf("%d entries within %v: the test must ask for shorter spans", len(out), to.Sub(from))
	}
	return out, nil
}

func decode(value []json.RawMessage) (entry, error) {
	var ns, line string
	var labels struct{ StructuredMetadata map[string]string }
	for i, to := range []any{&ns, &line, &labels} {
		if i < len(value) {
			if err := json.Unmarshal(value[i], to); err != nil {
				return entry{}, err
			}
		}
	}
	at, err := strconv.ParseInt(ns, 10, 64)
	return entry{time.Unix(0, at).UTC(), line, labels.StructuredMetadata}, err
}
