package contract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/query"
)

// files lists files of the repository; none is an error, because a test of nothing passes.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no file is %s", pattern)
	}
	return paths
}

// decode reads JSON or YAML into maps and lists.
func decode(t *testing.T, path string) any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if strings.HasSuffix(path, ".json") {
		err = json.Unmarshal(text, &out)
	} else {
		err = yaml.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// walk visits every map of a document with the key it stands under.
func walk(value any, key string, visit func(key string, m map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		visit(key, v)
		for k, child := range v {
			walk(child, k, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, key, visit)
		}
	}
}

// ours tells queries of this data source from those of others by the keys of a data source reference.
func ours(m map[string]any) bool {
	ref, ok := m["datasource"].(map[string]any)
	return !ok || ref["type"] == nil || ref["type"] == "blueking-incidents-datasource"
}

// grafanaKeys are the keys of a query that belong to Grafana.
var grafanaKeys = []string{"refId", "datasource", "hide", "key", "intervalMs", "maxDataPoints"}

func checkQuery(t *testing.T, where string, m map[string]any, types []string) {
	t.Helper()
	if kind, _ := m["queryType"].(string); !slices.Contains(types, kind) {
		t.Errorf("%s: queryType %q; docs/contract.md has only %v", where, kind, types)
	}
	for _, key := range keys(m) {
		if !slices.Contains(section(t, "Query").names(), key) && !slices.Contains(grafanaKeys, key) {
			t.Errorf("%s: a query has the key `%s`; docs/contract.md, Query, has not", where, key)
		}
	}
}

func TestDashboardQueries(t *testing.T) {
	types := section(t, "Query types").names()
	inVariables := append(section(t, "Dashboard variables").names(), types...)
	for _, path := range files(t, "dashboards/*/*.json") {
		walk(decode(t, path), "", func(key string, m map[string]any) {
			if _, isQuery := m["queryType"]; !isQuery || !ours(m) {
				return
			}
			allowed := types
			if key == "query" {
				allowed = inVariables
			}
			checkQuery(t, filepath.Base(path), m, allowed)
		})
	}
}

func TestAlertRuleQueries(t *testing.T) {
	types := section(t, "Query types").names()
	for _, path := range files(t, "provisioning/alerting/*/*.yaml") {
		walk(decode(t, path), "", func(_ string, m map[string]any) {
			if model, ok := m["model"].(map[string]any); ok && m["datasourceUid"] != "__expr__" {
				checkQuery(t, filepath.Base(path), model, types)
				if q := (query.Query{QueryType: query.Type(text(model["queryType"])), Stat: query.Stat(text(model["stat"]))}); !q.Numeric() {
					t.Errorf("%s: a rule cannot use %s %s", filepath.Base(path), q.QueryType, q.Stat)
				}
			}
		})
		labels := append(section(t, "Frame alert").names(), section(t, "Frame alert evidence").names()...)
		labels = append(labels, section(t, "Frame health").names()...)
		labels = append(labels, section(t, "Frame count").names()...)
		labels = append(labels, section(t, "Frame unmatched lines").names()...)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ruleLabel.FindAllStringSubmatch(string(content), -1) {
			if name := m[1] + m[2] + m[3]; !slices.Contains(labels, name) {
				t.Errorf("%s uses the label `%s` of an answer; docs/contract.md has none of that name", filepath.Base(path), name)
			}
		}
	}
}

// ruleLabel is a label in a template of a rule: of a query ($values.B.Labels.title, index .Labels "title") or of the
// alert ($labels.severity, index $labels "severity").
var ruleLabel = regexp.MustCompile(`\$values\.[A-Z]\.Labels\.(\w+)|\$labels\.(\w+)|index (?:\.Labels|\$labels) "(\w+)"`)

// panels lists the panels of a dashboard, those in rows, too.
func panels(dashboard map[string]any) []map[string]any {
	var out []map[string]any
	walk(dashboard["panels"], "panels", func(key string, m map[string]any) {
		if key == "panels" {
			out = append(out, m)
		}
	})
	return out
}

// A panel may only speak of columns that its queries answer with, or that its own transformations make.
func TestDashboardColumns(t *testing.T) {
	var all []string
	for _, kind := range query.Types() {
		all = append(all, columnNames(t, kind)...)
	}
	for _, path := range files(t, "dashboards/*/*.json") {
		dashboard, _ := decode(t, path).(map[string]any)
		for _, panel := range panels(dashboard) {
			have := made(panel)
			targets, _ := panel["targets"].([]any)
			for _, target := range targets {
				m, _ := target.(map[string]any)
				if kind, _ := m["queryType"].(string); ours(m) && slices.Contains(query.Types(), query.Type(kind)) {
					have = append(have, columnNames(t, query.Type(kind))...)
				}
			}
			if len(targets) == 0 {
				continue
			}
			title, _ := panel["title"].(string)
			for _, name := range used(panel) {
				if !slices.Contains(have, name) {
					t.Errorf("%s, %s: uses the column `%s`; its queries have %v", filepath.Base(path), title, name, have)
				}
			}
			// Overrides are shared by panels, so one may speak of a column that this panel has not.
			for _, name := range overridden(panel) {
				if !slices.Contains(all, name) && !slices.Contains(have, name) {
					t.Errorf("%s, %s: overrides the column `%s`; no frame of docs/contract.md has it", filepath.Base(path), title, name)
				}
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fieldMacro.FindAllStringSubmatch(string(text), -1) {
			if name := strings.Trim(m[1], `"\`); !slices.Contains(all, name) {
				t.Errorf("%s: a link uses the column `%s`; no frame of docs/contract.md has it", filepath.Base(path), name)
			}
		}
	}
}

var fieldMacro = regexp.MustCompile(`\$\{__data\.fields(?:\.|\[)([^}:\]]+)`)

// used lists the columns that a panel's transformations name.
func used(panel map[string]any) []string {
	var out []string
	transformations, _ := panel["transformations"].([]any)
	for _, tr := range transformations {
		walk(tr, "", func(key string, m map[string]any) {
			if names, ok := m["names"].([]any); ok && key == "include" {
				for _, n := range names {
					out = append(out, text(n))
				}
			}
			for _, field := range []string{"fieldName", "field"} {
				if name, ok := m[field].(string); ok {
					out = append(out, name)
				}
			}
			if fields, ok := m["fields"].([]any); ok {
				for _, f := range fields {
					out = append(out, text(f))
				}
			}
			if strings.HasSuffix(key, "ByName") {
				out = append(out, keys(m)...)
			}
		})
	}
	return out
}

// made lists the columns that a panel's transformations make or rename.
func made(panel map[string]any) []string {
	var out []string
	transformations, _ := panel["transformations"].([]any)
	for _, tr := range transformations {
		walk(tr, "", func(key string, m map[string]any) {
			for _, field := range []string{"firstFieldName", "restFieldsName", "renamePattern", "alias"} {
				if name, ok := m[field].(string); ok {
					out = append(out, name)
				}
			}
			if key == "renameByName" {
				for _, name := range m {
					out = append(out, text(name))
				}
			}
		})
	}
	return out
}

// overridden lists the columns that field overrides match by name.
func overridden(panel map[string]any) []string {
	var out []string
	walk(panel["fieldConfig"], "", func(key string, m map[string]any) {
		if key == "matcher" && m["id"] == "byName" {
			out = append(out, text(m["options"]))
		}
	})
	return out
}

// Frames and notifications link to these dashboards.
func TestDashboardUIDs(t *testing.T) {
	have := map[string]map[string]any{}
	for _, path := range files(t, "dashboards/*/*.json") {
		dashboard, _ := decode(t, path).(map[string]any)
		have[text(dashboard["uid"])] = dashboard
	}
	doc := section(t, "Dashboard uids")
	sameNames(t, "Dashboard uids", doc.names(), "dashboards/", keys(have))
	for _, row := range doc.rows {
		dashboard := have[strings.Trim(row[0], "`")]
		var variables []string
		walk(dashboard["templating"], "", func(_ string, m map[string]any) {
			if name, ok := m["name"].(string); ok {
				variables = append(variables, name)
			}
		})
		for _, name := range codes(doc.cell(row, "variables")) {
			if dashboard != nil && !slices.Contains(variables, name) {
				t.Errorf("docs/contract.md, Dashboard uids, gives %s the variable `%s`; the dashboard has %v", row[0], name, variables)
			}
		}
	}
}
