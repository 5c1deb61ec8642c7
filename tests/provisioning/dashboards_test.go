package provisioning

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/blueking/incidents/pkg/query"
)

// The uids are stable: notifications and bookmarks carry them.
var stableUIDs = []string{
	"blueking-incidents-catalogue", "blueking-incidents-incident", "blueking-incidents-overview", "blueking-incidents-review",
	"blueking-incidents-runbook", "blueking-incidents-self",
}

// newestSchema is what Grafana 11.6 knows; a newer one it opens with a warning and without the migrations.
const newestSchema = 41

type dashboard struct {
	UID           string
	Title         string
	Description   string
	Editable      *bool
	GraphTooltip  int
	Refresh       string
	SchemaVersion int
	Timezone      string
	Tags          []string
	Links         []struct {
		Type, URL             string
		Tags                  []string
		IncludeVars, KeepTime bool
	}
	Annotations struct {
		List []struct {
			Name       string
			BuiltIn    int
			Datasource ref
			Target     map[string]any
		}
	}
	Templating struct{ List []variable }
	Panels     []panel

	text string
}

type ref struct{ Type, UID string }

type variable struct {
	Name, Label, Type string
	Datasource        ref
	Query             any
	Hide, Refresh     int
	SkipURLSync       bool
	IncludeAll        bool
	AllValue          string
}

type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  *ref
	Targets     []map[string]any
	FieldConfig struct{ Defaults map[string]any }
	Options     map[string]any
	Panels      []panel

	MaxDataPoints int
}

// loadDashboards reads the Chinese set; languages_test.go shows that the English one differs in words only.
func loadDashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	return loadSet(t, "zh")
}

func loadSet(t *testing.T, lang string) map[string]dashboard {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "dashboards", lang, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]dashboard{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		d := dashboard{text: string(text)}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if _, twice := out[d.UID]; twice {
			t.Errorf("%s: uid %s is used twice", path, d.UID)
		}
		if filepath.Base(path) != d.UID+".json" {
			t.Errorf("%s: uid %s", path, d.UID)
		}
		out[d.UID] = d
	}
	return out
}

// all are the panels, those in rows, too.
func (d dashboard) all() []panel {
	var out []panel
	for _, p := range d.Panels {
		out = append(append(out, p), p.Panels...)
	}
	return out
}

func (d dashboard) variable(name string) (variable, bool) {
	i := slices.IndexFunc(d.Templating.List, func(v variable) bool { return v.Name == name })
	if i < 0 {
		return variable{}, false
	}
	return d.Templating.List[i], true
}

// chinese reports whether a text has Chinese words.
func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestDashboardsKeepTheirUIDs(t *testing.T) {
	var uids []string
	titles := map[string]bool{}
	for uid, d := range loadDashboards(t) {
		uids = append(uids, uid)
		if titles[d.Title] {
			t.Errorf("title %q is used twice: Grafana would not provision both", d.Title)
		}
		titles[d.Title] = true
	}
	slices.Sort(uids)
	if !slices.Equal(uids, stableUIDs) {
		t.Errorf("uids = %v, want %v", uids, stableUIDs)
	}
	for _, uid := range uids {
		if !uidPattern.MatchString(uid) {
			t.Errorf("%s is not a uid", uid)
		}
	}
}

