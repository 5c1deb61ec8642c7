package plugin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tests/asks"
)

// Requests to Loki of a refresh, with the five default selectors.
const (
	newest = 5 // the newest lines of each
	// Every five minutes: when the three of them that log all the time shipped lines, and what no signature explains, in
	// four parts of each.
	volumes     = 3
	unexplained = 4 * 5
	// Every ten minutes: what is old enough now to be kept, of each, and Loki's limits.
	closed, limits = 5, 1
)

// The panels of a page are asked for side by side, with the range of the page; a refresh is the same range half a minute
// later. Rules are asked for once a minute.
func TestARefreshOfAPageAsksLokiLittle(t *testing.T) {
	for _, page := range []string{"overview", "incident", "rules"} {
		t.Run(page, func(t *testing.T) {
			var mu sync.Mutex
			asked := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
				mu.Lock()
				asked[kind]++
				mu.Unlock()
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"status":"success","data":%s}`, quietLoki(kind, r.Form))
			}))
			t.Cleanup(server.Close)
			first := time.Date(2026, 11, 1, 9, 5, 0, 0, time.UTC)
			var now atomic.Int64 // panels look at the clock a little after the browser did
			clock := func() time.Time { return time.Unix(0, now.Add(int64(time.Millisecond))) }
			d := instanceAt(t, backend.DataSourceInstanceSettings{URL: server.URL, JSONData: []byte(`{"language":"en"}`)}, clock)
			queries, back, headers := ruleQueries(t), 15*time.Minute, map[string]string{"FromAlert": "true"}
			if page != "rules" {
				queries, back, headers = pageQueries(t, page), 24*time.Hour, nil
			}
			refresh := func(later time.Duration) (total int, by map[string]int) {
				mu.Lock()
				asked = map[string]int{}
				mu.Unlock()
				to := first.Add(later)
				now.Store(to.UnixNano())
				var done sync.WaitGroup
				for _, text := range queries {
					done.Go(func() {
						_, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Headers: headers, Queries: []backend.DataQuery{{
							RefID: "A", JSON: []byte(text), MaxDataPoints: 96, TimeRange: backend.TimeRange{From: to.Add(-back), To: to},
						}}})
						if err != nil {
							t.Error(err)
						}
					})
				}
				done.Wait()
				mu.Lock()
				defer mu.Unlock()
				for _, n := range asked {
					total += n
				}
				return total, asked
			}
			cold, by := refresh(0)
			t.Logf("cold: %d requests of %d queries: %v", cold, len(queries), by)
			for n := 1; n <= 24; n++ {
				most := newest + volumes + limits
				if n%6 == 0 { // every five minutes
					most = newest + closed + limits
					if page == "overview" {
						most += unexplained
					}
				}
				total, by := refresh(time.Duration(n) * 50 * time.Second)
				t.Logf("warm: %d requests: %v", total, by)
				if total > most {
					t.Errorf("refresh %d asks Loki %d times, want at most %d: %v", n, total, most, by)
				}
			}
		})
	}
}

// pageQueries are the queries of all panels of a page.
func pageQueries(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	for _, q := range shownQueries(t) {
		if q.lang == "en" && strings.Contains(q.where, page+".json") {
			out = append(out, q.filled(map[string]string{"incident": "0000000000000000-1", "fingerprint": "0000000000000000"}))
		}
	}
	return out
}

// ruleQueries are the queries of the shipped rules that are evaluated every minute.
func ruleQueries(t *testing.T) []string {
	t.Helper()
	rules := asks.OfRules(t, "en")
	out := make([]string, len(rules))
	for i, q := range rules {
		model, err := json.Marshal(q.Model)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(model)
	}
	return out
}

// quietLoki is the data of a Loki whose streams ship lines, none of which any filter wants.
func quietLoki(kind string, form url.Values) string {
	switch kind {
	case "query_range":
		if strings.HasPrefix(form.Get("query"), "{") {
			return `{"resultType":"streams","result":[]}`
		}
		return `{"resultType":"matrix","result":[]}`
	case "volume_range":
		start, _ := strconv.ParseInt(form.Get("start"), 10, 64)
		end, _ := strconv.ParseInt(form.Get("end"), 10, 64)
		step, err := time.ParseDuration(form.Get("step") + "s")
		if err != nil {
			panic(err)
		}
		var values []string
		for at := end; at >= start; at -= step.Nanoseconds() {
			values = append(values, fmt.Sprintf(`[%d,"1000"]`, at/1e9))
		}
		slices.Reverse(values)
		return `{"resultType":"matrix","result":[{"metric":{},"values":[` + strings.Join(values, ",") + `]}]}`
	case "drilldown-limits":
		return `null,"limits":{"max_entries_limit_per_query":5000,"max_query_length":"30d1h","max_query_lookback":"0s"},"version":"3.7.8"`
	}
	return `[]`
}
