package provisioning

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// uidPattern is what Grafana accepts as a uid.
var uidPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// alertingFile has the keys that Grafana reads in a file of provisioning/alerting/. It ignores others silently, and some
// that its own sample documents are among them (executionErrorState).
type alertingFile struct {
	APIVersion    int            `yaml:"apiVersion"`
	Groups        []ruleGroup    `yaml:"groups"`
	ContactPoints []contactPoint `yaml:"contactPoints"`
	Policies      []policy       `yaml:"policies"`
	Templates     []group        `yaml:"templates"`
}

type ruleGroup struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Folder   string `yaml:"folder"`
	Interval string `yaml:"interval"`
	Rules    []rule `yaml:"rules"`
}

type rule struct {
	UID          string            `yaml:"uid"`
	Title        string            `yaml:"title"`
	Condition    string            `yaml:"condition"`
	For          string            `yaml:"for"`
	KeepFiring   string            `yaml:"keepFiringFor"`
	MissingEvals int               `yaml:"missing_series_evals_to_resolve"`
	NoDataState  string            `yaml:"noDataState"`
	ExecErrState string            `yaml:"execErrState"`
	DashboardUID string            `yaml:"dashboardUid"`
	PanelID      int               `yaml:"panelId"`
	Labels       map[string]string `yaml:"labels"`
	Annotations  map[string]string `yaml:"annotations"`
	IsPaused     bool              `yaml:"isPaused"`
	Data         []ruleQuery       `yaml:"data"`
}

type ruleQuery struct {
	RefID             string                 `yaml:"refId"`
	QueryType         string                 `yaml:"queryType"`
	DatasourceUID     string                 `yaml:"datasourceUid"`
	RelativeTimeRange struct{ From, To int } `yaml:"relativeTimeRange"`
	Model             map[string]any         `yaml:"model"`
}

type contactPoint struct {
	OrgID     int    `yaml:"orgId"`
	Name      string `yaml:"name"`
	Receivers []struct {
		UID                   string         `yaml:"uid"`
		Type                  string         `yaml:"type"`
		DisableResolveMessage bool           `yaml:"disableResolveMessage"`
		Settings              map[string]any `yaml:"settings"`
	} `yaml:"receivers"`
}

type policy struct {
	OrgID int `yaml:"orgId"`
	route `yaml:",inline"`
}

type route struct {
	Receiver       string     `yaml:"receiver"`
	GroupBy        []string   `yaml:"group_by"`
	Matchers       [][]string `yaml:"object_matchers"`
	Continue       bool       `yaml:"continue"`
	MuteTimes      []string   `yaml:"mute_time_intervals"`
	ActiveTimes    []string   `yaml:"active_time_intervals"`
	GroupWait      string     `yaml:"group_wait"`
	GroupInterval  string     `yaml:"group_interval"`
	RepeatInterval string     `yaml:"repeat_interval"`
	Routes         []route    `yaml:"routes"`
}

type group struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Template string `yaml:"template"`
}

