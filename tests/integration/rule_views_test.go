//go:build integration

package integration

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"go.yaml.in/yaml/v3"
)

// ruleQuery is a query of a shipped rule.
type ruleQuery struct {
	RefID             string
	RelativeTimeRange struct{ From int }
	Model             map[string]any
}

// viewsOfRules are the identity and the evidence query of every shipped rule on incidents, by its uid.
func viewsOfRules(t *testing.T) map[string][2]ruleQuery {
	t.Helper()
	text, err := os.ReadFile("../../provisioning/alerting/zh/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				UID  string `yaml:"uid"`
				Data []struct {
					RefID             string `yaml:"refId"`
					RelativeTimeRange struct {
						From int `yaml:"from"`
					} `yaml:"relativeTimeRange"`
					Model map[string]any `yaml:"model"`
				} `yaml:"data"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	out := map[string][2]ruleQuery{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Data[0].Model["queryType"] == "alert" && r.Data[0].Model["view"] == "identity" && r.Data[1].Model["view"] == "evidence" {
				var pair [2]ruleQuery
				for i := range pair {
					pair[i].RefID, pair[i].Model, pair[i].RelativeTimeRange.From = r.Data[i].RefID, r.Data[i].Model, r.Data[i].RelativeTimeRange.From
				}
				out[r.UID] = pair
			}
		}
	}
	if len(out) != 4 {
		t.Fatalf("%d rules on incidents", len(out))
	}
	return out
}

// evaluate asks one query of a rule as alerting does, in a call of its own.
func evaluate(t *testing.T, address string, s settings, q ruleQuery, now time.Time) (rows []string, err error) {
	t.Helper()
	model, err := json.Marshal(q.Model)
	if err != nil {
		t.Fatal(err)
	}
	res, err := plugin.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: pluginContext(t, address, s), Headers: map[string]string{backend.FromAlertHeaderName: "true"},
		Queries: []backend.DataQuery{{
			RefID: q.RefID, JSON: model, Interval: time.Minute, MaxDataPoints: 100,
			TimeRange: backend.TimeRange{From: now.Add(-time.Duration(q.RelativeTimeRange.From) * time.Second), To: now},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := res.Responses[q.RefID]
	if got.Error != nil {
		if len(got.Frames) > 0 {
			t.Errorf("%v: frames beside an error", q.Model)
		}
		return nil, got.Error
	}
	for _, f := range got.Frames {
		if f.Rows() == 0 {
			continue
		}
		fingerprints, values := column[string](t, f, "fingerprint"), column[float64](t, f, "value")
		for i, fingerprint := range fingerprints {
			rows = append(rows, fingerprint+map[float64]string{0: " over", 1: " active"}[values[i]])
		}
	}
	return rows, nil
}

// TestShippedRulesAgreeWhateverLokiDoes asks A and B of every shipped rule as Grafana does, one after the other. Where B
// had fewer rows than A, Grafana would take the rule for "no data" and resolve what goes on.
func TestShippedRulesAgreeWhateverLokiDoes(t *testing.T) {
	address, now, _ := sampleLoki(t)
	var down atomic.Bool
	flaky := through(t, address, nil, func(res *http.Response) error {
		if down.Load() {
			res.StatusCode, res.Status = http.StatusUnauthorized, "401 Unauthorized" // what is not worth a retry
		}
		return nil
	})
	s := settings{"store": "loki", "language": "en"}
	rules, seen := viewsOfRules(t), 0
	for hours := range 4 {
		at := now.Add(-time.Duration(6*hours) * time.Hour)
		for uid, q := range rules {
			a, errA := evaluate(t, address, s, q[0], at)
			b, errB := evaluate(t, address, s, q[1], at)
			if errA != nil || errB != nil || !slices.Equal(a, b) {
				t.Errorf("%s at %s: A %v %v, B %v %v", uid, at, a, errA, b, errB)
			}
			seen += len(a)
		}
	}
	if seen == 0 {
		t.Error("no rule has anything to say")
	}
	for uid, q := range rules {
		quiet := on("nothing was ever logged")
		a, errA := evaluate(t, address, quiet, q[0], now)
		b, errB := evaluate(t, address, quiet, q[1], now)
		if len(a)+len(b) > 0 || errA != nil || errB != nil {
			t.Errorf("%s without logs: A %v %v, B %v %v", uid, a, errA, b, errB)
		}
	}

	moment := now.Add(-time.Minute) // one that nobody has asked about
	for uid, q := range rules {
		down.Store(false)
		before, err := evaluate(t, flaky, s, q[0], moment)
		if err != nil {
			t.Fatal(err)
		}
		down.Store(true)
		if after, err := evaluate(t, flaky, s, q[1], moment); err != nil || !slices.Equal(before, after) {
			t.Errorf("%s, Loki fails between A and B: A %v, B %v %v", uid, before, after, err)
		}
		for _, view := range q {
			if rows, err := evaluate(t, flaky, s, view, moment.Add(-time.Minute)); err == nil {
				t.Errorf("%s, Loki fails: %s answers with %v", uid, view.RefID, rows)
			}
		}
	}
}
