package changes

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
)

// podLabels name a pod, as Alloy and promtail, OTel, Fluent Bit and plain scrape configurations call it.
var podLabels = []model.LabelName{"pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name"}

// versionLabels name what a workload runs: the image or a version of it. pod_template_hash changes with each roll-out.
var versionLabels = []model.LabelName{
	"image", "image_tag", "container_image", "k8s_container_image_name", "k8s_container_image_tag", "container_image_tag",
	"version", "app_version", "service_version", "app_kubernetes_io_version", "helm_sh_chart", "pod_template_hash",
}

// ownLabels differ between the pods of a workload, or between the streams of a pod, without a change of anything.
var ownLabels = []model.LabelName{
	"filename", "stream", "level", "detected_level", "instance", "service_instance_id", "container_id", "k8s_pod_uid", "pod_uid", "uid",
	"pod_ip", "k8s_pod_ip", "node", "node_name", "k8s_node_name", "host", "hostname", "restart_count", "k8s_container_restart_count", "job_id",
}

// banner is how programs name their version as they start: Spring Boot's line and its logo, or a version and a number.
var banner = regexp.MustCompile(`Starting \S+ v\S+|:: Spring Boot ::|(?i:\bversion\b["': =]{1,4}v?\d+\.\d)`)

// bannerLines is how many of the first lines of a pod are looked at.
const bannerLines = 30

// workload is what pods of one kind have in common.
type workload struct {
	selector string
	labels   model.LabelSet
}

// workloads are those that the evidence of an incident came from. Streams that name neither a pod nor a version tell
// nothing here.
func (f *Finder) workloads(inc *incident.Incident) []workload {
	var out []workload
	for _, m := range inc.Evidence {
		set := m.Stream.Labels
		if first(set, podLabels) == "" && first(set, versionLabels) == "" {
			continue
		}
		w := workload{labels: model.LabelSet{}}
		for name, value := range set {
			if !slices.Contains(podLabels, name) && !slices.Contains(versionLabels, name) && !slices.Contains(ownLabels, name) {
				w.labels[name] = value
			}
		}
		if slices.ContainsFunc(out, func(o workload) bool { return o.labels.Equal(w.labels) }) {
			continue
		}
		sel, err := f.scanner.Covering(set)
		if err != nil {
			continue
		}
		w.selector = sel.Selector
		out = append(out, w)
	}
	return out
}

// first returns the first of some labels that a stream has, "" for none.
func first(set model.LabelSet, names []model.LabelName) model.LabelName {
	for _, name := range names {
		if set[name] != "" {
			return name
		}
	}
	return ""
}

// different compares the streams of a workload in the hour before a time with those of the hour before that.
func (f *Finder) different(ctx context.Context, w workload, at time.Time) ([]Fact, error) {
	var matchers []logs.Matcher
	for _, name := range slices.Sorted(maps.Keys(w.labels)) {
		matchers = append(matchers, logs.Matcher{Name: string(name), Op: logs.Equal, Value: string(w.labels[name])})
	}
	since := at.Add(-lately)
	before, err := f.streams.Series(ctx, w.selector, matchers, since.Add(-lately), since)
	if err != nil {
		return nil, err
	}
	after, err := f.streams.Series(ctx, w.selector, matchers, since, at.Add(instant))
	if err != nil {
		return nil, err
	}
	var facts []Fact
	for _, name := range slices.Concat(podLabels, versionLabels) {
		kind := Version
		if slices.Contains(podLabels, name) {
			kind = NewPod
		}
		fresh, was := added(name, before, after)
		if kind == Version && len(was) == 0 {
			continue // nothing to compare with
		}
		for _, value := range fresh[:min(len(fresh), maxValues)] {
			fact := Fact{Kind: kind, Label: string(name), Value: value, Was: was, Labels: w.labels}
			if err := f.introduce(ctx, &fact, streamsOf(after, name, value), since, at.Add(instant)); err != nil {
				return facts, err
			}
			facts = append(facts, fact)
		}
	}
	return facts, nil
}

// added returns the values of a label that streams have and that others do not, and those of the others.
func added(name model.LabelName, before, after []model.LabelSet) (fresh, was []string) {
	values := func(sets []model.LabelSet) []string {
		seen := map[string]bool{}
		for _, set := range sets {
			if v := string(set[name]); v != "" {
				seen[v] = true
			}
		}
		return slices.Sorted(maps.Keys(seen))
	}
	was = values(before)
	for _, v := range values(after) {
		if !slices.Contains(was, v) {
			fresh = append(fresh, v)
		}
	}
	return fresh, was
}

func streamsOf(sets []model.LabelSet, name model.LabelName, value string) []model.LabelSet {
	return slices.DeleteFunc(slices.Clone(sets), func(set model.LabelSet) bool { return string(set[name]) != value })
}

// maxIntroductions bounds the streams of which the first lines are read: a pod has one, or one for each of its outputs.
const maxIntroductions = 3

// introduce fills in when streams began, and with which line.
func (f *Finder) introduce(ctx context.Context, fact *Fact, streams []model.LabelSet, start, end time.Time) error {
	for _, labels := range streams[:min(len(streams), maxIntroductions)] {
		near, err := f.scanner.Beside(ctx, scan.Beside{Labels: labels, Start: start, End: end, Lines: bannerLines})
		if err != nil {
			return err
		}
		if len(near.Lines) == 0 || !fact.Time.IsZero() && !near.Lines[0].Timestamp.Before(fact.Time) {
			continue
		}
		fact.Time, fact.Line = near.Lines[0].Timestamp, near.Lines[0].Line
		for _, l := range near.Lines {
			if banner.MatchString(l.Line) {
				fact.Line = l.Line
				break
			}
		}
	}
	return nil
}
