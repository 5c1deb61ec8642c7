package scan

import (
	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// outerAttrs are what structured metadata says of an entry: the names of nodeman's shipped execution log. A pod's host is
// the node that it runs on, never the host that fails. A task's number is shared by all its hosts and would tie their
// failures together, so only the id of one host's installation counts.
func outerAttrs(rec logs.Record) event.Attrs {
	var out event.Attrs
	for _, m := range rec.Entry.StructuredMetadata {
		switch m.Name {
		case "host":
			if signature.Valid(signature.IP, m.Value) {
				out.HostIP = m.Value
			}
		case "sub_inst_id":
			out.SubInstID = m.Value
		case "task_id":
			if !signature.Valid(signature.Int, m.Value) {
				out.TaskID = m.Value
			}
		case "step":
			out.Step = m.Value
		case "pod", "k8s_pod_name":
			out.Pod = m.Value
		}
	}
	if out.Pod != "" || rec.Stream.Labels["pod"] != "" || rec.Stream.Labels["k8s_pod_name"] != "" {
		out.HostIP = ""
	}
	return out
}
