// Package discover proposes where the logs are in a Loki that somebody else fills: from its labels it recognises the
// names that Alloy, OpenTelemetry, Promtail and plain Kubernetes collectors give.
package discover

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// Store is what a Loki says of its streams.
type Store interface {
	LabelNames(ctx context.Context, start, end time.Time) ([]string, error)
	LabelValues(ctx context.Context, name, sel string, start, end time.Time) ([]string, error)
	Series(ctx context.Context, sel string, matchers []logs.Matcher, start, end time.Time) ([]model.LabelSet, error)
	Newest(ctx context.Context, sel string, start, end time.Time) (time.Time, error)
}

// Proposal is a selector for one kind of log; one without streams is not there.
type Proposal struct {
	// Log names the kind: one of Logs.
	Log Log `json:"log"`
	// Source, Selector and OnHost are those of the data source's settings. Of a log that is not there they are the defaults.
	Source   string `json:"source"`
	Selector string `json:"selector"`
	OnHost   bool   `json:"onHost"`
	// Streams is how many it selects, and Newest when the newest line of them came.
	Streams int       `json:"streams"`
	Newest  time.Time `json:"newest,omitzero"`
}

// Found is all that was recognised.
type Found struct {
	Proposals []Proposal `json:"proposals"`
	// HostLabels name the host in streams of files, ClusterLabel the cluster; empty where no label does.
	HostLabels   []string `json:"hostLabels"`
	ClusterLabel string   `json:"clusterLabel"`
	// Clusters are its values.
	Clusters []string `json:"clusters"`
}

// The names of labels by which collectors call the same thing, the usual one first.
var (
	podLabels       = []string{"pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name"}
	workloadLabels  = []string{"app_kubernetes_io_name", "service_name", "app", "k8s_deployment_name", "deployment", "container", "k8s_container_name", "container_name", "job"}
	namespaceLabels = []string{"namespace", "k8s_namespace_name", "kubernetes_namespace_name", "kubernetes_namespace"}
	fileLabels      = []string{"filename", "log_file_path", "file_path", "path", "log_file_name"}
	hostLabels      = []string{"host", "instance", "hostname", "host_ip", "host_name", "nodename", "agent_hostname"}
	clusterLabels   = []string{"cluster", "k8s_cluster_name", "cluster_name", "kubernetes_cluster"}
)

// way is how a kind of log is recognised: values of one of the labels, and the expression that then selects them.
type way struct {
	labels []string
	value  string
	op     string
	expr   string
}

// kind is a log with the ways to recognise it, the best first.
type kind struct {
	log      Log
	source   string
	onHost   bool
	fallback string
	ways     []way
}

// In looks at a Loki's streams of a range.
func In(ctx context.Context, store Store, start, end time.Time) (Found, error) {
	names, err := store.LabelNames(ctx, start, end)
	if err != nil {
		return Found{}, err
	}
	d := look{store: store, names: names, start: start, end: end, values: map[string][]string{}}
	out := Found{HostLabels: []string{}, Clusters: []string{}}
	for _, k := range kinds() {
		p, sets, err := d.kind(ctx, k)
		if err != nil {
			return Found{}, err
		}
		out.Proposals = append(out.Proposals, p)
		out.add(sets, p.OnHost)
	}
	slices.Sort(out.Clusters)
	return out, nil
}

// add notes the labels of streams that name hosts and clusters.
func (f *Found) add(sets []model.LabelSet, onHost bool) {
	for _, set := range sets {
		for _, name := range hostLabels {
			if _, ok := set[model.LabelName(name)]; ok && onHost && !slices.Contains(f.HostLabels, name) {
				f.HostLabels = append(f.HostLabels, name)
			}
		}
		for _, name := range clusterLabels {
			value, ok := set[model.LabelName(name)]
			if !ok || f.ClusterLabel != "" && f.ClusterLabel != name {
				continue
			}
			f.ClusterLabel = name
			if !slices.Contains(f.Clusters, string(value)) {
				f.Clusters = append(f.Clusters, string(value))
			}
		}
	}
}

// look is one look at a store.
type look struct {
	store      Store
	names      []string
	start, end time.Time
	values     map[string][]string
}

func (l *look) kind(ctx context.Context, k kind) (Proposal, []model.LabelSet, error) {
	out := Proposal{Log: k.log, Source: k.source, Selector: k.fallback, OnHost: k.onHost}
	for _, w := range k.ways {
		for _, label := range w.labels {
			sel, err := l.way(ctx, w, label)
			if err != nil {
				return out, nil, err
			}
			if sel == "" {
				continue
			}
			sets, err := l.store.Series(ctx, sel, nil, l.start, l.end)
			if err != nil {
				return out, nil, err
			}
			if len(sets) == 0 { // the values are of streams before the range
				continue
			}
			if !k.onHost {
				sel = withNamespace(sel, sets)
			}
			out.Selector, out.Streams = sel, len(sets)
			out.Newest, err = l.store.Newest(ctx, sel, l.start, l.end)
			return out, sets, err
		}
	}
	return out, nil, nil
}

// way returns the selector of a label whose values fit, "" where none does.
func (l *look) way(ctx context.Context, w way, label string) (string, error) {
	if !slices.Contains(l.names, label) {
		return "", nil
	}
	values, known := l.values[label]
	if !known {
		var err error
		if values, err = l.store.LabelValues(ctx, label, "", l.start, l.end); err != nil {
			return "", err
		}
		l.values[label] = values
	}
	re := regexp.MustCompile("^(?:" + w.value + ")$")
	if !slices.ContainsFunc(values, re.MatchString) {
		return "", nil
	}
	// The expressions of files are written for the label of the defaults.
	return strings.ReplaceAll(fmt.Sprintf("{%s%s%s}", label, w.op, w.expr), "$label", label), nil
}

// withNamespace narrows a selector to the namespaces in which its streams are.
func withNamespace(sel string, sets []model.LabelSet) string {
	for _, name := range namespaceLabels {
		var seen []string
		for _, set := range sets {
			if value := string(set[model.LabelName(name)]); value != "" && !slices.Contains(seen, value) {
				seen = append(seen, value)
			}
		}
		if len(seen) == 0 {
			continue
		}
		slices.Sort(seen)
		matcher := fmt.Sprintf("%s=%q", name, seen[0])
		if len(seen) > 1 {
			matcher = fmt.Sprintf("%s=~%q", name, strings.Join(seen, "|"))
		}
		narrow := "{" + matcher + ", " + strings.TrimPrefix(sel, "{")
		if _, err := selector.Parse(narrow); err == nil {
			return narrow
		}
	}
	return sel
}