// Rules of grafana/dashboard-linter (see linter_test.go), and our own.
func TestDashboardsAreWellMade(t *testing.T) {
	for uid, d := range loadDashboards(t) {
		t.Run(uid, func(t *testing.T) {
			refresh := "30s"
			if uid == "blueking-incidents-review" {
				refresh = "" // it reads a week
			}
			if d.Editable == nil || *d.Editable || d.GraphTooltip != 1 || d.Refresh != refresh || d.Timezone != "" {
				t.Errorf("editable %v, graphTooltip %d, refresh %q, timezone %q", d.Editable, d.GraphTooltip, d.Refresh, d.Timezone)
			}
			if d.SchemaVersion < 36 || d.SchemaVersion > newestSchema {
				t.Errorf("schemaVersion %d", d.SchemaVersion)
			}
			if !chinese(d.Title) || !chinese(d.Description) {
				t.Errorf("title %q and description %q are not in Chinese", d.Title, d.Description)
			}
			if len(d.Links) == 0 || d.Links[0].Type != "dashboards" || !d.Links[0].IncludeVars || !d.Links[0].KeepTime || !slices.Contains(d.Tags, d.Links[0].Tags[0]) {
				t.Errorf("links %+v do not lead to the dashboards of tags %v", d.Links, d.Tags)
			}
			source, ok := d.variable("datasource")
			if !ok || source.Type != "datasource" || source.Label != "数据源" || source.Query != pluginID(t) || source.Hide != 0 {
				t.Errorf("variable datasource: %+v", source)
			}
			ids := map[int]bool{}
			for _, p := range d.all() {
				where := fmt.Sprintf("panel %d %q", p.ID, p.Title)
				if ids[p.ID] || p.ID == 0 {
					t.Errorf("%s: the id is 0 or used twice", where)
				}
				ids[p.ID] = true
				if !chinese(p.Title) {
					t.Errorf("%s: the title is not in Chinese", where)
				}
				if p.Type == "row" {
					continue
				}
				if !chinese(p.Description) {
					t.Errorf("%s: the description is not in Chinese", where)
				}
				if p.FieldConfig.Defaults["unit"] == nil {
					t.Errorf("%s: no unit", where)
				}
				if p.Type == "text" {
					if len(p.Targets) > 0 || p.Options["content"] == "" {
						t.Errorf("%s: a text panel has content and no query", where)
					}
					continue
				}
				if len(p.Targets) == 0 || p.Datasource == nil {
					t.Errorf("%s: no query", where)
				}
			}
			checkGrid(t, d)
		})
	}
}

func checkGrid(t *testing.T, d dashboard) {
	t.Helper()
	for i, a := range d.Panels {
		if a.GridPos.W < 1 || a.GridPos.H < 1 || a.GridPos.X+a.GridPos.W > 24 {
			t.Errorf("panel %d does not fit: %+v", a.ID, a.GridPos)
		}
		for _, b := range d.Panels[i+1:] {
			p, q := a.GridPos, b.GridPos
			if p.X < q.X+q.W && q.X < p.X+p.W && p.Y < q.Y+q.H && q.Y < p.Y+p.H {
				t.Errorf("panels %d and %d overlap", a.ID, b.ID)
			}
		}
	}
}

// Every query goes to a data source that the reader chose.
func TestDashboardsNameNoDatasource(t *testing.T) {
	chosen := []ref{{pluginID(t), "${datasource}"}, {"loki", "${loki_datasource}"}, {"prometheus", "${prometheus_datasource}"}}
	for uid, d := range loadDashboards(t) {
		var doc any
		if err := json.Unmarshal([]byte(d.text), &doc); err != nil {
			t.Fatal(err)
		}
		n := 0
		visit(doc, func(m map[string]any) {
			value, has := m["datasource"]
			if !has {
				return
			}
			n++
			r, _ := value.(map[string]any)
			got := ref{fmt.Sprint(r["type"]), fmt.Sprint(r["uid"])}
			if builtIn := m["builtIn"] != nil && got == (ref{"grafana", "-- Grafana --"}); !slices.Contains(chosen, got) && !builtIn {
				t.Errorf("%s: data source %v", uid, value)
			}
		})
		if n < 10 {
			t.Errorf("%s: only %d data source references found", uid, n)
		}
	}
}

// visit calls f for every object of a JSON document.
func visit(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, child := range v {
			visit(child, f)
		}
	case []any:
		for _, child := range v {
			visit(child, f)
		}
	}
}

// listTypes are the query types that only variables have; they are not sent to the backend as queries.
var listTypes = []string{"hosts", "clusters", "logql"}

// Every query is one that the backend accepts, once its variables are replaced.
func TestDashboardQueriesAreKnown(t *testing.T) {
	for uid, d := range loadDashboards(t) {
		check := func(where string, raw map[string]any) {
			t.Helper()
			if err := checkQuery(raw); err != nil {
				t.Errorf("%s, %s: %v", uid, where, err)
			}
		}
		for _, p := range d.all() {
			refs := map[any]bool{}
			for _, target := range p.Targets {
				if refs[target["refId"]] || target["refId"] == nil {
					t.Errorf("%s, panel %d: refId %v is missing or used twice", uid, p.ID, target["refId"])
				}
				refs[target["refId"]] = true
				if target["expr"] != nil {
					continue // Loki's, which tests/integration runs, or Prometheus', see metrics_test.go
				}
				check(fmt.Sprintf("panel %d", p.ID), target)
			}
		}
		for _, a := range d.Annotations.List {
			if a.BuiltIn == 0 {
				check("annotation "+a.Name, a.Target)
				if a.Target["queryType"] != string(query.Annotations) {
					t.Errorf("%s: annotation %s asks for %v", uid, a.Name, a.Target["queryType"])
				}
			}
		}
		for _, v := range d.Templating.List {
			if q, ok := v.Query.(map[string]any); ok && !slices.Contains(listTypes, fmt.Sprint(q["queryType"])) {
				check("variable "+v.Name, q)
			}
		}
	}
}

