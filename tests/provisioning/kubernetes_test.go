package provisioning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kustomization has the keys that our files use; kustomize refuses unknown ones.
type kustomization struct {
	APIVersion       string         `yaml:"apiVersion"`
	Kind             string         `yaml:"kind"`
	GeneratorOptions map[string]any `yaml:"generatorOptions"`
	ConfigMaps       []struct {
		Name    string   `yaml:"name"`
		Files   []string `yaml:"files"`
		Options struct {
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"options"`
	} `yaml:"configMapGenerator"`
}

// helmValues are those of the Grafana chart that our file sets (charts/grafana/values.yaml of grafana/helm-charts).
type helmValues struct {
	Plugins []string `yaml:"plugins"`
	Ini     struct {
		Plugins map[string]string `yaml:"plugins"`
	} `yaml:"grafana.ini"`
	Datasources map[string]datasources `yaml:"datasources"`
	Sidecar     struct {
		Dashboards struct {
			Enabled          bool           `yaml:"enabled"`
			Label            string         `yaml:"label"`
			FolderAnnotation string         `yaml:"folderAnnotation"`
			Provider         map[string]any `yaml:"provider"`
		} `yaml:"dashboards"`
		Alerts struct {
			Enabled    bool   `yaml:"enabled"`
			Label      string `yaml:"label"`
			InitAlerts bool   `yaml:"initAlerts"`
		} `yaml:"alerts"`
	} `yaml:"sidecar"`
}

// TestKubernetesGetsEveryDashboardAndRule: each file of a language is in a ConfigMap that the chart's sidecars look for,
// and fits into it.
func TestKubernetesGetsEveryDashboardAndRule(t *testing.T) {
	var values helmValues
	load(t, "provisioning/kubernetes/values.yaml", &values)
	for _, lang := range []string{"zh", "en"} {
		var k kustomization
		folder := "provisioning/kubernetes/" + lang
		load(t, filepath.Join(folder, "kustomization.yaml"), &k)
		taken := map[string]bool{}
		for _, m := range k.ConfigMaps {
			size := 0
			for _, file := range m.Files {
				if _, after, renamed := strings.Cut(file, "="); renamed {
					file = after
				}
				path := filepath.Join(folder, file)
				text, err := os.ReadFile(filepath.Join(root, path))
				if err != nil {
					t.Errorf("%s: %v", folder, err)
					continue
				}
				size += len(text)
				taken[path] = true
				label := values.Sidecar.Dashboards.Label
				if strings.Contains(path, "alerting") {
					label = values.Sidecar.Alerts.Label
				} else if m.Options.Annotations[values.Sidecar.Dashboards.FolderAnnotation] == "" {
					t.Errorf("%s: %s names no folder of Grafana", folder, m.Name)
				}
				if m.Options.Labels[label] == "" {
					t.Errorf("%s: %s lacks the label %q that the sidecar looks for", folder, m.Name, label)
				}
			}
			if size > 1<<20 {
				t.Errorf("%s: %s has %d bytes, a ConfigMap takes 1 MiB", folder, m.Name, size)
			}
		}
		for _, pattern := range []string{"dashboards/" + lang + "/*.json", "provisioning/alerting/" + lang + "/*.yaml"} {
			files, err := filepath.Glob(filepath.Join(root, pattern))
			if err != nil || len(files) == 0 {
				t.Fatalf("%s: %v %v", pattern, files, err)
			}
			for _, file := range files {
				if path, _ := filepath.Rel(root, file); !taken[path] {
					t.Errorf("%s is in no ConfigMap of %s", path, folder)
				}
			}
		}
	}
}

// TestHelmInstallsThePlugin: the chart gets the archive of the version that package.json has, may load it, and has the
// data source that dashboards and rules name.
func TestHelmInstallsThePlugin(t *testing.T) {
	var values helmValues
	load(t, "provisioning/kubernetes/values.yaml", &values)
	var pkg struct {
		Version string `json:"version"`
	}
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &pkg); err != nil {
		t.Fatal(err)
	}
	const id = "blueking-incidents-datasource"
	if len(values.Plugins) != 1 || !strings.HasSuffix(values.Plugins[0], "/v"+pkg.Version+"/"+id+"-"+pkg.Version+".zip;"+id) {
		t.Errorf("plugins: %q, want the archive of %s", values.Plugins, pkg.Version)
	}
	if got := values.Ini.Plugins["allow_loading_unsigned_plugins"]; got != id {
		t.Errorf("allow_loading_unsigned_plugins = %q, want %s", got, id)
	}
	shipped := loadDatasources(t)
	for name, file := range values.Datasources {
		for _, d := range file.Datasources {
			if s, ok := shipped[d.UID]; !ok || s.Type != d.Type || d.URL == "" {
				t.Errorf("%s: %+v is not one of provisioning/datasources", name, d)
			}
		}
	}
	if !values.Sidecar.Dashboards.Enabled || !values.Sidecar.Alerts.Enabled || !values.Sidecar.Alerts.InitAlerts {
		t.Errorf("the sidecars are off: %+v", values.Sidecar)
	}
}
