package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/tools/pluginrun"
)

const fakeGrafana = "BKINCIDENTS_TEST_GRAFANA"

// TestMain is a Grafana, too: one that answers its health and nothing else, or ends at once.
func TestMain(m *testing.M) {
	switch os.Getenv(fakeGrafana) {
	case "":
		os.Exit(m.Run())
	case "broken":
		fmt.Println("cannot read provisioning")
		os.Exit(1)
	}
	text, err := os.ReadFile(os.Args[len(os.Args)-1])
	if err != nil {
		os.Exit(1)
	}
	port := regexp.MustCompile(`http_port = (\d+)`).FindSubmatch(text)[1]
	healthy := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	server := http.Server{Addr: "127.0.0.1:" + string(port), Handler: healthy, ReadHeaderTimeout: time.Second}
	os.Exit(len(server.ListenAndServe().Error()))
}

func sample() *answer {
	since := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	end := since.Add(time.Hour)
	states := []string{"active", "resolved"}
	ends := []*time.Time{nil, &end}
	both := func(a, b string) []string { return []string{a, b} }
	incidents := data.NewFrame("incidents",
		data.NewField("since", nil, []time.Time{since, since}), data.NewField("last", nil, []time.Time{since, since}), data.NewField("end", nil, ends),
		data.NewField("severity", nil, both("high", "critical")), data.NewField("state", nil, states), data.NewField("verdict", nil, both("confirmed", "suspected")),
		data.NewField("reason", nil, both("", "quiet")), data.NewField("title", nil, both("No DNS", "No file")), data.NewField("signature", nil, both("curl-dns", "curl-404")),
		data.NewField("class", nil, both("environment", "operation")), data.NewField("subject", nil, both("c1 / repo", "c1 / path")), data.NewField("hosts", nil, both("10.0.0.1", "10.0.0.2")),
		data.NewField("count", nil, []int64{3, 4}), data.NewField("summary", nil, both("DNS is broken.", "")), data.NewField("cause", nil, both("f00-1", "")),
		data.NewField("symptoms", nil, both("", "")), data.NewField("evidence", nil, both(strings.Repeat("长", 300), "curl: (22)")),
		data.NewField("first_step", nil, both("", "Look at bkrepo")), data.NewField("id", nil, both("a-1", "b-2")),
	)
	steps := data.NewFrame("steps",
		data.NewField("risk", nil, both("read-only", "destructive")), data.NewField("run_on", nil, both("target host", "")), data.NewField("text", nil, both("Look.", "Wipe.")),
		data.NewField("command", nil, both("getent hosts repo\ncat /etc/resolv.conf", "")), data.NewField("missing", nil, both("", "<path>: not in the log lines")),
		data.NewField("link", nil, both("https://example.com/guide", "")),
	)
	return &answer{from: since, to: since.Add(90 * time.Minute), health: "Connected.", incidents: table{incidents}, steps: map[string]table{"a-1": {steps}}}
}

func TestTheAnswerIsReadable(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"1 active", "1 over", "● HIGH  No DNS  [confirmed]", "curl-dns (environment)", "for 1h30m", "3 lines", "1. [read-only · target host] Look.", "$ getent hosts repo\n",
			"$ cat /etc/resolv.conf", "2. [DESTRUCTIVE, get a confirmation first] Wipe.", "<path>: not in", "https://example.com/guide", "cause     f00-1", "curl-404  No file",
			"suspected · gone quiet · 4 lines · c1 / path, hosts 10.0.0.2", "do first  Look at bkrepo", "长…"},
		"zh": {"未恢复 1 个", "● 严重  No DNS  [确认]", "已 1h30m", "[有破坏性，先与负责人确认]", "疑似 · 不再出现 · 4 行日志"},
	} {
		var b strings.Builder
		p := printer{w: &b, lang: lang}
		p.answer(sample(), true)
		p.next(false)
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: %q is not in\n%s", lang, w, b.String())
			}
		}
	}
}

func TestADemoThatShowsLessFails(t *testing.T) {
	a := sample()
	err := a.check(expected)
	if err == nil || !strings.Contains(err.Error(), "no incident of gse-zk-unresolved") || strings.Contains(err.Error(), "curl-dns") {
		t.Errorf("got %v", err)
	}
	a.steps = nil
	if err := a.check(expected); err == nil || !strings.Contains(err.Error(), "incident a-1 has no steps") {
		t.Errorf("without steps: %v", err)
	}
}

func TestOutlinesTellIncidentsApart(t *testing.T) {
	got := sample().outline()
	if len(got) != 2 || got[0] == got[1] || !strings.HasPrefix(got[0], "a-1 · curl-dns · c1 / repo · active · confirmed") {
		t.Errorf("got %q", got)
	}
}