// What the dashboards promise to show of the whole of the logs, beside the incidents.
func TestDashboardsShowVolumesAndWhatIsUnexplained(t *testing.T) {
	type view struct {
		kind query.Type
		stat query.Stat
	}
	all := loadDashboards(t)
	for uid, want := range map[string][]view{
		"blueking-incidents-overview":  {{query.Incidents, ""}, {query.Hosts, ""}, {query.Timeline, query.StatLines}, {query.Timeline, query.StatActive}, {query.Unmatched, query.StatClusters}},
		"blueking-incidents-incident":  {{query.Incidents, ""}, {query.Steps, ""}, {query.Evidence, ""}, {query.Hosts, ""}, {query.Timeline, query.StatLines}},
		"blueking-incidents-catalogue": {{query.Unmatched, query.StatCoverage}, {query.Unmatched, query.StatLines}, {query.Unmatched, query.StatClusters}},
	} {
		have := map[view]bool{}
		for _, p := range all[uid].all() {
			for _, target := range p.Targets {
				q := numericParts(target)
				have[view{q.QueryType, q.Stat}] = true
			}
		}
		for _, v := range want {
			if !have[v] {
				t.Errorf("%s shows no %s %s", uid, v.kind, v.stat)
			}
		}
	}
	for uid, d := range all {
		for _, p := range d.all() {
			for _, target := range p.Targets {
				switch target["queryType"] {
				case string(query.Timeline):
					if p.Type != "timeseries" || p.MaxDataPoints == 0 || p.MaxDataPoints > 200 {
						t.Errorf("%s, panel %d: a %s of %d points: its bars could not be told apart", uid, p.ID, p.Type, p.MaxDataPoints)
					}
				case string(query.Unmatched):
					// It ignores every other filter, and a reader would believe what it says about one.
					for key := range target {
						if !slices.Contains([]string{"refId", "datasource", "queryType", "stat", "sources", "matchers", "limit", "language"}, key) {
							t.Errorf("%s, panel %d: an unmatched query knows nothing of %s", uid, p.ID, key)
						}
					}
				}
			}
		}
	}
	if !strings.Contains(all["blueking-incidents-overview"].text, `"/d/blueking-incidents-catalogue?${datasource:queryparam}&var-source=${__data.fields.source:percentencode}&`) {
		t.Error("the unexplained errors of the overview do not lead to their source in the catalogue")
	}
}

// checkQuery reads a stored query strictly, and lets the backend judge it without its variables.
func checkQuery(raw map[string]any) error {
	own := map[string]any{}
	for key, value := range raw {
		if key != "refId" && key != "datasource" {
			own[key] = value
		}
	}
	if own["queryType"] == nil {
		return fmt.Errorf("no queryType")
	}
	text, err := json.Marshal(own)
	if err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(query.Query)); err != nil {
		return err
	}
	// A variable stands for one value of those that it replaces.
	typical := map[string]string{"$severity": "high", "$source": "nodeman", "$signature": "curl-dns", "$host": "h", "$cluster": "c", "$incident": "i", "$fingerprint": "f"}
	replaced := string(text)
	for _, name := range variableUse.FindAllString(replaced, -1) {
		value, known := typical[name]
		if !known {
			return fmt.Errorf("variable %s: tell the test what it stands for", name)
		}
		replaced = strings.ReplaceAll(replaced, `"`+name+`"`, `"`+value+`"`)
	}
	_, err = query.Parse([]byte(replaced))
	return err
}

// variableUse is $name, which queries use, or ${name} and ${name:format}, which texts and links use.
var variableUse = regexp.MustCompile(`\$(?:\{[^}]*\}|\w+)`)

// Grafana leaves an unknown variable as it stands, and the backend would look for a host called "$hots".
func TestDashboardVariablesExist(t *testing.T) {
	macros := []string{"__from", "__to", "__timezone", "__auto", "__data", "__field", "__value", "__url_time_range", "__all", "__rate_interval"}
	for uid, d := range loadDashboards(t) {
		for _, use := range variableUse.FindAllString(d.text, -1) {
			name, _, _ := strings.Cut(strings.Trim(use, "${}"), ":")
			name, _, _ = strings.Cut(name, ".")
			if _, known := d.variable(name); !known && !slices.Contains(macros, name) {
				t.Errorf("%s uses %s", uid, use)
			}
		}
	}
}

