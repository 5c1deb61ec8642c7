package provisioning

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/tests/collectors"
)

// collectorFiles are the configurations of a kind: Alloy's, and Promtail's for those who still have it.
var collectorFiles = map[string][]string{
	"pods":    {"alloy-kubernetes.alloy", "legacy/promtail-kubernetes.yaml"},
	"linux":   {"alloy-linux.alloy", "legacy/promtail-host.yaml"},
	"windows": {"alloy-windows.alloy"},
	"nodemgr": {"alloy-nodemgr.alloy"},
	"bridges": {"alloy-bklog.alloy", "alloy-files.alloy"},
}

func loadCollector(t *testing.T, name string) collectors.Config {
	t.Helper()
	read := collectors.LoadAlloy
	if filepath.Ext(name) == ".yaml" {
		read = collectors.Load
	}
	c, err := read(filepath.Join(root, "provisioning", "collectors", name), map[string]string{
		"LOKI_URL": "http://loki:3100", "CLUSTER_NAME": "prod", "HOST_IP": "10.0.0.1", "POD_NAMESPACE": "blueking", "POD_NAME": "bk-nodemgr-backend-7f-x",
		"KAFKA_BROKER": "kafka:9092", "KAFKA_TOPIC": "0bklog_2_nodeman", "GATEWAY_LOGS": "/data/logs/job-gateway", "NODEMAN_LOGS": "/data/bkce/logs/nodeman", "INSTANCE": "10-0-0-9",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Clients) != 1 || c.Clients[0].ExternalLabels[settings.Default().ClusterLabel] != "prod" || c.Clients[0].URL != "http://loki:3100/loki/api/v1/push" || len(c.ScrapeConfigs) != 1 {
		t.Fatalf("%s: %+v", name, c)
	}
	return c
}

func TestEveryCollectorFileIsTested(t *testing.T) {
	var known []string
	for _, names := range collectorFiles {
		known = append(known, names...)
	}
	for _, pattern := range []string{"*.alloy", "legacy/*"} {
		files, err := filepath.Glob(filepath.Join(root, "provisioning", "collectors", pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			name, err := filepath.Rel(filepath.Join(root, "provisioning", "collectors"), file)
			if err != nil || !slices.Contains(known, filepath.ToSlash(name)) {
				t.Errorf("no test reads %s (%v)", name, err)
			}
		}
	}
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
	for _, name := range collectorFiles["pods"] {
		c := loadCollector(t, name)
		for pod, want := range map[string][]string{
			"bk-nodeman-backend-bworker-6f-x": {"nodeman"},
			"bk-nodeman-saas-web-6f-x":        {"nodeman"},
			"bk-nodeman-mysql-master-0":       nil,
			"bk-nodeman-redis-master-0":       nil,
			"bk-nodeman-rabbitmq-0":           nil,
			"bk-nodeman-migrate-1-x":          nil,
			"bk-job-gateway-5d-x":             {"bk-job-gateway"},
			"bk-job-manage-5d-x":              nil,
			"other-bk-nodeman-x":              nil,
		} {
			streams, err := c.Collect(collectors.File{
				Path: "/var/log/pods/blueking_" + pod + "_0a1b/main/0.log",
				Discovered: map[string]string{
					"__meta_kubernetes_namespace": c.ScrapeConfigs[0].Kubernetes[0].Namespaces.Names[0], "__meta_kubernetes_pod_name": pod,
					"__meta_kubernetes_pod_uid": "0a1b", "__meta_kubernetes_pod_container_name": "main",
				},
				Lines: collectors.InContainer(time.Now(), "stdout", "2022-11-10 11:22:33.456 ERROR x"),
			})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil && len(streams) == 0 {
				continue
			}
			if len(streams) != 1 {
				t.Errorf("%s: %s: pushed %v", name, pod, streams)
				continue
			}
			if got := sourcesOf(t, labelsOf(t, streams[0].Labels)); !slices.Equal(got, want) {
				t.Errorf("%s: %v belongs to %v, want %v", name, streams[0].Labels, got, want)
			}
		}
	}
}

// The names are those that nodeman's scripts give their files, in the folders where agents and installers write.
func TestHostFilesGetTheLabelsThatTheDefaultsExpect(t *testing.T) {
	const task = "n5c1d8be0f4a63d2fb0e9a7c4418d3b6e"
	for kind, files := range map[string]map[string]string{
		"linux": {
			"/var/log/gse/agent-err.log":                           "agent",
			"/var/log/gse_bkce/agent-err.log":                      "agent",
			"/var/log/gse/agent-info.log":                          "",
			"/tmp/nm.setup_agent.sh." + task:                       "nodeman",
			"/tmp/nm.setup_agent.ksh." + task:                      "nodeman",
			"/tmp/nm.setup_agent.zsh." + task:                      "nodeman",
			"/tmp/nm.setup_proxy.sh." + task:                       "nodeman",
			"/tmp/nm.setup_solaris_agent.sh." + task:               "nodeman",
			"/tmp/nm.setup_pagent.py." + task:                      "nodeman",
			"/tmp/nm.nohup.out":                                    "nodeman",
			"/tmp/nm.setup_agent.sh." + task + ".debug":            "",
			"/tmp/nm.setup_proxy.sh." + task + ".debug":            "",
			"/tmp/nm.setup_solaris_agent.sh." + task + ".debug":    "",
			"/tmp/nm.setup_agent.sh." + task + ".report_log":       "",
			"/tmp/nm.setup_agent.sh." + task + ".more/x.sh":        "",
			"/tmp/nm.setup_agent.sh." + task + ".report_log_2.tmp": "",
		},
		"windows": {
			`C:\gse\logs\agent-err.log`:                           "agent",
			`C:\gse_bkce\logs\agent-err-20261130-00001.log`:       "agent",
			`C:\gse\agent\logs\agent-err.log`:                     "agent",
			`C:\gse\logs\agent-info.log`:                          "",
			`C:\tmp\nm.setup_agent.bat.` + task:                   "nodeman",
			`C:\tmp\nm.setup_agent.bat.` + task + `.debug`:        "",
			`C:\tmp\nm.setup_agent.bat.` + task + `.report_log_1`: "",
			`C:\tmp\nm.setup_agent.bat.` + task + `.report_log_2`: "",
		},
	} {
		for _, name := range collectorFiles[kind] {
			c := loadCollector(t, name)
			for file, want := range files {
				streams, err := c.Collect(collectors.File{Path: file, Lines: []string{"x"}})
				if err != nil {
					t.Fatal(err)
				}
				if len(streams) > 1 || len(streams) == 0 != (want == "") {
					t.Errorf("%s: %s: pushed %v", name, file, streams)
					continue
				}
				for _, stream := range streams {
					if got := sourcesOf(t, labelsOf(t, stream.Labels)); !slices.Equal(got, []string{want}) {
						t.Errorf("%s: %v belongs to %v, want %s", name, stream.Labels, got, want)
					}
				}
				// Somebody else's collector may read the files with secrets: the selectors leave them out, too.
				if got := sourcesOf(t, model.LabelSet{"filename": model.LabelValue(file), "host": "10.0.0.1"}); want == "" && strings.Contains(file, task+".") && !strings.Contains(file, ".more") && len(got) > 0 {
					t.Errorf("the default selectors of %v take %s", got, file)
				}
			}
		}
	}
}

func TestNodemgrsFilesAreCollectedOnceInItsPods(t *testing.T) {
	c := loadCollector(t, "alloy-nodemgr.alloy")
	streams, err := c.Collect(
		collectors.File{Path: "/bk-nodemgr/log/backend.x.root.log.INFO.20261130-081527.14", Lines: []string{"E1130 08:15:27.314159 14 file.go:88] x"}},
		collectors.File{Path: "/bk-nodemgr/log/backend.x.root.log.ERROR.20261130-081527.14", Lines: []string{"E1130 08:15:27.314159 14 file.go:88] x"}},
	)
	if err != nil || len(streams) != 1 || len(streams[0].Entries) != 1 {
		t.Fatalf("pushed %v (%v)", streams, err)
	}
	if want := (model.LabelSet{"cluster": "prod", "namespace": "blueking", "pod": "bk-nodemgr-backend-7f-x"}); !labelsOf(t, streams[0].Labels).Equal(want) {
		t.Errorf("labels %s, want %v", streams[0].Labels, want)
	}
}

// The bridges give the labels of the default selectors, too: messages of bk-log, and files where nothing is printed.
func TestBridgesGetTheLabelsThatTheDefaultsExpect(t *testing.T) {
	for name, test := range map[string]struct {
		config string
		file   collectors.File
		labels model.LabelSet
		source string
	}{
		"bk-log, a pod": {
			"alloy-bklog.alloy",
			collectors.File{Path: "0bklog_2_nodeman", Lines: []string{`{"ip": "10.0.0.3", "filename": "/var/lib/docker/x-json.log", "items": [{"data": "x"}], "ext": {"io_kubernetes_pod": "bk-nodeman-backend-bworker-6f-x", "io_kubernetes_pod_namespace": "blueking"}}`}},
			model.LabelSet{"cluster": "prod", "namespace": "blueking", "pod": "bk-nodeman-backend-bworker-6f-x"}, "nodeman",
		},
		"bk-log, a host": {
			"alloy-bklog.alloy",
			collectors.File{Path: "0bklog_2_nodeman", Lines: []string{`{"ip": "10.0.0.3", "filename": "/var/log/gse/agent-err.log", "items": [{"data": "x"}], "ext": {}}`}},
			model.LabelSet{"cluster": "prod", "host": "10.0.0.3", "filename": "/var/log/gse/agent-err.log"}, "agent",
		},
		"the gateway's file": {
			"alloy-files.alloy",
			collectors.File{Path: "/data/logs/job-gateway/gateway.log", Lines: []string{"[2024-11-08 09:00:00.001] ERROR x", "\tat y"}},
			model.LabelSet{"cluster": "prod", "namespace": "blueking", "pod": "bk-job-gateway-10-0-0-9", "filename": "/data/logs/job-gateway/gateway.log"}, "bk-job-gateway",
		},
		"nodeman's file": {
			"alloy-files.alloy",
			collectors.File{Path: "/data/bkce/logs/nodeman/celery.log", Lines: []string{"x"}},
			model.LabelSet{"cluster": "prod", "namespace": "blueking", "pod": "bk-nodeman-backend-10-0-0-9", "filename": "/data/bkce/logs/nodeman/celery.log"}, "nodeman",
		},
	} {
		streams, err := loadCollector(t, test.config).Collect(test.file)
		if err != nil || len(streams) != 1 || len(streams[0].Entries) != 1 {
			t.Errorf("%s: pushed %v (%v)", name, streams, err)
			continue
		}
		labels := labelsOf(t, streams[0].Labels)
		if !labels.Equal(test.labels) || !slices.Equal(sourcesOf(t, labels), []string{test.source}) {
			t.Errorf("%s: labels %v belong to %v, want %v of %s", name, labels, sourcesOf(t, labels), test.labels, test.source)
		}
	}
}

func labelsOf(t *testing.T, text string) model.LabelSet {
	t.Helper()
	set, err := selector.ParseLabels(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func firstLine(t *testing.T) *regexp.Regexp {
	t.Helper()
	for _, stage := range loadCollector(t, "alloy-kubernetes.alloy").ScrapeConfigs[0].Stages {
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

func TestTheLegacyFilesCollectWhatAlloyDoes(t *testing.T) {
	for _, kind := range []string{"pods", "linux"} {
		a, p := loadCollector(t, collectorFiles[kind][0]).ScrapeConfigs[0], loadCollector(t, collectorFiles[kind][1]).ScrapeConfigs[0]
		if normal(a) != normal(p) {
			t.Errorf("%s:\n Alloy %+v\nlegacy %+v", kind, normal(a), normal(p))
		}
	}
}

// normal takes the differences out that mean nothing.
func normal(s collectors.Scrape) string {
	return strings.NewReplacer("[]", "", "<nil>", "").Replace(fmt.Sprintf("%+v %+v %+v %d", s.Kubernetes, s.Static, s.Relabel, len(s.Stages)))
}
