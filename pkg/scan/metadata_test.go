package scan

import (
	"testing"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
)

func TestMetadataNamesTheHostAndItsInstallation(t *testing.T) {
	for name, test := range map[string]struct {
		labels model.LabelSet
		meta   []logproto.LabelAdapter
		want   event.Attrs
	}{
		"execution log": {
			model.LabelSet{"job": "nodeman-execution-log"},
			[]logproto.LabelAdapter{{Name: "host", Value: "10.0.0.7"}, {Name: "sub_inst_id", Value: "51"}, {Name: "task_id", Value: "400"}, {Name: "step", Value: "安装"}, {Name: "status", Value: "FAILED"}},
			event.Attrs{HostIP: "10.0.0.7", SubInstID: "51", Step: "安装"},
		},
		"a pod on a node": {
			model.LabelSet{"pod": "bk-nodeman-backend-x"}, []logproto.LabelAdapter{{Name: "host", Value: "10.0.0.7"}, {Name: "task_id", Value: "n4f9b6d0a"}},
			event.Attrs{TaskID: "n4f9b6d0a"},
		},
		"a pod in metadata": {nil, []logproto.LabelAdapter{{Name: "k8s_pod_name", Value: "p"}, {Name: "host", Value: "10.0.0.7"}}, event.Attrs{Pod: "p"}},
		"a host name":       {nil, []logproto.LabelAdapter{{Name: "host", Value: "web-1"}}, event.Attrs{}},
		"nothing":           {nil, nil, event.Attrs{}},
	} {
		rec := logs.Record{Stream: &logs.Stream{Labels: test.labels}, Entry: logproto.Entry{StructuredMetadata: test.meta}}
		if got := outerAttrs(rec); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