// alertingFiles are those that Grafana reads, and those of the demo.
func alertingFiles(t *testing.T) map[string]alertingFile {
	t.Helper()
	out := map[string]alertingFile{}
	for _, dir := range []string{"alerting/zh", "alerting/en", "demo"} {
		entries, err := os.ReadDir(filepath.Join(root, "provisioning", dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			path := "provisioning/" + dir + "/" + e.Name()
			// Grafana looks at every file of the folder; a README or a folder among them was an error once.
			if e.IsDir() || filepath.Ext(path) != ".yaml" {
				t.Errorf("%s is not a YAML file", path)
				continue
			}
			var file alertingFile
			load(t, path, &file)
			if file.APIVersion != 1 {
				t.Errorf("%s: apiVersion %d", path, file.APIVersion)
			}
			out[path] = file
		}
	}
	return out
}

func rules(t *testing.T) (groups []ruleGroup, all []rule) {
	t.Helper()
	// The Chinese ones; languages_test.go shows that the English ones differ in words only.
	groups = alertingFiles(t)["provisioning/alerting/zh/rules.yaml"].Groups
	for _, g := range groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 5 {
		t.Fatalf("only %d rules", len(all))
	}
	return groups, all
}

// A rule without a component is on incidents.
func engine(r rule) bool      { return r.Labels["component"] == "engine" }
func unexplained(r rule) bool { return r.Labels["component"] == "unexplained" }
func incidents(r rule) bool   { return r.Labels["component"] == "" }

func TestRuleGroups(t *testing.T) {
	groups, _ := rules(t)
	var provider struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []map[string]any
	}
	load(t, "provisioning/dashboards/dashboards.yaml", &provider)
	for _, g := range groups {
		every, err := model.ParseDuration(g.Interval)
		if err != nil || time.Duration(every)%(10*time.Second) != 0 || every == 0 {
			t.Errorf("%s: interval %q is not a multiple of 10s", g.Name, g.Interval)
		}
		if g.OrgID != 1 || g.Folder != provider.Providers[0]["folder"] {
			t.Errorf("%s: org %d, folder %q; the dashboards are in %v", g.Name, g.OrgID, g.Folder, provider.Providers[0]["folder"])
		}
		if provider.Providers[0]["folderUid"] != nil {
			t.Error("the dashboards' provider has a folderUid: Grafana would make a second folder of the same name")
		}
		healthy := slices.ContainsFunc(g.Rules, func(r rule) bool { return !engine(r) })
		if healthy && slices.ContainsFunc(g.Rules, engine) {
			t.Errorf("%s: rules that wait for Loki delay the one that tells of it", g.Name)
		}
		if slices.ContainsFunc(g.Rules, incidents) && slices.ContainsFunc(g.Rules, unexplained) {
			t.Errorf("%s: the rule that reads every error line delays those on incidents", g.Name)
		}
	}
}

func TestRulesAreValid(t *testing.T) {
	_, all := rules(t)
	sources := loadDatasources(t)
	uids := map[string]bool{}
	for _, r := range all {
		if !uidPattern.MatchString(r.UID) || uids[r.UID] {
			t.Errorf("uid %q is not one, or is used twice", r.UID)
		}
		uids[r.UID] = true
		if !chinese(r.Title) {
			t.Errorf("%s: title %q is not in Chinese", r.UID, r.Title)
		}
		if summary := r.Annotations["summary"]; summary == "" || strings.Contains(summary, "{{") {
			t.Errorf("%s: the list of rules would show %q", r.UID, summary)
		}
		if !slices.Contains([]string{"NoData", "OK", "Alerting", "KeepLast"}, r.NoDataState) || !slices.Contains([]string{"Error", "OK", "Alerting", "KeepLast"}, r.ExecErrState) {
			t.Errorf("%s: noDataState %q, execErrState %q", r.UID, r.NoDataState, r.ExecErrState)
		}
		if _, err := model.ParseDuration(r.For); err != nil {
			t.Errorf("%s: for: %v", r.UID, err)
		}
		if r.IsPaused {
			t.Errorf("%s is paused", r.UID)
		}
		refs := map[string]bool{}
		for _, q := range r.Data {
			if q.RefID == "" || refs[q.RefID] || q.Model["refId"] != q.RefID {
				t.Errorf("%s: refId %q, in the model %v", r.UID, q.RefID, q.Model["refId"])
			}
			refs[q.RefID] = true
			if q.DatasourceUID == "__expr__" {
				if !refs[fmt.Sprint(q.Model["expression"])] {
					t.Errorf("%s: the expression looks at %v", r.UID, q.Model["expression"])
				}
				continue
			}
			if sources[q.DatasourceUID].Type != pluginID(t) || sources[q.DatasourceUID].JSONData["store"] != "loki" {
				t.Errorf("%s: data source %q is not the one that we provision", r.UID, q.DatasourceUID)
			}
			if q.RelativeTimeRange.From <= q.RelativeTimeRange.To {
				t.Errorf("%s: relativeTimeRange %+v", r.UID, q.RelativeTimeRange)
			}
			if err := checkQuery(q.Model); err != nil {
				t.Errorf("%s, %s: %v", r.UID, q.RefID, err)
			}
			if asked := numericParts(q.Model); !asked.Numeric() {
				t.Errorf("%s: Grafana cannot alert on %s %s", r.UID, asked.QueryType, asked.Stat)
			}
		}
		if !refs[r.Condition] {
			t.Errorf("%s: condition %q", r.UID, r.Condition)
		}
	}
}

