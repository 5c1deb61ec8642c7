package discover

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/settings"
)

// world is a Loki by its streams; the newest line of each came at the time of its number in minutes.
type world []model.LabelSet

var epoch = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

func (w world) LabelNames(context.Context, time.Time, time.Time) ([]string, error) {
	names := map[string]bool{}
	for _, set := range w {
		for name := range set {
			names[string(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func (w world) LabelValues(_ context.Context, name, _ string, _, _ time.Time) ([]string, error) {
	values := map[string]bool{}
	for _, set := range w {
		if v := set[model.LabelName(name)]; v != "" {
			values[string(v)] = true
		}
	}
	return slices.Sorted(maps.Keys(values)), nil
}

func (w world) Series(_ context.Context, sel string, _ []logs.Matcher, _, _ time.Time) ([]model.LabelSet, error) {
	s, err := selector.Parse(sel)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sel, err)
	}
	var out []model.LabelSet
	for _, set := range w {
		if s.Matches(set) {
			out = append(out, set)
		}
	}
	return out, nil
}

func (w world) Newest(_ context.Context, sel string, _, _ time.Time) (time.Time, error) {
	s, err := selector.Parse(sel)
	var newest time.Time
	for i, set := range w {
		if err == nil && s.Matches(set) {
			newest = epoch.Add(time.Duration(i) * time.Minute)
		}
	}
	return newest, err
}

func TestSelectorsAreProposedForTheNamesOfEveryCollector(t *testing.T) {
	defaults := settings.Default().Sources
	for name, test := range map[string]struct {
		world    world
		want     map[Log]string // with streams
		hosts    []string
		cluster  string
		clusters []string
	}{
		"Alloy, as shipped": {
			world: world{
				{"namespace": "blueking", "pod": "bk-nodeman-backend-bworker-6f-x", "container": "bworker", "cluster": "prod"},
				{"namespace": "blueking", "pod": "bk-nodeman-saas-web-6f-x", "cluster": "prod"},
				{"namespace": "blueking", "pod": "bk-nodeman-mysql-master-0", "cluster": "prod"},
				{"namespace": "blueking", "pod": "bk-job-gateway-5d-x", "cluster": "prod"},
				{"job": "nodeman-execution-log", "cluster": "prod"},
				{"filename": "/tmp/nm.setup_proxy.sh.n1", "host": "10.0.0.1", "cluster": "prod"},
				{"filename": `C:\gse\logs\agent-err.log`, "host": "10.0.0.2", "cluster": "prod"},
			},
			want: map[Log]string{
				NodemanPods: defaults[0].Selector, ExecutionLog: defaults[1].Selector, Installers: defaults[2].Selector,
				AgentErrors: defaults[3].Selector, GatewayPods: defaults[4].Selector,
			},
			hosts: []string{"host"}, cluster: "cluster", clusters: []string{"prod"},
		},
		"OpenTelemetry": {
			world: world{
				{"k8s_namespace_name": "blueking", "k8s_pod_name": "bk-nodeman-backend-bworker-6f-x", "service_name": "bk-nodeman-backend-bworker", "k8s_cluster_name": "c1"},
				{"k8s_namespace_name": "blueking", "k8s_pod_name": "bk-job-gateway-5d-x", "service_name": "bk-job-gateway", "k8s_cluster_name": "c1"},
				{"log_file_path": "/var/log/gse_bkce/agent-err.log", "host_name": "10.0.0.2", "k8s_cluster_name": "c1"},
			},
			want: map[Log]string{
				NodemanPods: `{k8s_namespace_name="blueking", k8s_pod_name=~"bk-nodeman-(backend|saas)-.*"}`,
				GatewayPods: `{k8s_namespace_name="blueking", k8s_pod_name=~"bk-job-gateway-.*"}`,
				AgentErrors: `{log_file_path=~".*[/\\\\]gse[^/\\\\]*([/\\\\].*)?[/\\\\]agent-err.*"}`,
			},
			hosts: []string{"host_name"}, cluster: "k8s_cluster_name", clusters: []string{"c1"},
		},
		"Promtail, workloads without pods": {
			world: world{
				{"app": "bk-nodeman-backend-bworker", "namespace": "bk-prod", "job": "bk-prod/bk-nodeman-backend-bworker"},
				{"app": "bk-job-gateway", "namespace": "bk-prod"},
				{"filename": "/tmp/nm.nohup.out", "hostname": "10.0.0.2"},
			},
			want: map[Log]string{
				NodemanPods: `{namespace="bk-prod", app=~"(?:.*/)?bk-nodeman-(backend|saas)(?:-.*)?"}`,
				GatewayPods: `{namespace="bk-prod", app=~"(?:.*/)?bk-job-gateway(?:-.*)?"}`,
				Installers:  defaults[2].Selector,
			},
			hosts: []string{"hostname"},
		},
		"two clusters, two namespaces": {
			world: world{
				{"namespace": "bk-a", "pod": "bk-nodeman-backend-api-x", "cluster": "a"},
				{"namespace": "bk-b", "pod": "bk-nodeman-backend-api-y", "cluster": "b"},
			},
			want:    map[Log]string{NodemanPods: `{namespace=~"bk-a|bk-b", pod=~"bk-nodeman-(backend|saas)-.*"}`},
			cluster: "cluster", clusters: []string{"a", "b"},
		},
		// Loki asked for several tenants at once (X-Scope-OrgID: a|b) adds a label to what it answers.
		"two tenants asked at once": {
			world: world{
				{"__tenant_id__": "a", "namespace": "blueking", "pod": "bk-nodeman-backend-api-x", "cluster": "a"},
				{"__tenant_id__": "b", "namespace": "blueking", "pod": "bk-nodeman-backend-api-x", "cluster": "b"},
				{"__tenant_id__": "a", "job": "nodeman-execution-log", "service_name": "nodeman-execution-log", "cluster": "a"},
				{"__tenant_id__": "b", "filename": "/var/log/gse/agent-err.log", "host": "10.0.0.1", "cluster": "b"},
			},
			want: map[Log]string{
				NodemanPods: defaults[0].Selector, ExecutionLog: defaults[1].Selector, AgentErrors: defaults[3].Selector,
			},
			hosts: []string{"host"}, cluster: "cluster", clusters: []string{"a", "b"},
		},
		"bk-nodemgr": {
			world: world{{"namespace": "blueking", "pod": "bk-nodemgr-backend-7f-x"}},
			want:  map[Log]string{NodemgrPods: `{namespace="blueking", pod=~"bk-nodemgr-(backend|file|application)-.*"}`},
		},
		"logs of somebody else":        {world: world{{"namespace": "web", "pod": "nginx-1"}, {"filename": "/var/log/syslog"}}},
		"only files that hold secrets": {world: world{{"filename": "/tmp/nm.setup_agent.sh.n1.debug"}}},
		"nothing":                      {},
	} {
		found, err := In(t.Context(), test.world, epoch, epoch.Add(time.Hour))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := map[Log]string{}
		for _, p := range found.Proposals {
			if p.Streams == 0 {
				if p.Selector == "" || !p.Newest.IsZero() {
					t.Errorf("%s: what is not there is proposed as %+v", name, p)
				}
				continue
			}
			got[p.Log] = p.Selector
			if sets, err := test.world.Series(t.Context(), p.Selector, nil, epoch, epoch); err != nil || len(sets) != p.Streams {
				t.Errorf("%s: %s selects %d streams (%v), said %d", name, p.Selector, len(sets), err, p.Streams)
			}
			if p.Newest.Before(epoch) {
				t.Errorf("%s: %s: newest %v", name, p.Log, p.Newest)
			}
		}
		if !maps.Equal(got, test.want) {
			t.Errorf("%s: proposed\n%v, want\n%v", name, got, test.want)
		}
		if !slices.Equal(found.HostLabels, test.hosts) || found.ClusterLabel != test.cluster || !slices.Equal(found.Clusters, test.clusters) {
			t.Errorf("%s: hosts by %v, clusters %v by %q", name, found.HostLabels, found.Clusters, found.ClusterLabel)
		}
	}
}