func TestOptions(t *testing.T) {
	if o, err := parse([]string{"--loki", "--lang", "zh"}, &strings.Builder{}); err != nil || !o.loki || o.grafana || o.lang != "zh" {
		t.Errorf("%+v %v", o, err)
	}
	if _, err := parse([]string{"--lang", "fr"}, &strings.Builder{}); err == nil {
		t.Error("an unknown language is accepted")
	}
	env := map[string]string{"LANG": "zh_CN.UTF-8"}
	if got := language(func(k string) string { return env[k] }); got != "zh" {
		t.Errorf("language %s", got)
	}
}

func TestAMissingPluginIsSaidSo(t *testing.T) {
	err := run(t.Context(), []string{"--root", t.TempDir()}, &strings.Builder{}, &strings.Builder{})
	if !errors.Is(err, pluginrun.ErrNotBuilt) {
		t.Errorf("got %v", err)
	}
}

// grafanaHome is a folder that looks like Grafana's, with this test as the program.
func grafanaHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"bin", "conf"} {
		if err := os.MkdirAll(filepath.Join(home, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(self, filepath.Join(home, "bin", "grafana")), os.WriteFile(filepath.Join(home, "conf", "defaults.ini"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestFindGrafana(t *testing.T) {
	home := grafanaHome(t)
	nowhere := func(string) (string, error) { return "", exec.ErrNotFound }
	onPath := func(string) (string, error) { return filepath.Join(home, "bin", "grafana"), nil }
	if got, err := findGrafana(home, nowhere); err != nil || got.home != home || got.binary != filepath.Join(home, "bin", "grafana") {
		t.Errorf("by GRAFANA_HOME: %+v %v", got, err)
	}
	if _, err := findGrafana("", nowhere); !errors.Is(err, errNoGrafana) {
		t.Errorf("nowhere: %v", err)
	}
	// The link leads out of the folder, so its files are only found where GRAFANA_HOME says.
	if got, err := findGrafana("", onPath); err == nil && !isFile(filepath.Join(got.home, "conf", "defaults.ini")) {
		t.Errorf("on the PATH: %+v", got)
	}
}

func TestShowInGrafana(t *testing.T) {
	t.Setenv("GRAFANA_HOME", grafanaHome(t))
	source := pluginrun.DataSource{JSONData: map[string]any{"store": "samples"}}

	t.Setenv(fakeGrafana, "broken")
	err := showInGrafana(t.Context(), options{root: "../..", lang: "en"}, source, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "cannot read provisioning") {
		t.Errorf("a Grafana that ends: %v", err)
	}

	t.Setenv(fakeGrafana, "fine")
	ctx, cancel := context.WithCancel(t.Context())
	out := &untilAddress{found: cancel}
	if err := showInGrafana(ctx, options{root: "../..", lang: "en"}, source, out); err != nil {
		t.Errorf("a Grafana that runs: %v", err)
	}
	if !strings.Contains(out.String(), "/d/blueking-incidents-overview") {
		t.Errorf("no address: %q", out.String())
	}
}

// untilAddress ends the demo, as Ctrl-C does, once it has printed the address.
type untilAddress struct {
	strings.Builder
	found func()
}

func (u *untilAddress) Write(p []byte) (int, error) {
	if strings.Contains(string(p), overviewPath) {
		u.found()
	}
	return u.Builder.Write(p)
}

func TestLayOut(t *testing.T) {
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := layOut(dir, root, 13999, pluginrun.DataSource{URL: "http://127.0.0.1:3100", JSONData: map[string]any{"store": "loki"}}); err != nil {
		t.Fatal(err)
	}
	ini, err := os.ReadFile(filepath.Join(dir, "custom.ini"))
	if err != nil || !strings.Contains(string(ini), "http_addr = 127.0.0.1\nhttp_port = 13999") || strings.Contains(string(ini), "%!") {
		t.Errorf("%s %v", ini, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "provisioning", "datasources", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Datasources []struct {
			UID, Type, URL string
			JSONData       map[string]any `yaml:"jsonData"`
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil || len(file.Datasources) != 1 {
		t.Fatalf("%s %v", text, err)
	}
	if d := file.Datasources[0]; d.UID != "blueking-incidents" || d.Type != pluginrun.PluginID || d.URL != "http://127.0.0.1:3100" || d.JSONData["store"] != "loki" {
		t.Errorf("%+v", d)
	}
	if link, err := os.Readlink(filepath.Join(dir, "plugins", pluginrun.PluginID)); err != nil || link != filepath.Join(root, "dist") {
		t.Errorf("%s %v", link, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "provisioning", "alerting", "rules.yaml")); err != nil {
		t.Error(err)
	}
}