// numericParts are what decides whether a query answers with numbers.
func numericParts(model map[string]any) query.Query {
	kind, _ := model["queryType"].(string)
	stat, _ := model["stat"].(string)
	return query.Query{QueryType: query.Type(kind), Stat: query.Stat(stat)}
}

// Each incident fires one rule, for as long as it is active, whatever Loki does meanwhile.
func TestIncidentRules(t *testing.T) {
	_, all := rules(t)
	var severities []string
	for _, r := range all {
		if !incidents(r) {
			continue
		}
		if r.NoDataState != "OK" || r.ExecErrState != "KeepLast" {
			t.Errorf("%s: noDataState %s, execErrState %s would resolve or fire alerts when Loki is down", r.UID, r.NoDataState, r.ExecErrState)
		}
		if len(r.Data) != 3 {
			t.Fatalf("%s: %d queries", r.UID, len(r.Data))
		}
		a, b, c := r.Data[0], r.Data[1], r.Data[2]
		if a.Model["view"] != "identity" || b.Model["view"] != "evidence" || c.Model["expression"] != a.RefID || r.Condition != c.RefID {
			t.Errorf("%s: A is the identity, B the evidence, C the threshold of A", r.UID)
		}
		// The views must have the same rows, or Grafana finds no evidence for a row, or no data at all.
		for _, m := range []map[string]any{a.Model, b.Model} {
			for key := range m {
				if key != "refId" && key != "view" && !reflect.DeepEqual(a.Model[key], b.Model[key]) {
					t.Errorf("%s: A and B differ in %s", r.UID, key)
				}
			}
		}
		if a.RelativeTimeRange != b.RelativeTimeRange || a.DatasourceUID != b.DatasourceUID {
			t.Errorf("%s: A and B differ in range or data source", r.UID)
		}
		list, _ := a.Model["severities"].([]any)
		for _, s := range list {
			severities = append(severities, fmt.Sprint(s))
		}
		if keys := len(a.Model); keys != 5 {
			t.Errorf("%s: %d keys: rules differ by severity and by nothing else", r.UID, keys)
		}
		for name := range r.Labels {
			if slices.Contains(frames.IdentityLabels(), name) {
				t.Errorf("%s: the label %s comes from the query", r.UID, name)
			}
		}
	}
	want := []string{}
	for _, s := range signature.Severities() {
		want = append(want, string(s))
	}
	if !slices.Equal(severities, want) {
		t.Errorf("severities = %v, want each of %v once", severities, want)
	}
}

func TestEngineRule(t *testing.T) {
	_, all := rules(t)
	n := 0
	for _, r := range all {
		if !engine(r) {
			continue
		}
		n++
		if r.NoDataState != "Alerting" || r.ExecErrState != "Alerting" || r.For != "5m" || r.Data[0].Model["queryType"] != string(query.Health) {
			t.Errorf("%+v", r)
		}
		if !slices.Contains([]string{"critical", "high", "medium", "low"}, r.Labels["severity"]) {
			t.Errorf("severity %q", r.Labels["severity"])
		}
	}
	if n != 1 {
		t.Errorf("%d engine rules", n)
	}
}

