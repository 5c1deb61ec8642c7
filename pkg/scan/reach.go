package scan

import (
	"slices"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// executionLog are the labels of the stream that `bkincidents ship nodeman` writes.
var executionLog = model.LabelSet{"job": "nodeman-execution-log"}

// reach is where the streams of a selector come from.
func (s Selector) reach() signature.Reach {
	switch {
	case s.OnHost:
		return signature.HostFile
	case s.Source != signature.Nodeman:
		return signature.Pod
	}
	if parsed, err := selector.Parse(s.Selector); err == nil && parsed.Matches(executionLog) {
		return signature.ExecutionLog
	}
	return signature.Worker
}

// Sees tells whether selectors can ever show a failure: whether its text appears where one of them reads. A signature
// that does not say where its text appears may appear anywhere in its source.
func Sees(selectors []Selector, sig *signature.Signature) bool {
	source := sig.DetectSource()
	return slices.ContainsFunc(selectors, func(s Selector) bool {
		return s.Source == source && (len(sig.Reaches) == 0 || slices.Contains(sig.Reaches, s.reach()))
	})
}
