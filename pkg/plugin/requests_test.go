package plugin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// warmRequests is how many requests to Loki a refresh of all panels of a page may take, those of unexplained errors
// included, which are read in steps of five minutes: two reads of each of five default selectors, and four beside.
const warmRequests = 14

// The panels of a page are asked for side by side, with the range of the page; a refresh is the same range half a minute
// later.
func TestARefreshOfAPageAsksLokiLittle(t *testing.T) {
	for _, page := range []string{"overview", "incident"} {
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
			d := instance(t, backend.DataSourceInstanceSettings{URL: server.URL, JSONData: []byte(`{"language":"en"}`)})
			var queries []shownQuery
			for _, q := range shownQueries(t) {
				if q.lang == "en" && strings.Contains(q.where, page+".json") {
					queries = append(queries, q)
				}
			}
			refresh := func(later time.Duration) (total int, by map[string]int) {
				mu.Lock()
				asked = map[string]int{}
				mu.Unlock()
				to := time.Now().Add(later)
				var done sync.WaitGroup
				for _, q := range queries {
					done.Go(func() {
						text := q.filled(map[string]string{"incident": "0000000000000000-1", "fingerprint": "0000000000000000"})
						_, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
							RefID: "A", JSON: []byte(text), MaxDataPoints: 96, TimeRange: backend.TimeRange{From: to.Add(-24 * time.Hour), To: to},
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
			t.Logf("cold: %d requests of %d panels: %v", cold, len(queries), by)
			for n := 1; n <= 2; n++ {
				warm, by := refresh(time.Duration(n) * 30 * time.Second)
				t.Logf("warm: %d requests: %v", warm, by)
				if warm > warmRequests {
					t.Errorf("refresh %d asks Loki %d times, want at most %d: %v", n, warm, warmRequests, by)
				}
			}
		})
	}
}

// quietLoki is the data of a Loki whose streams ship lines, none of which any filter wants.
func quietLoki(kind string, form url.Values) string {
	switch kind {
	case "query_range":
		return `{"resultType":"streams","result":[]}`
	case "volume_range":
		end, _ := strconv.ParseInt(form.Get("end"), 10, 64)
		var values []string
		for n := range 48 * 60 {
			values = append(values, fmt.Sprintf(`[%d,"1000"]`, end/1e9-int64(60*n)))
		}
		slices.Reverse(values)
		return `{"resultType":"matrix","result":[{"metric":{},"values":[` + strings.Join(values, ",") + `]}]}`
	}
	return `[]`
}
