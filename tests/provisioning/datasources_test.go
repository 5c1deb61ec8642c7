package provisioning

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/query"
)

const root = "../.."

// datasources is provisioning/datasources/datasources.yaml with the keys that Grafana knows: it ignores others silently,
// therefore a strict decoder reads them here.
type datasources struct {
	APIVersion  int          `yaml:"apiVersion"`
	Datasources []datasource `yaml:"datasources"`
}

type datasource struct {
	Name     string         `yaml:"name"`
	UID      string         `yaml:"uid"`
	Type     string         `yaml:"type"`
	Access   string         `yaml:"access"`
	OrgID    int            `yaml:"orgId"`
	URL      string         `yaml:"url"`
	Editable bool           `yaml:"editable"`
	JSONData map[string]any `yaml:"jsonData"`
	// Correlations are links from what this data source shows to queries of another.
	Correlations []correlation `yaml:"correlations"`
}

type correlation struct {
	TargetUID   string `yaml:"targetUID"`
	Label       string `yaml:"label"`
	Description string `yaml:"description"`
	Config      struct {
		Type            string              `yaml:"type"`
		Field           string              `yaml:"field"`
		Target          map[string]any      `yaml:"target"`
		Transformations []map[string]string `yaml:"transformations"`
	} `yaml:"config"`
}

// load reads a YAML file below the repository's root into to, refusing unknown keys.
func load(t *testing.T, path string, to any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(to); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func loadDatasources(t *testing.T) map[string]datasource {
	t.Helper()
	var file datasources
	load(t, "provisioning/datasources/datasources.yaml", &file)
	if file.APIVersion != 1 {
		t.Errorf("apiVersion = %d, want 1", file.APIVersion)
	}
	byUID := map[string]datasource{}
	for _, d := range file.Datasources {
		if _, twice := byUID[d.UID]; twice || d.UID == "" {
			t.Errorf("%s: uid %q is empty or used twice", d.Name, d.UID)
		}
		byUID[d.UID] = d
	}
	return byUID
}

func TestDatasourcesReferToEachOther(t *testing.T) {
	all := loadDatasources(t)
	loki, ours, samples := all["loki"], all["blueking-incidents"], all["blueking-incidents-samples"]
	if loki.Type != "loki" || ours.URL != loki.URL || ours.JSONData["lokiUid"] != loki.UID {
		t.Errorf("Loki %+v and Incidents %+v do not belong together", loki, ours)
	}
	if want := map[string]any{"store": "samples"}; samples.URL != "" || !reflect.DeepEqual(samples.JSONData, want) {
		t.Errorf("samples = %+v, want no address and %v", samples, want)
	}
	for _, d := range []datasource{ours, samples} {
		if d.Type != pluginID(t) || d.Access != "proxy" || d.OrgID != 1 {
			t.Errorf("%s: type %q, access %q, orgId %d", d.Name, d.Type, d.Access, d.OrgID)
		}
	}
}

// Grafana starts without a correlation that lacks a label, a description or the type query, and tells nobody. A link opens
// the query that stands here, with its variables filled in.
func TestALogLineLeadsToUs(t *testing.T) {
	all := loadDatasources(t)
	loki := all["loki"]
	if len(loki.Correlations) == 0 {
		t.Fatal("no link at a log line")
	}
	const line = `2026-11-01 12:00:00 ERROR connect to 10.0.0.7:28668 refused`
	for _, c := range loki.Correlations {
		if c.Label == "" || c.Description == "" || c.Config.Type != "query" || c.Config.Field != "Line" || all[c.TargetUID].Type != pluginID(t) {
			t.Errorf("%+v is not shown", c)
		}
		values := map[string]string{"__value.raw": line}
		for _, tr := range c.Config.Transformations {
			found := regexp.MustCompile(tr["expression"]).FindStringSubmatch(line)
			if tr["type"] != "regex" || len(found) != 2 {
				t.Fatalf("%s finds %q in %q", tr["expression"], found, line)
			}
			values[tr["mapValue"]] = found[1]
		}
		model, err := json.Marshal(c.Config.Target)
		if err != nil {
			t.Fatal(err)
		}
		text := string(model)
		for name, value := range values {
			text = strings.ReplaceAll(text, "$${"+name+"}", value)
		}
		q, err := query.Parse([]byte(text))
		if err != nil || strings.Contains(text, "$") || q.Line != line && !slices.Equal(q.Hosts, []string{"10.0.0.7"}) {
			t.Errorf("%s asks %s: %v", c.Label, text, err)
		}
	}
}

// A lone $ is taken for a variable and swallowed.
func TestDatasourcesEscapeDollars(t *testing.T) {
	for uid, d := range loadDatasources(t) {
		text, err := yaml.Marshal(d.JSONData)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ReplaceAll(string(text), "$$", ""), "$") {
			t.Errorf("%s: a single $ in jsonData:\n%s", uid, text)
		}
	}
}
