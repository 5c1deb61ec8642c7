package provisioning

import (
	"slices"
	"strings"
	"testing"
)

// The rules of grafana/dashboard-linter, as of 2026-06, that look at anything of ours, each with the test that does it:
//
//	uneditable-dashboard, panel-title-description, panel-units,
//	panel-no-targets, template-datasource                         TestDashboardsAreWellMade
//	panel-datasource                                              TestDashboardsNameNoDatasource
//	template-on-time-change-reload, target-logql-auto             below
//	target-logql                                                  tests/integration, on a real Loki
//
// template-job, template-instance, template-label-promql, target-promql, target-rate-interval, target-job,
// target-instance and target-counter-agg are about Prometheus. dashboards/.lint tells the linter so.

// exclusions is dashboards/.lint, the linter's file of exceptions.
type exclusions struct {
	Exclusions map[string]struct {
		Reason  string `yaml:"reason"`
		Entries []struct {
			Dashboard string `yaml:"dashboard"`
			Panel     string `yaml:"panel"`
		} `yaml:"entries"`
	} `yaml:"exclusions"`
}

func TestExceptionsFromTheLinterHaveReasons(t *testing.T) {
	var lint exclusions
	load(t, "dashboards/.lint", &lint)
	titles := map[string][]string{}
	for _, lang := range []string{"zh", "en"} {
		for _, d := range loadSet(t, lang) {
			for _, p := range d.all() {
				titles[d.Title] = append(titles[d.Title], p.Title)
			}
		}
	}
	for rule, e := range lint.Exclusions {
		if !strings.HasSuffix(rule, "-rule") || e.Reason == "" {
			t.Errorf("%s: %+v", rule, e)
		}
		for _, entry := range e.Entries {
			if panels, ok := titles[entry.Dashboard]; !ok || entry.Panel != "" && !slices.Contains(panels, entry.Panel) {
				t.Errorf("%s: there is no %+v", rule, entry)
			}
		}
	}
}

// Values that belong to the old time range would select nothing in the new one.
func TestVariablesFollowTheTimeRange(t *testing.T) {
	const onTimeRange = 2
	var lint exclusions
	load(t, "dashboards/.lint", &lint)
	for uid, d := range loadDashboards(t) {
		for _, v := range d.Templating.List {
			if v.Type != "query" || v.Refresh == onTimeRange {
				continue
			}
			excused := false
			for _, e := range lint.Exclusions["template-on-time-change-reload-rule"].Entries {
				excused = excused || e.Dashboard == d.Title
			}
			if !excused {
				t.Errorf("%s: %s is read once and stays as it was", uid, v.Name)
			}
		}
	}
}

// A fixed window would skip lines, or count them twice, on another time range.
func TestLogQLFollowsTheStep(t *testing.T) {
	n := 0
	for uid, d := range loadDashboards(t) {
		for _, p := range d.all() {
			for _, target := range p.Targets {
				if expr, _ := target["expr"].(string); p.Datasource != nil && p.Datasource.Type == "loki" {
					n++
					if !strings.Contains(expr, "[$__auto]") {
						t.Errorf("%s, %s: %s", uid, p.Title, expr)
					}
				}
			}
		}
	}
	if n == 0 {
		t.Error("no panel asks Loki")
	}
}