func TestDashboardVariablesAreWellMade(t *testing.T) {
	for uid, d := range loadDashboards(t) {
		for _, v := range d.Templating.List {
			switch {
			case v.Hide == 2:
				// What is derived is not in the address, and the steps are too long for one. What links choose is.
				if v.SkipURLSync != slices.Contains([]string{"fingerprint", "streams", "steps"}, v.Name) {
					t.Errorf("%s: the hidden variable %s: in the address %v", uid, v.Name, !v.SkipURLSync)
				}
			case v.Label == "" || !chinese(v.Label):
				t.Errorf("%s: label %q of %s", uid, v.Label, v.Name)
			}
			if v.Type == "query" && v.Datasource != (ref{pluginID(t), "${datasource}"}) {
				t.Errorf("%s: %s asks %+v", uid, v.Name, v.Datasource)
			}
			if v.IncludeAll && v.AllValue != ".*" {
				t.Errorf("%s: all of %s must lift the filter and not list what is known", uid, v.Name)
			}
		}
	}
}

// The page of an incident hands it over: in its language, of its data source, and as of the range that is looked at.
func TestTheIncidentPageHandsOver(t *testing.T) {
	for uid, d := range loadDashboards(t) {
		var links []string
		for _, l := range d.Links {
			if l.Type == "link" {
				links = append(links, l.URL)
			}
		}
		want := "/api/datasources/uid/${datasource}/resources/incidents/${incident:percentencode}?format=markdown&language=zh&from=${__from}&to=${__to}&timezone=${__timezone:percentencode}"
		switch {
		case uid != "blueking-incidents-incident" && len(links) > 0, uid == "blueking-incidents-incident" && !slices.Equal(links, []string{want}):
			t.Errorf("%s: links %q", uid, links)
		}
	}
}

// dashboardLink is a link to a dashboard, in a data link, a text or an annotation of an alert.
var dashboardLink = regexp.MustCompile(`/?\bd/([\w-]+)((?:\?[^"'\s)<>]*)?)`)

// Every link leads to a dashboard that we ship, and sets variables that it has.
func TestDashboardLinksResolve(t *testing.T) {
	all := loadDashboards(t)
	n := 0
	for uid, d := range all {
		for _, m := range dashboardLink.FindAllStringSubmatch(strings.ReplaceAll(d.text, `\u0026`, "&"), -1) {
			n++
			if err := checkLink(all, m[1], m[2]); err != nil {
				t.Errorf("%s: %s: %v", uid, m[0], err)
			}
			if !strings.HasPrefix(m[0], "/d/") {
				t.Errorf("%s: %s is relative to whatever page it stands on", uid, m[0])
			}
			if !strings.Contains(m[2], "${datasource:queryparam}") || !strings.Contains(m[2], "${__url_time_range}") {
				t.Errorf("%s: %s loses the data source or the time range", uid, m[0])
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d links found", n)
	}
}

// queryParam is a variable of the same name on both sides of a link.
var queryParam = regexp.MustCompile(`\$\{(\w+):queryparam\}`)

func checkLink(all map[string]dashboard, uid, rest string) error {
	target, ok := all[uid]
	if !ok {
		return fmt.Errorf("no dashboard has this uid")
	}
	names := []string{}
	for _, m := range queryParam.FindAllStringSubmatch(rest, -1) {
		names = append(names, m[1])
	}
	params, err := url.ParseQuery(strings.TrimPrefix(macro.ReplaceAllString(rest, "x"), "?"))
	if err != nil {
		return err
	}
	for param := range params {
		if name, isVariable := strings.CutPrefix(param, "var-"); isVariable {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if v, ok := target.variable(name); !ok || v.SkipURLSync {
			return fmt.Errorf("%s has no variable %s", uid, name)
		}
	}
	if id := params.Get("viewPanel"); id != "" && !target.hasPanel(id) {
		return fmt.Errorf("%s has no panel %s", uid, id)
	}
	return nil
}

// macro is a part of a link that Grafana fills in: a macro of a data link or an action of an alert template.
var macro = regexp.MustCompile(`\$\{[^}]*\}|\{\{.*?\}\}`)

func (d dashboard) hasPanel(id string) bool {
	return slices.ContainsFunc(d.all(), func(p panel) bool { return fmt.Sprint(p.ID) == id && p.Type != "row" })
}
