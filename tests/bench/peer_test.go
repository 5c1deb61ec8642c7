//go:build integration

package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// count is the peer of a cold answer: Loki's own count of the lines that pass the same filters over the same ranges,
// with as many requests side by side as the plugin has. It returns how many bytes of lines Loki looked at.
func count(b *testing.B, tenant string, filters []asked) (lines, scanned int64) {
	b.Helper()
	var g errgroup.Group
	g.SetLimit(4)
	counts, bytes := make([]int64, len(filters)), make([]int64, len(filters))
	for i, f := range filters {
		g.Go(func() (err error) {
			counts[i], bytes[i], err = countOne(b, tenant, f)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	for i := range filters {
		lines += counts[i]
		scanned += bytes[i]
	}
	return lines, scanned
}

// readAll asks for the lines that pass the same filters over the same ranges, one log query for each filter: what no
// reader of lines can do without.
func readAll(b *testing.B, tenant string, filters []asked) {
	b.Helper()
	var g errgroup.Group
	g.SetLimit(4)
	for _, f := range filters {
		g.Go(func() error {
			_, err := post(b, tenant, "/loki/api/v1/query_range", url.Values{
				"query": {f.query}, "limit": {"5000"}, "direction": {"forward"},
				"start": {strconv.FormatInt(f.start.UnixNano(), 10)}, "end": {strconv.FormatInt(f.end.UnixNano(), 10)},
			})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
}

func countOne(b *testing.B, tenant string, f asked) (lines, scanned int64, err error) {
	body, err := post(b, tenant, "/loki/api/v1/query", url.Values{
		"query": {fmt.Sprintf("sum(count_over_time(%s[%ds]))", f.query, int64(f.end.Sub(f.start)/time.Second))},
		"time":  {strconv.FormatInt(f.end.UnixNano(), 10)},
	})
	if err != nil {
		return 0, 0, err
	}
	var answer struct {
		Data struct {
			Result []struct{ Value []any }
			Stats  struct {
				Summary struct{ TotalBytesProcessed int64 }
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, 0, fmt.Errorf("%w: %.200s", err, body)
	}
	if len(answer.Data.Result) == 1 {
		text, _ := answer.Data.Result[0].Value[1].(string)
		if lines, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, 0, err
		}
	}
	return lines, answer.Data.Stats.Summary.TotalBytesProcessed, nil
}

// post asks Loki and returns what it answers.
func post(b *testing.B, tenant, path string, form url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, world.loki+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Scope-OrgID", tenant)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", res.Status, body)
	}
	return body, err
}
