package plugin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// planOf asks what a query of the last hour would read.
func planOf(t *testing.T, d *Datasource, q string) (reads []plannedRead, status int, body string) {
	t.Helper()
	err := d.CallResource(t.Context(), &backend.CallResourceRequest{Method: http.MethodPost, Path: "plan", URL: "plan?from=" +
		ms(lastHour.From) + "&to=" + ms(lastHour.To), Body: []byte(q)},
		backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
			status, body = r.Status, string(r.Body)
			return nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &reads); err != nil {
			t.Fatal(err)
		}
	}
	return reads, status, body
}

func ms(at time.Time) string {
	text, _ := json.Marshal(at.UnixMilli())
	return string(text)
}

func TestAPlanNamesWhatAQueryWouldReadAndReadsNothing(t *testing.T) {
	f := busy()
	d := open(t, f)
	hour := time.Hour.Milliseconds()
	for name, tc := range map[string]struct {
		query    string
		sources  string
		lookback int64
	}{
		"a table":                   {`{"queryType":"incidents"}`, "nodeman agent bk-job-gateway", hour},
		"an alert":                  {`{"queryType":"alert"}`, "nodeman agent bk-job-gateway", hour},
		"steps of a signature":      {`{"queryType":"steps","signatures":["offline"]}`, "", 0},
		"what a line is":            {`{"queryType":"explain","line":"x"}`, "", 0},
		"steps of an incident":      {`{"queryType":"steps","incident":"x"}`, "nodeman agent bk-job-gateway", hour},
		"unexplained errors":        {`{"queryType":"unmatched","sources":["agent"]}`, "agent", 0},
		"a query without any field": {``, "nodeman agent bk-job-gateway", hour},
	} {
		t.Run(name, func(t *testing.T) {
			reads, status, body := planOf(t, d, tc.query)
			if status != http.StatusOK {
				t.Fatal(status, body)
			}
			var sources []string
			for _, r := range reads {
				sources = append(sources, string(r.Source))
				if !strings.Contains(r.LogQL, string(r.Source)) || r.To != noon.UnixMilli() || r.From != lastHour.From.UnixMilli()-tc.lookback || r.Farthest > r.From {
					t.Errorf("%+v", r)
				}
			}
			if got := strings.Join(sources, " "); got != tc.sources {
				t.Errorf("reads %q, want %q", got, tc.sources)
			}
		})
	}
	if n := f.reads.Load(); n != 0 {
		t.Errorf("%d reads of the store", n)
	}
}

func TestAPlanOfAWrongQuerySaysWhatIsWrong(t *testing.T) {
	d := open(t, busy())
	for q, want := range map[string]string{
		`{"queryType":"tables"}`:          "is unknown: use incidents",
		`{"signatures":["nobody-knows"]}`: "choose one of",
		`[]`:                              "not a JSON object",
		`{"hosts":["` + strings.Repeat("x", maxQueryBytes) + `"]}`: "Use fewer filter values",
	} {
		if _, status, body := planOf(t, d, q); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%.40s: %d %s", q, status, body)
		}
	}
}
