package rules

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"unicode/utf8"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// grafanaFile has the keys that Grafana reads; it ignores others silently.
type grafanaFile struct {
	APIVersion int `yaml:"apiVersion"`
	Groups     []struct {
		OrgID    int           `yaml:"orgId"`
		Name     string        `yaml:"name"`
		Folder   string        `yaml:"folder"`
		Interval string        `yaml:"interval"`
		Rules    []grafanaKeys `yaml:"rules"`
	} `yaml:"groups"`
	DeleteRules []map[string]any `yaml:"deleteRules"`
}

type grafanaKeys struct {
	UID          string            `yaml:"uid"`
	Title        string            `yaml:"title"`
	Condition    string            `yaml:"condition"`
	For          string            `yaml:"for"`
	MissingEvals int               `yaml:"missing_series_evals_to_resolve"`
	NoDataState  string            `yaml:"noDataState"`
	ExecErrState string            `yaml:"execErrState"`
	DashboardUID string            `yaml:"dashboardUid"`
	PanelID      int               `yaml:"panelId"`
	Labels       map[string]string `yaml:"labels"`
	Annotations  map[string]string `yaml:"annotations"`
	Data         []struct {
		RefID             string         `yaml:"refId"`
		DatasourceUID     string         `yaml:"datasourceUid"`
		RelativeTimeRange map[string]int `yaml:"relativeTimeRange"`
		Model             map[string]any `yaml:"model"`
	} `yaml:"data"`
}