// A surge is no incident: it fires late, quietly, and never because Loki is down.
func TestUnexplainedRule(t *testing.T) {
	_, all := rules(t)
	n := 0
	for _, r := range all {
		if !unexplained(r) {
			continue
		}
		n++
		if r.NoDataState != "OK" || r.ExecErrState != "KeepLast" || r.For != "15m" {
			t.Errorf("%s: noDataState %s, execErrState %s, for %s", r.UID, r.NoDataState, r.ExecErrState, r.For)
		}
		if s := r.Labels["severity"]; s != string(signature.Low) && s != string(signature.Medium) {
			t.Errorf("%s: severity %q", r.UID, s)
		}
		if len(r.Data) != 2 || r.Condition != r.Data[1].RefID || r.Data[1].Model["expression"] != r.Data[0].RefID {
			t.Fatalf("%s: A counts, C compares", r.UID)
		}
		if q := numericParts(r.Data[0].Model); q.QueryType != query.Unmatched || q.Stat != query.StatLines {
			t.Errorf("%s asks for %+v", r.UID, r.Data[0].Model)
		}
		// The threshold stands in one place, so nothing that people read may repeat it.
		params := regexp.MustCompile(`params:\[(\d+)\]`).FindStringSubmatch(fmt.Sprint(r.Data[1].Model))
		if params == nil {
			t.Fatalf("%s: no threshold in %v", r.UID, r.Data[1].Model)
		}
		for _, text := range append([]string{r.Title}, values(r.Annotations)...) {
			if regexp.MustCompile(`\b` + params[1] + `\b`).MatchString(text) {
				t.Errorf("%s repeats the threshold: %q", r.UID, text)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d rules on unexplained errors", n)
	}
}

// Grafana replaces $name in labels and titles by an environment variable. It leaves annotations alone, but newer versions
// replace ${name} in them.
func TestRulesEscapeDollars(t *testing.T) {
	_, all := rules(t)
	for _, r := range all {
		for _, v := range append([]string{r.Title}, values(r.Labels)...) {
			if strings.Contains(strings.ReplaceAll(v, "$$", ""), "$") {
				t.Errorf("%s: a single $ in %q", r.UID, v)
			}
		}
		for name, v := range r.Annotations {
			if strings.Contains(v, "${") || strings.Contains(v, "$$") {
				t.Errorf("%s: %s: %q", r.UID, name, v)
			}
		}
	}
}

func values(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// Without the annotations Grafana makes no link to the panel, whatever the keys say.
func TestRulesNameTheirPanel(t *testing.T) {
	all := loadDashboards(t)
	_, list := rules(t)
	for _, r := range list {
		if r.Annotations["__dashboardUid__"] != r.DashboardUID || r.Annotations["__panelId__"] != fmt.Sprint(r.PanelID) {
			t.Errorf("%s: dashboardUid %s, panelId %d and the annotations differ", r.UID, r.DashboardUID, r.PanelID)
		}
		d, ok := all[r.DashboardUID]
		if !ok || !d.hasPanel(fmt.Sprint(r.PanelID)) {
			t.Errorf("%s: no panel %d on %s", r.UID, r.PanelID, r.DashboardUID)
		}
		for _, p := range d.all() {
			if p.ID != r.PanelID {
				continue
			}
			want := query.Incidents
			if !incidents(r) {
				want = numericParts(r.Data[0].Model).QueryType
			}
			shown := numericParts(p.Targets[0])
			if shown.QueryType != want || unexplained(r) && shown.Stat != query.StatLines {
				t.Errorf("%s: panel %d shows %s %s", r.UID, r.PanelID, shown.QueryType, shown.Stat)
			}
		}
	}
}

// alertValue is what an alert template knows of a query's row.
type alertValue struct {
	Labels map[string]string
	Value  float64
}

// expand expands an annotation as Grafana does.
func expand(t *testing.T, text string, labels map[string]string, values map[string]alertValue) string {
	t.Helper()
	tmpl, err := template.New("").Option("missingkey=invalid").Funcs(template.FuncMap{
		"externalURL": func() string { return "https://grafana.example.com/" },
	}).Parse(`{{ $labels := .Labels }}{{ $values := .Values }}` + text)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, map[string]any{"Labels": labels, "Values": values}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b.String()
}

func TestAnnotations(t *testing.T) {
	all := loadDashboards(t)
	_, list := rules(t)
	identity := map[string]string{}
	for _, name := range frames.IdentityLabels() {
		identity[name] = "<" + name + " &=>"
	}
	row := map[string]string{"incident_url": "d/blueking-incidents-incident?var-datasource=x&var-incident=1dd15a950ae22800-1&from=1&to=now"}
	for _, name := range frames.EvidenceLabels() {
		if row[name] == "" {
			row[name] = "the " + name
		}
	}
	incident, evidence := identity, row
	for _, r := range list {
		identity, row := incident, evidence
		switch {
		case engine(r):
			identity, row = map[string]string{}, map[string]string{"reason": "nodeman: silence"}
		case unexplained(r):
			identity = map[string]string{"source": "<source &=>"}
		}
		for name, values := range map[string]map[string]alertValue{
			"complete":  {"A": {identity, 1}, "B": {row, 1}, "C": {identity, 1}},
			"no row B":  {"A": {identity, 1}, "C": {identity, 1}},
			"no values": {},
		} {
			labels := identity
			if name == "no values" {
				labels = map[string]string{}
			}
			for key, text := range r.Annotations {
				got := expand(t, text, labels, values)
				if strings.Contains(got, "no value") || strings.Contains(got, "no+value") {
					t.Errorf("%s, %s: %s = %q", r.UID, name, key, got)
				}
				if !strings.HasSuffix(key, "_url") || got == "" || key == "document_url" {
					continue
				}
				m := dashboardLink.FindStringSubmatch(got)
				if m == nil || !strings.HasPrefix(got, "https://grafana.example.com/d/") {
					t.Errorf("%s, %s: %s = %q is no link to a dashboard", r.UID, name, key, got)
					continue
				}
				if err := checkLink(all, m[1], m[2]); err != nil || strings.ContainsAny(m[2], "<>") {
					t.Errorf("%s, %s: %s = %q: %v", r.UID, name, key, got, err)
				}
			}
		}
		complete := map[string]alertValue{"A": {identity, 1}, "B": {row, 1}, "C": {identity, 1}}
		if engine(r) {
			if got := expand(t, r.Annotations["description"], identity, complete); !strings.Contains(got, "nodeman: silence") {
				t.Errorf("%s: description = %q", r.UID, got)
			}
			continue
		}
		if unexplained(r) {
			many := map[string]alertValue{"A": {identity, 1_234_567}}
			for key, part := range map[string]string{
				"title": "<source &=>", "description": "1234567", "runbook_url": "&var-source=%3Csource+%26%3D%3E&",
			} {
				if got := expand(t, r.Annotations[key], identity, many); !strings.Contains(got, part) {
					t.Errorf("%s: %s = %q", r.UID, key, got)
				}
			}
			continue
		}
		for key, want := range map[string]string{
			"title": "the title", "evidence": "the evidence", "first_step": "the first_step", "hosts": "the hosts",
			"verdict": "the verdict", "count": "the count", "since": "the since", "ended": "the ended", "reason": "the reason", "document_url": "the document_url",
			"incident_url": "https://grafana.example.com/" + row["incident_url"],
			"runbook_url":  "https://grafana.example.com/d/blueking-incidents-runbook?var-datasource=blueking-incidents&var-signature=%3Csignature+%26%3D%3E",
		} {
			if got := expand(t, r.Annotations[key], identity, complete); got != want {
				t.Errorf("%s: %s = %q, want %q", r.UID, key, got, want)
			}
		}
		if got := expand(t, r.Annotations["description"], identity, complete); !strings.Contains(got, "the summary") || !strings.Contains(got, "the hosts") {
			t.Errorf("%s: description = %q", r.UID, got)
		}
		if got := expand(t, r.Annotations["title"], identity, nil); got != identity["signature"] {
			t.Errorf("%s: title without evidence = %q", r.UID, got)
		}
	}
}

// A policies: file replaces the tree of whoever copies it, and contact points are addresses of ours.
func TestOnlyTheDemoTakesOver(t *testing.T) {
	for path, file := range alertingFiles(t) {
		if inDemo := strings.HasPrefix(path, "provisioning/demo/"); !inDemo && len(file.ContactPoints)+len(file.Policies) > 0 || inDemo && len(file.Groups) > 0 {
			t.Errorf("%s: contact points and policies belong in the demo, rules do not", path)
		}
	}
}

func TestTemplatesExistOnce(t *testing.T) {
	groups, defined := map[string]bool{}, map[string]bool{}
	for path, file := range alertingFiles(t) {
		for _, g := range file.Templates {
			if groups[g.Name] || !strings.HasPrefix(g.Name, "bkincidents.") || g.OrgID != 1 {
				t.Errorf("%s: template group %q", path, g.Name)
			}
			groups[g.Name] = true
			for _, m := range regexp.MustCompile(`define "([^"]+)"`).FindAllStringSubmatch(g.Template, -1) {
				if defined[m[1]] {
					t.Errorf("%s: template %q is defined twice", path, m[1])
				}
				defined[m[1]] = true
			}
			if newer := regexp.MustCompile(`\b(coll|data|tmpl|time)\.[A-Z]`).FindString(g.Template); newer != "" && strings.HasPrefix(path, "provisioning/alerting/") {
				t.Errorf("%s uses %s, which stops Grafana 11.6 from starting", path, newer)
			}
		}
	}
	for path, file := range alertingFiles(t) {
		for _, p := range file.ContactPoints {
			for _, r := range p.Receivers {
				if !uidPattern.MatchString(r.UID) {
					t.Errorf("%s: uid %q", path, r.UID)
				}
				text := fmt.Sprint(r.Settings)
				if strings.Contains(text, "$") {
					t.Errorf("%s, %s: a $ in the settings", path, r.UID)
				}
				used := regexp.MustCompile(`template "([^"]+)"`).FindAllStringSubmatch(text, -1)
				for _, m := range used {
					if !defined[m[1]] {
						t.Errorf("%s, %s: no template %q", path, r.UID, m[1])
					}
				}
				if len(used) == 0 {
					t.Errorf("%s, %s uses no template of ours", path, r.UID)
				}
			}
		}
	}
}

func TestPoliciesFindTheirContactPoints(t *testing.T) {
	points := map[string]bool{}
	var policies []policy
	for _, file := range alertingFiles(t) {
		for _, p := range file.ContactPoints {
			points[p.Name] = true
		}
		policies = append(policies, file.Policies...)
	}
	if len(policies) != 1 {
		t.Fatalf("%d policies: of several for one organisation the last wins", len(policies))
	}
	_, all := rules(t)
	reached := map[string]bool{}
	for _, r := range append([]route{policies[0].route}, policies[0].Routes...) {
		if !points[r.Receiver] {
			t.Errorf("no contact point %q", r.Receiver)
		}
		for _, d := range []string{r.GroupWait, r.GroupInterval, r.RepeatInterval} {
			if _, err := model.ParseDuration(d); d != "" && err != nil {
				t.Error(err)
			}
		}
		for _, rule := range all {
			matches := len(r.Matchers) > 0
			for _, m := range r.Matchers {
				matches = matches && m[1] == "=" && rule.Labels[m[0]] == m[2]
			}
			reached[rule.UID] = reached[rule.UID] || matches
		}
	}
	for _, r := range all {
		if !reached[r.UID] {
			t.Errorf("no route for %s", r.UID)
		}
	}
}
