package plugin

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/discover"
)

// labelled is a store that has one stream: nodeman's execution log.
type labelled struct{ *fake }

func (labelled) LabelNames(context.Context, time.Time, time.Time) ([]string, error) {
	return []string{"job"}, nil
}

func (labelled) LabelValues(context.Context, string, string, time.Time, time.Time) ([]string, error) {
	return []string{"nodeman-execution-log"}, nil
}

func (labelled) Newest(_ context.Context, _ string, _, end time.Time) (time.Time, error) {
	return end, nil
}

func TestFindLogsProposesSelectors(t *testing.T) {
	f := newFake()
	f.onSeries = func(context.Context, time.Duration) ([]model.LabelSet, error) {
		return []model.LabelSet{{"job": "nodeman-execution-log", "cluster": "prod"}}, nil
	}
	d := open(t, f)
	if res := callAs(t, d, "Viewer", "GET", "find-logs", ""); res.Status != 403 {
		t.Errorf("a viewer gets %d", res.Status)
	}
	if got := admin[discover.Found](t, d, "GET", "find-logs", ""); len(got.Proposals) != 0 {
		t.Errorf("a store without labels gives %+v", got)
	}
	d.store = labelled{f}
	got := admin[discover.Found](t, d, "GET", "find-logs", "")
	streams := map[discover.Log]int{}
	for _, p := range got.Proposals {
		streams[p.Log] = p.Streams
	}
	if len(got.Proposals) != 6 || streams[discover.ExecutionLog] != 1 || streams[discover.NodemanPods] != 0 || got.ClusterLabel != "cluster" {
		t.Errorf("%+v", got)
	}
}
