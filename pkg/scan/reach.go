package scan

import (
	"slices"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// executionLog is the job of the stream that `bkincidents ship nodeman` writes; Loki itself makes service_name of it.
const executionLog = "nodeman-execution-log"

// shipped is what an entry of the execution log carries as structured metadata.
var shipped = []string{"bk_cloud_id", "host", "status", "step", "sub_inst_id", "task_id"}

// reach is where the streams of a selector come from.
func (s Selector) reach() signature.Reach {
	switch {
	case s.OnHost:
		return signature.HostFile
	case s.Source != signature.Nodeman:
		return signature.Pod
	case s.Shipped():
		return signature.ExecutionLog
	}
	return signature.Worker
}

// Shipped reports whether a selector asks for the execution log by name, whatever else it asks for.
func (s Selector) Shipped() bool {
	parsed, err := selector.Parse(s.Selector)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(parsed.Matchers(), func(m logs.Matcher) bool {
		if m.Name != "job" && m.Name != "service_name" {
			return false
		}
		only, err := (selector.Selector{}).And(m)
		name := model.LabelName(m.Name)
		return err == nil && only.Matches(model.LabelSet{name: executionLog}) && !only.Matches(model.LabelSet{name: "another"})
	})
}

// Narrow parts matchers into those of stream labels and those of structured metadata: the execution log's streams have
// no label for the host.
func (s Selector) Narrow(matchers []logs.Matcher) (streams, metadata []logs.Matcher) {
	if len(matchers) == 0 || s.OnHost || !s.Shipped() {
		return matchers, nil
	}
	for _, m := range matchers {
		if slices.Contains(shipped, m.Name) {
			metadata = append(metadata, m)
		} else {
			streams = append(streams, m)
		}
	}
	return streams, metadata
}

// Sees reports whether selectors can ever show a failure: whether its text appears where one of them reads. A signature
// that does not say where its text appears may appear anywhere in its source.
func Sees(selectors []Selector, sig *signature.Signature) bool {
	source := sig.DetectSource()
	return slices.ContainsFunc(selectors, func(s Selector) bool {
		return s.Source == source && (len(sig.Reaches) == 0 || slices.Contains(sig.Reaches, s.reach()))
	})
}
