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

func countOne(b *testing.B, tenant string, f asked) (lines, scanned int64, err error) {
	form := url.Values{
		"query": {fmt.Sprintf("sum(count_over_time(%s[%ds]))", f.query, int64(f.end.Sub(f.start)/time.Second))},
		"time":  {strconv.FormatInt(f.end.UnixNano(), 10)},
	}
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, world.loki+"/loki/api/v1/query", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Scope-OrgID", tenant)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
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
		return 0, 0, fmt.Errorf("%s: %.200s", res.Status, body)
	}
	if len(answer.Data.Result) == 1 {
		text, _ := answer.Data.Result[0].Value[1].(string)
		if lines, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, 0, err
		}
	}
	return lines, answer.Data.Stats.Summary.TotalBytesProcessed, nil
}
