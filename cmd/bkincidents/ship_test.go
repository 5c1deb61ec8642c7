package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestShipRefusesSecretsOnTheCommandLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte("bk:S3CRET@tcp(127.0.0.1:1)/bk_nodeman\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"password in the address":       {[]string{"--mysql", "bk:S3CRET@tcp(10.0.0.1:3306)/bk_nodeman", "--loki", "http://loki"}, "--mysql @FILE"},
		"password in a URL":             {[]string{"--mysql", "mysql://bk:S3CRET@10.0.0.1/bk_nodeman", "--loki", "http://loki"}, "--mysql @FILE"},
		"unreadable, maybe a password":  {[]string{"--mysql", "bk:S3CRET@10.0.0.1", "--loki", "http://loki"}, "--mysql @FILE"},
		"no database":                   {[]string{"--mysql", "bk@tcp(10.0.0.1:3306)/", "--loki", "http://loki"}, "--mysql"},
		"no file":                       {[]string{"--mysql", "@/does/not/exist", "--loki", "http://loki"}, "no such file"},
		"not in the environment":        {[]string{"--mysql", "env:NOTHING", "--loki", "http://loki"}, "NOTHING is not set"},
		"no source":                     {[]string{"--loki", "http://loki"}, "BKINCIDENTS_MYSQL"},
		"no Loki":                       {[]string{"--mysql", "@" + file}, "--loki is missing"},
		"password in Loki's URL":        {[]string{"--mysql", "@" + file, "--loki", "http://u:S3CRET@loki"}, "--loki-auth @FILE"},
		"Loki's credentials":            {[]string{"--mysql", "@" + file, "--loki", "http://loki", "--loki-auth", "u:S3CRET"}, "--loki-auth @FILE"},
		"the API's secret":              {[]string{"--esb", "http://bkapi", "--esb-auth", `{"bk_app_secret": "S3CRET"}`, "--loki", "http://loki"}, "--esb-auth @FILE"},
		"both ways":                     {[]string{"--esb", "http://bkapi", "--mysql", "@" + file, "--loki", "http://loki"}, "exclude"},
		"an address that is no address": {[]string{"--mysql", "@" + file, "--loki", "loki:3100"}, "http://loki:3100"},
		"a zone that is none":           {[]string{"--mysql", "@" + file, "--loki", "http://loki", "--timezone", "Mars"}, "Asia/Shanghai"},
	} {
		code, out, stderr := call(t, "", append([]string{"ship", "nodeman", "--once", "--position", filepath.Join(t.TempDir(), "p")}, test.args...)...)
		if code != exitUsage || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %q, want %q", name, code, stderr, test.want)
		}
		if strings.Contains(out+stderr, "S3CRET") {
			t.Errorf("%s: prints the secret: %s", name, stderr)
		}
	}
}

func TestShipSaysWhatItShips(t *testing.T) {
	for _, args := range [][]string{{"ship"}, {"ship", "gateway"}} {
		if code, _, stderr := call(t, "", args...); code != exitUsage || !strings.Contains(stderr, "nodeman") {
			t.Errorf("%v: status %d, %q", args, code, stderr)
		}
	}
}

// The manifest and the unit start the program with flags that it has, as nobody in particular, on a file system that it
// cannot write.
func TestShipsServicesStartIt(t *testing.T) {
	folder := filepath.Join("..", "..", "provisioning", "collectors")
	unit, err := os.ReadFile(filepath.Join(folder, "nodeman-ship.service"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "StateDirectory="} {
		if !strings.Contains(string(unit), "\n"+line) {
			t.Errorf("the unit lacks %s", line)
		}
	}
	_, command, _ := strings.Cut(string(unit), "\nExecStart=/usr/local/bin/bkincidents ")
	command, _, _ = strings.Cut(command, "\n")
	declared(t, strings.Fields(command))

	raw, err := os.ReadFile(filepath.Join(folder, "nodeman-ship.kubernetes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	documents := yaml.NewDecoder(strings.NewReader(string(raw)))
	var kinds []string
	for {
		var doc struct {
			Kind       string
			StringData map[string]string `yaml:"stringData"`
			Spec       struct {
				Replicas int
				Strategy struct{ Type string }
				Template struct {
					Spec struct {
						SecurityContext struct {
							RunAsNonRoot bool `yaml:"runAsNonRoot"`
						} `yaml:"securityContext"`
						Containers []struct {
							Args            []string
							SecurityContext struct {
								ReadOnly  bool `yaml:"readOnlyRootFilesystem"`
								Escalates bool `yaml:"allowPrivilegeEscalation"`
							} `yaml:"securityContext"`
						}
					}
				}
			}
		}
		if documents.Decode(&doc) != nil {
			break
		}
		kinds = append(kinds, doc.Kind)
		for name := range doc.StringData {
			if name != envMySQL && name != envLokiAuth {
				t.Errorf("the program does not read %s", name)
			}
		}
		if doc.Kind != "Deployment" {
			continue
		}
		pod := doc.Spec.Template.Spec
		if doc.Spec.Replicas != 1 || doc.Spec.Strategy.Type != "Recreate" || !pod.SecurityContext.RunAsNonRoot || len(pod.Containers) != 1 ||
			!pod.Containers[0].SecurityContext.ReadOnly || pod.Containers[0].SecurityContext.Escalates {
			t.Errorf("the deployment: %+v", doc.Spec)
		}
		declared(t, pod.Containers[0].Args)
	}
	if want := []string{"Secret", "PersistentVolumeClaim", "Deployment"}; !slices.Equal(kinds, want) {
		t.Errorf("the manifest has %v, want %v", kinds, want)
	}
}

func declared(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := root(console{}).Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil || cmd.Name() != "ship" || !slices.Equal(cmd.Flags().Args(), []string{"nodeman"}) {
		t.Errorf("%v: %v", args, err)
	}
}
