package provisioning

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/tests/collectors"
)

func loadPromtail(t *testing.T, name string) collectors.Promtail {
	t.Helper()
	p, err := collectors.Load(filepath.Join(root, "provisioning", "collectors", name), map[string]string{"CLUSTER_NAME": "prod", "HOST_IP": "10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Clients) != 1 || p.Clients[0].ExternalLabels[settings.Default().ClusterLabel] == "" || len(p.ScrapeConfigs) != 1 {
		t.Fatalf("%s: %+v", name, p)
	}
	return p
}

// sourcesOf are the sources whose default selectors a stream matches.
func sourcesOf(t *testing.T, labels model.LabelSet) []string {
	t.Helper()
	var out []string
	for _, s := range settings.Default().Sources {
		sel, err := selector.Parse(s.Selector)
		if err != nil {
			t.Fatal(err)
		}
		if sel.Matches(labels) {
			out = append(out, s.Source)
			if _, named := labels[model.LabelName(settings.Default().HostLabels[0])]; named != s.OnHost {
				t.Errorf("%v: %s names the host: %v, the setting says %v", labels, settings.Default().HostLabels[0], named, s.OnHost)
			}
		}
	}
	return out
}

func TestPodsGetTheLabelsThatTheDefaultsExpect(t *testing.T) {
	scrape := loadPromtail(t, "promtail-kubernetes.yaml").ScrapeConfigs[0]
	for pod, want := range map[string][]string{
		"bk-nodeman-backend-bworker-6f-x": {"nodeman"},
		"bk-nodeman-saas-web-6f-x":        {"nodeman"},
		"bk-job-gateway-5d-x":             {"bk-job-gateway"},
		"bk-job-manage-5d-x":              nil,
		"other-bk-nodeman-x":              nil,
	} {
		meta := map[string]string{
			"__meta_kubernetes_namespace": scrape.Kubernetes[0].Namespaces.Names[0], "__meta_kubernetes_pod_name": pod,
			"__meta_kubernetes_pod_uid": "0a1b", "__meta_kubernetes_pod_container_name": "main",
		}
		kept := true
		for _, r := range scrape.Relabel {
			kept = kept && r.Apply(meta)
		}
		if kept != (want != nil) {
			t.Errorf("%s: kept = %v", pod, kept)
		}
		if !kept {
			continue
		}
		if glob := meta["__path__"]; glob != "/var/log/pods/*0a1b/main/*.log" {
			t.Errorf("%s: __path__ = %s", pod, glob)
		}
		stream := model.LabelSet{"cluster": "prod", "stream": "stdout"}
		for name, value := range meta {
			if !strings.HasPrefix(name, "__") {
				stream[model.LabelName(name)] = model.LabelValue(value)
			}
		}
		if got := sourcesOf(t, stream); !slices.Equal(got, want) {
			t.Errorf("%v belongs to %v, want %v", stream, got, want)
		}
	}
}

func TestHostFilesGetTheLabelsThatTheDefaultsExpect(t *testing.T) {
	scrape := loadPromtail(t, "promtail-host.yaml").ScrapeConfigs[0]
	for file, want := range map[string][]string{
		"/var/log/gse/agent-err.log":              {"agent"},
		"/var/log/gse_bkce/agent-err.log":         {"agent"},
		"/var/log/gse/agent-info.log":             nil,
		"/tmp/nm.setup_agent.sh.node_1":           {"nodeman"},
		"/tmp/nm.setup_agent.ksh.node_1":          {"nodeman"},
		"/tmp/nm.nohup.out":                       {"nodeman"},
		"/tmp/nm.setup_agent.sh.node_1.debug":     nil, // holds tokens
		"/tmp/nm.setup_agent.sh.node_1.more/x.sh": nil,
	} {
		var streams []model.LabelSet
		for _, s := range scrape.Static {
			in, err := path.Match(s.Labels["__path__"], file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := path.Match(s.Labels["__path_exclude__"], file)
			if err != nil {
				t.Fatal(err)
			}
			if in && !out {
				streams = append(streams, model.LabelSet{
					"filename": model.LabelValue(file), "cluster": "prod", "host": model.LabelValue(s.Labels["host"]),
				})
			}
		}
		if len(streams) > 1 || len(streams) == 0 != (want == nil) {
			t.Errorf("%s: read %d times", file, len(streams))
			continue
		}
		for _, stream := range streams {
			if got := sourcesOf(t, stream); !slices.Equal(got, want) {
				t.Errorf("%v belongs to %v, want %v", stream, got, want)
			}
		}
	}
}

func firstLine(t *testing.T) *regexp.Regexp {
	t.Helper()
	for _, stage := range loadPromtail(t, "promtail-kubernetes.yaml").ScrapeConfigs[0].Stages {
		if stage.Match != nil {
			return regexp.MustCompile(stage.Match.Stages[0].Multiline.FirstLine)
		}
	}
	t.Fatal("no multiline stage")
	return nil
}

// A record of the gateway begins with its time, in whichever release's layout, or is an access log; the lines of an
// exception do not begin a record.
func TestGatewayRecordsAreJoined(t *testing.T) {
	first := firstLine(t)
	for line, begins := range map[string]bool{
		"[2021-07-24 10:00:00.123][|][main] ERROR c.t.b.j.g.s.impl.EsbJwtServiceImpl:getAndCachePublicKey:77 - x":             true,
		"2022-11-10 11:22:33.456 ERROR [job-gateway,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : x": true,
		"[2024-11-08 09:00:00.001] ERROR [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : x":           true,
		"\x1b[2m2022-11-10 11:22:33.456\x1b[0;39m \x1b[31mERROR\x1b[0;39m x":                                                  true,
		"[4bf92f35|00f067aa]API:x|uri:/y|appCode:z|username:u|respStatus:200|cost:4":                                          true,
		"[|]API:x|uri:/y": true,
		"accessType=esb|startTime=1|traceId=2|status=200":                                     true,
		"java.net.SocketTimeoutException: Read timed out":                                     false,
		"\tat java.base/java.net.SocketInputStream.read(SocketInputStream.java:183) ~[na:na]": false,
		"Caused by: java.net.ConnectException: Connection refused (Connection refused)":       false,
		"\t... 14 common frames omitted":                                                      false,
		"":                                                                                    false,
	} {
		if first.MatchString(line) != begins {
			t.Errorf("begins a record: %v, want %v: %q", !begins, begins, line)
		}
	}
}

// There is no parser of Alloy's language to be had as a library, so the files are compared with Promtail's.
func TestAlloyCollectsWhatPromtailDoes(t *testing.T) {
	text := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(root, "provisioning", "collectors", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range []string{"{}", "[]", "()"} {
			code := regexp.MustCompile(`(?m)"(?:[^"\\]|\\.)*"|//.*$`).ReplaceAllString(string(b), "")
			if strings.Count(code, pair[:1]) != strings.Count(code, pair[1:]) {
				t.Errorf("%s: unbalanced %s", name, pair)
			}
		}
		return string(b)
	}
	values := func(s, key string) []string {
		var out []string
		for _, m := range regexp.MustCompile(`(?m)^\s*`+key+`\s*= "((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(s, -1) {
			out = append(out, strings.ReplaceAll(m[1], `\"`, `"`))
		}
		return out
	}

	pods, scrape := text("alloy-kubernetes.alloy"), loadPromtail(t, "promtail-kubernetes.yaml").ScrapeConfigs[0]
	if got := values(pods, "firstline"); !slices.Equal(got, []string{firstLine(t).String()}) {
		t.Errorf("firstline = %q", got)
	}
	var targets, replacements []string
	for _, r := range scrape.Relabel {
		if r.Target != "" {
			targets = append(targets, r.Target)
		}
		if r.Replacement != "" {
			replacements = append(replacements, r.Replacement)
		}
		if r.Regex != "" && !slices.Equal(values(pods, "regex"), []string{r.Regex}) {
			t.Errorf("regex = %q, Promtail's is %q", values(pods, "regex"), r.Regex)
		}
	}
	if got := values(pods, "target_label"); !slices.Equal(got, targets) {
		t.Errorf("labels %v, Promtail's are %v", got, targets)
	}
	if got := values(pods, "replacement"); !slices.Equal(got, replacements) {
		t.Errorf("replacements %v, Promtail's are %v", got, replacements)
	}
	for _, stage := range scrape.Stages {
		if stage.Match != nil && !slices.Equal(values(pods, "selector"), []string{stage.Match.Selector}) {
			t.Errorf("selector %q, Promtail's is %q", values(pods, "selector"), stage.Match.Selector)
		}
	}

	hosts := text("alloy-host.alloy")
	var paths, excluded []string
	for _, s := range loadPromtail(t, "promtail-host.yaml").ScrapeConfigs[0].Static {
		paths = append(paths, s.Labels["__path__"])
		if e := s.Labels["__path_exclude__"]; e != "" {
			excluded = append(excluded, e)
		}
	}
	if got := values(hosts, "__path__"); !slices.Equal(got, paths) {
		t.Errorf("paths %v, Promtail's are %v", got, paths)
	}
	if got := values(hosts, "__path_exclude__"); !slices.Equal(got, excluded) {
		t.Errorf("excluded paths %v, Promtail's are %v", got, excluded)
	}
	if strings.Count(hosts, "sys.env(\"HOST_IP\")") != len(paths) {
		t.Error("not every file names its host")
	}
	for _, s := range []string{pods, hosts} {
		if !strings.Contains(s, `cluster = sys.env("CLUSTER_NAME")`) {
			t.Error("no cluster label")
		}
	}
}
