package provisioning

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/metrics"
)

// offered are the plugin's metrics by the names that Prometheus stores, with their labels.
func offered(t *testing.T) map[string][]string {
	t.Helper()
	registry := prometheus.NewRegistry()
	m := metrics.New(registry)
	m.Query("alert", "ok", time.Second)
	m.Scan(true)
	m.Request("query_range", 200, time.Second, 1)
	m.Read("nodeman", &logs.Coverage{}, true, time.Second)
	m.Remembered("tail", 1, 1)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range families {
		labels := []string{}
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		if f.GetMetric()[0].GetHistogram() == nil {
			out[f.GetName()] = labels
			continue
		}
		out[f.GetName()+"_bucket"] = append(slices.Clone(labels), "le")
		out[f.GetName()+"_sum"], out[f.GetName()+"_count"] = labels, labels
	}
	return out
}

// An expression with a typo shows an empty panel, and a rule on one never fires.
func TestExpressionsAskForMetricsThatExist(t *testing.T) {
	expressions := map[string]string{}
	for uid, d := range loadDashboards(t) {
		for _, p := range d.all() {
			for i, target := range p.Targets {
				if source, _ := target["datasource"].(map[string]any); source["type"] == "prometheus" {
					expressions[fmt.Sprintf("%s panel %d.%d", uid, p.ID, i)], _ = target["expr"].(string)
				}
			}
		}
	}
	for _, r := range optionalRules(t) {
		expressions[r.UID] = r.Data[0].Model.Expr
	}
	if len(expressions) < 15 {
		t.Fatalf("only %d expressions found", len(expressions))
	}
	have := offered(t)
	for where, expr := range expressions {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "5m"))
		if err != nil {
			t.Errorf("%s: %s: %v", where, expr, err)
			continue
		}
		parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
			switch n := node.(type) {
			case *parser.VectorSelector:
				known, ok := have[n.Name]
				if !ok {
					t.Errorf("%s: there is no metric %s", where, n.Name)
				}
				for _, m := range n.LabelMatchers {
					if m.Name != "__name__" && !slices.Contains(known, m.Name) {
						t.Errorf("%s: %s has no label %s", where, n.Name, m.Name)
					}
				}
			case *parser.AggregateExpr:
				for _, name := range n.Grouping {
					if !slices.ContainsFunc(slices.Collect(maps.Values(have)), func(known []string) bool { return slices.Contains(known, name) }) {
						t.Errorf("%s: no metric has a label %s", where, name)
					}
				}
			}
			return nil
		})
	}
}

type optionalRule struct {
	UID, Condition, DashboardUID string
	PanelID                      int `yaml:"panelId"`
	NoDataState, ExecErrState    string
	Labels, Annotations          map[string]string
	Data                         []struct {
		RefID string `yaml:"refId"`
		Model struct{ Expr string }
	}
}

func optionalRules(t *testing.T) []optionalRule {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "provisioning", "alerting-optional", "zh", "self.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct{ Rules []optionalRule }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

func TestOptionalRulesLeadToTheirPanels(t *testing.T) {
	panels := map[string]bool{}
	for _, p := range loadDashboards(t)["blueking-incidents-self"].all() {
		panels[fmt.Sprint(p.ID)] = true
	}
	rules := optionalRules(t)
	if len(rules) == 0 {
		t.Fatal("no rules")
	}
	for _, r := range rules {
		if !uidPattern.MatchString(r.UID) || r.Condition != "C" || !panels[r.Annotations["__panelId__"]] || r.Annotations["__dashboardUid__"] != "blueking-incidents-self" {
			t.Errorf("%+v", r)
		}
		if !chinese(r.Annotations["summary"]) || !chinese(r.Annotations["description"]) || r.Labels["severity"] == "" {
			t.Errorf("%s: words or labels are missing", r.UID)
		}
	}
}

// Every metric is in docs/contract.md, Metrics, with its labels.
func TestMetricsAreInTheContract(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "contract.md"))
	if err != nil {
		t.Fatal(err)
	}
	for metric, labels := range offered(t) {
		if strings.HasSuffix(metric, "_sum") || strings.HasSuffix(metric, "_count") {
			continue
		}
		row := "| `" + strings.TrimSuffix(metric, "_bucket") + "` |"
		_, rest, found := strings.Cut(string(text), row)
		line, _, _ := strings.Cut(rest, "\n")
		for _, label := range labels {
			if found = found && (label == "le" || strings.Contains(line, "`"+label+"`")); !found {
				break
			}
		}
		if !found {
			t.Errorf("docs/contract.md has no row of %s with its labels %v", metric, labels)
		}
	}
}
