package provisioning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// compose is the part of docker-compose.yaml that must agree with other files.
type compose struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
		Environment map[string]string `yaml:"environment"`
	} `yaml:"services"`
}

func loadCompose(t *testing.T) compose {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func pluginID(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "src", "plugin.json"))
	if err != nil {
		t.Fatal(err)
	}
	var plugin struct{ ID string }
	if err := json.Unmarshal(text, &plugin); err != nil {
		t.Fatal(err)
	}
	return plugin.ID
}

func TestComposeLoadsThePluginAndItsFiles(t *testing.T) {
	grafana := loadCompose(t).Services["grafana"]
	id := pluginID(t)
	var provider struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name                  string
			OrgID                 int `yaml:"orgId"`
			Type                  string
			Folder                string
			DisableDeletion       bool `yaml:"disableDeletion"`
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct {
				Path                      string
				FoldersFromFilesStructure bool `yaml:"foldersFromFilesStructure"`
			}
		}
	}
	load(t, "provisioning/dashboards/dashboards.yaml", &provider)
	for _, mount := range []string{
		"./dist:/var/lib/grafana/plugins/" + id + ":ro",
		"./provisioning:/etc/grafana/provisioning:ro",
		"./dashboards/${BK_LANGUAGE:-zh}:" + provider.Providers[0].Options.Path + ":ro",
		"./provisioning/alerting/${BK_LANGUAGE:-zh}:/etc/grafana/provisioning/alerting:ro",
	} {
		if !slices.Contains(grafana.Volumes, mount) {
			t.Errorf("volumes = %v, want %s", grafana.Volumes, mount)
		}
	}
	if got := grafana.Environment["GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS"]; got != id {
		t.Errorf("unsigned plugins = %q, want %q", got, id)
	}
}

// Grafana expands variables in provisioning files to nothing when they are not set.
func TestComposeSetsTheVariablesOfTheDatasources(t *testing.T) {
	set := loadCompose(t).Services["grafana"].Environment
	for uid, d := range loadDatasources(t) {
		if name, isVariable := strings.CutPrefix(d.URL, "$"); isVariable && set[name] == "" {
			t.Errorf("%s needs %s", uid, name)
		}
	}
}

func TestComposePinsImagesAndStaysLocal(t *testing.T) {
	pinned := regexp.MustCompile(`:(\$\{\w+:-)?\d+\.\d+\.\d+\}?$`)
	for name, s := range loadCompose(t).Services {
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %s has no exact version", name, s.Image)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to the network", name, port)
			}
		}
	}
}
