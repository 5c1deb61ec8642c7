package provisioning

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
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