// lokiFile has the keys that Loki's ruler reads.
type lokiFile struct {
	Groups []struct {
		Name     string `yaml:"name"`
		Interval string `yaml:"interval"`
		Rules    []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

func strict(t *testing.T, text []byte, into any) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func builtin(t *testing.T) []*signature.Signature {
	t.Helper()
	sigs, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return sigs
}

func parse(t *testing.T, text string) *signature.Signature {
	t.Helper()
	sigs, err := signature.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sigs[0]
}

// base is a signature whose detection is appended.
const base = `apiVersion: bkincidents/v1
id: backup-failed
revision: 1
status: active
severity: high
class: environment
title: {zh: "备份失败 '$HOME'", en: "Backup failed: 'a' costs $5"}
summary: {zh: 备份失败, en: "Backup {{job}} failed"}
terms:
  failed: {source: nodeman, any_of: [{text: 'backup job %{name:job} failed%{any}'}, {text: '备份任务执行失败了吧%{any}'}]}
  started: {source: bk-job-gateway, text: 'starting the "backup" now%{any}'}
key: [cluster]
`

func TestGrafanaRulesAreThoseOfTheSampleButPerSignature(t *testing.T) {
	raw, err := os.ReadFile("../../provisioning/alerting/zh/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sample, got grafanaFile
	strict(t, raw, &sample)
	var out bytes.Buffer
	sigs := builtin(t)
	if err := Grafana(&out, sigs, DefaultDatasource, signature.ZH); err != nil {
		t.Fatal(err)
	}
	strict(t, out.Bytes(), &got)
	want := sample.Groups[0].Rules[0]
	uids, titles, n := map[string]bool{}, map[string]bool{}, 0
	for _, g := range got.Groups {
		if g.OrgID != 1 || g.Folder != sample.Groups[0].Folder || g.Interval != "1m" {
			t.Errorf("group %s: org %d, folder %q, every %s", g.Name, g.OrgID, g.Folder, g.Interval)
		}
		for _, r := range g.Rules {
			n++
			if !uidPattern.MatchString(r.UID) || uids[r.UID] || titles[r.Title] || utf8.RuneCountInString(r.Title) > maxTitle {
				t.Errorf("uid %q, title %q", r.UID, r.Title)
			}
			uids[r.UID], titles[r.Title] = true, true
			id := r.Data[0].Model["signatures"].([]any)[0].(string)
			r.UID, r.Title = want.UID, want.Title
			for i, view := range []string{"identity", "evidence"} {
				if m := r.Data[i].Model; m["view"] != view || len(m["signatures"].([]any)) != 1 || m["signatures"].([]any)[0] != id {
					t.Errorf("%s: query %v", id, m)
				}
				delete(r.Data[i].Model, "signatures")
				r.Data[i].Model["severities"] = []any{"critical"}
			}
			if a, b := dump(t, r), dump(t, want); a != b {
				t.Fatalf("%s differs from provisioning/alerting/zh/rules.yaml:\n%s\nwant\n%s", id, a, b)
			}
		}
	}
	if want := active(sigs); n != want {
		t.Errorf("%d rules of %d active signatures", n, want)
	}
}

func dump(t *testing.T, v any) string {
	t.Helper()
	out, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestGrafanaEscapesTitles(t *testing.T) {
	var out bytes.Buffer
	if err := Grafana(&out, []*signature.Signature{parse(t, base+"detect: {term: failed}\n")}, "my-uid", signature.EN); err != nil {
		t.Fatal(err)
	}
	var got grafanaFile
	strict(t, out.Bytes(), &got)
	r := got.Groups[0].Rules[0]
	if r.Title != "Backup failed: 'a' costs $$5 (backup-failed)" {
		t.Errorf("title %s", r.Title)
	}
	if r.Data[0].DatasourceUID != "my-uid" || !strings.Contains(r.Annotations["runbook_url"], "var-datasource=my-uid&") || strings.Contains(out.String(), "DATASOURCE") {
		t.Errorf("uid %q, %q", r.Data[0].DatasourceUID, r.Annotations["runbook_url"])
	}
	if err := Grafana(&out, builtin(t), "a b", signature.EN); !errors.Is(err, ErrUID) {
		t.Errorf("a broken uid: %v", err)
	}
	if err := Grafana(&out, nil, "x", signature.EN); !errors.Is(err, ErrNoSignatures) {
		t.Errorf("no signatures: %v", err)
	}
}

func TestUIDsAreShortAndDistinct(t *testing.T) {
	long := strings.Repeat("a-long-id-", 6)[:58]
	for _, id := range []string{"x", long + "a", long + "b"} {
		if u := uid(id); !uidPattern.MatchString(u) {
			t.Errorf("%s: %s", id, u)
		}
	}
	if uid(long+"a") == uid(long+"b") || uid("curl-dns") != "bkincidents-curl-dns" {
		t.Error(uid(long+"a"), uid(long+"b"), uid("curl-dns"))
	}
}

func ruler() Ruler {
	d := settings.Default()
	o := Ruler{HostLabels: d.HostLabels, ClusterLabel: d.ClusterLabel, Version: d.BlueKingVersion, Datasource: DefaultDatasource, Lang: signature.EN}
	for _, s := range d.Sources {
		o.Selectors = append(o.Selectors, scan.Selector{Source: signature.Source(s.Source), Selector: s.Selector, OnHost: s.OnHost})
	}
	return o
}

// Loki's own parser reads every expression, and the template engine every annotation.
func TestLokiRulesOfTheCatalogue(t *testing.T) {
	o := ruler()
	o.GrafanaURL = "https://grafana.example.com/grafana/"
	var out bytes.Buffer
	sigs := builtin(t)
	without, err := Loki(&out, sigs, o)
	if err != nil || without != 0 {
		t.Fatal(without, err)
	}
	var got lokiFile
	strict(t, out.Bytes(), &got)
	n := 0
	for _, g := range got.Groups {
		if _, err := model.ParseDuration(g.Interval); err != nil || g.Name == "" {
			t.Errorf("group %q every %q", g.Name, g.Interval)
		}
		for _, r := range g.Rules {
			n++
			expr, err := syntax.ParseExpr(r.Expr)
			if err != nil {
				t.Errorf("%s: %v\n%s", r.Alert, err, r.Expr)
				continue
			}
			if _, ok := expr.(syntax.SampleExpr); !ok {
				t.Errorf("%s: not a metric: %s", r.Alert, r.Expr)
			}
			if "blueking-incidents-"+r.Labels["severity"] != g.Name || r.Labels["signature"] != r.Alert {
				t.Errorf("%s: labels %v in %s", r.Alert, r.Labels, g.Name)
			}
			for name, text := range r.Annotations {
				tmpl, err := template.New("").Parse("{{ $labels := .Labels }}{{ $value := .Value }}" + text)
				if err != nil {
					t.Errorf("%s: %s: %v", r.Alert, name, err)
					continue
				}
				if err := tmpl.Execute(&bytes.Buffer{}, map[string]any{"Labels": map[string]string{}, "Value": 1.0}); err != nil {
					t.Errorf("%s: %s: %v", r.Alert, name, err)
				}
			}
			if r.Annotations["summary"] == "" || han.MatchString(r.Annotations["summary"]) || !strings.HasPrefix(r.Annotations["runbook_url"], "https://grafana.example.com/grafana/d/blueking-incidents-runbook?var-datasource=blueking-incidents&var-signature="+r.Alert) {
				t.Errorf("%s: %v", r.Alert, r.Annotations)
			}
		}
	}
	if want := active(sigs); n != want {
		t.Errorf("%d rules of %d active signatures", n, want)
	}
	if !strings.HasPrefix(out.String(), "# ") || !strings.Contains(out.String(), "coarser than the engine") {
		t.Error("the file does not say that it is coarser")
	}
}

var han = regexp.MustCompile(`\p{Han}`)

func TestLokiWithoutGrafanaLinksToTheGuide(t *testing.T) {
	var out bytes.Buffer
	without, err := Loki(&out, builtin(t), ruler())
	if err != nil || without == 0 || without >= len(builtin(t)) || !strings.Contains(out.String(), "runbook_url: 'https://bk.tencent.com/docs/") {
		t.Errorf("%d without, %v", without, err)
	}
}

func TestExpr(t *testing.T) {
	o := ruler()
	o.Selectors = []scan.Selector{{Source: "nodeman", Selector: `{namespace="bk"}`}, {Source: "bk-job-gateway", Selector: `{pod=~"gw.*"}`}}
	failed := func(window, threshold string) string {
		return `sum by (cluster) (count_over_time({namespace="bk"} |= ` + forms + ` [` + window + `])) ` + threshold
	}
	started := func(window, offset string) string {
		return `sum by (cluster) (count_over_time({pod=~"gw.*"} |= "starting the " [` + window + `]` + offset + `)) > 0`
	}
	for name, c := range map[string]struct{ detect, want string }{
		"a term":    {"{term: failed}", failed("5m", "> 0")},
		"a burst":   {"{term: failed, at_least: 3, within: 1h}", failed("1h", ">= 3")},
		"distinct":  {"{term: failed, at_least: 2, distinct: job, within: 10m}", failed("10m", ">= 2")},
		"all":       {"{all: [failed, started], within: 10m}", "(\n" + failed("10m", "> 0") + "\n)\nand on (cluster) \n(\n" + started("10m", "") + "\n)"},
		"in order":  {"{sequence: [started, failed], within: 10m}", "(\n" + started("10m", "") + "\n)\nand on (cluster) \n(\n" + failed("10m", "> 0") + "\n)"},
		"an absent": {"{after: started, absent: failed, within: 10m}", "(\n" + started("5m", " offset 10m") + "\n)\nunless on (cluster) \n(\n" + failed("15m", "> 0") + "\n)"},
	} {
		got, err := o.Expr(parse(t, base+"detect: "+c.detect+"\n"))
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
		if _, err := syntax.ParseExpr(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Selectors = o.Selectors[1:]
	if _, err := o.Expr(parse(t, base+"detect: {term: failed}\n")); err == nil {
		t.Error("a source without a selector")
	}
}

// forms are the literals of the term `failed` in every carrier.
var forms = strings.Join(literals(&signature.Term{AnyOf: []signature.Alternative{{What: signature.What{Literals: []string{"backup job "}}}, {What: signature.What{Literals: []string{"备份任务执行失败了吧"}}}}}), " or ")

// active counts the signatures that raise alerts.
func active(sigs []*signature.Signature) (n int) {
	for _, sig := range sigs {
		if sig.Status == signature.Active {
			n++
		}
	}
	return n
}
