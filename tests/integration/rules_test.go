//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// askLoki runs a LogQL metric query as Loki's ruler and Grafana's own data source do, and returns the series it has.
// Without a step it is an instant query at the end of the range.
func askLoki(t *testing.T, address, expr string, from, to time.Time, step time.Duration) []map[string]any {
	t.Helper()
	path, form := "/loki/api/v1/query", url.Values{"query": {expr}, "time": {strconv.FormatInt(to.UnixNano(), 10)}}
	if step > 0 {
		path, form = "/loki/api/v1/query_range", url.Values{
			"query": {expr}, "start": {strconv.FormatInt(from.UnixNano(), 10)}, "end": {strconv.FormatInt(to.UnixNano(), 10)}, "step": {step.String()},
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+path+"?"+form.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var body struct {
		Data struct {
			Result []map[string]any `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("Loki refuses %s: %s, %v", expr, res.Status, err)
	}
	return body.Data.Result
}

// TestLokiRunsTheRulesOfTheCatalogue lets a real Loki evaluate what `rules --format loki` writes for its ruler.
func TestLokiRunsTheRulesOfTheCatalogue(t *testing.T) {
	address, now, _ := sampleLoki(t)
	text, err := exec.CommandContext(t.Context(), "../../bin/bkincidents", "rules", "--format", "loki").Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	rules, fired := 0, map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			rules++
			// The day of the samples is over at no time of the day, so several moments of it are looked at.
			for hours := range 8 {
				if len(askLoki(t, address, r.Expr, now, now.Add(-time.Duration(3*hours)*time.Hour), 0)) > 0 {
					fired[r.Alert] = true
				}
			}
		}
	}
	if rules < 40 || len(fired) == 0 {
		t.Errorf("%d rules, of which %v found something in the samples", rules, fired)
	}
	t.Log(fmt.Sprintf("%d rules evaluated, ", rules), fired)
}
