package changes

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

const signatures = `apiVersion: bkincidents/v1
id: demo-refused
revision: 1
status: active
severity: high
class: environment
family: demo
title: {zh: 连接被拒绝, en: Connection refused}
summary: {zh: 端口没有监听。, en: The port does not listen.}
impact: {zh: 安装失败。, en: The installation fails.}
terms:
  refused: {source: nodeman, text: 'connection refused%{any}'}
detect: {term: refused}
key: [cluster]
resolve: {quiet: 30m}
remediation:
  - {id: look, risk: read-only, run_on: {zh: 主机, en: host}, text: {zh: 查看。, en: Look.}}
`

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// store is the streams of a log store.
type store struct {
	streams []memory.Stream
	err     error
}

// log adds a line at a time before the start; lines of a stream come in order of time.
func (s *store) log(before time.Duration, labels model.LabelSet, line string) {
	labels = model.LabelSet{"namespace": "blueking", "app": "nodeman"}.Merge(labels)
	entry := logproto.Entry{Timestamp: start.Add(-before), Line: line}
	for i := range s.streams {
		if st := &s.streams[i]; st.Stream.Labels.Equal(labels) {
			st.Entries = append(st.Entries, entry)
			return
		}
	}
	s.streams = append(s.streams, memory.NewStream(labels, []logproto.Entry{entry}))
}

func (s *store) Series(_ context.Context, sel string, matchers []logs.Matcher, from, to time.Time) (out []model.LabelSet, _ error) {
	selected, err := memory.Select(sel, matchers)
	if err != nil {
		return nil, err
	}
	for _, st := range s.streams {
		shipped := slices.ContainsFunc(st.Entries, func(e logproto.Entry) bool { return !e.Timestamp.Before(from) && e.Timestamp.Before(to) })
		if shipped && selected.Matches(st.Stream.Labels) {
			out = append(out, st.Stream.Labels)
		}
	}
	return out, s.err
}

// find builds the newest incident of the store and looks at what was before it.
func find(t *testing.T, s *store) *Result {
	t.Helper()
	sigs, err := signature.Parse("test.yaml", []byte(signatures))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	selectors := []scan.Selector{{Source: signature.Nodeman, Selector: `{namespace="blueking"}`}}
	scanner := scan.New(memory.New(s.streams...), scan.Options{
		Prepared: scan.Prepare(set), Labels: incident.Settings{ClusterLabel: "cluster"}, Selectors: selectors, LookbackMax: 24 * time.Hour,
		Clock: func() time.Time { return start.Add(time.Minute) },
	})
	res, err := scanner.Scan(t.Context(), scan.Request{Start: start.Add(-time.Minute), End: start.Add(time.Minute)})
	if err != nil || len(res.Incidents) == 0 {
		t.Fatalf("no incident: %v", err)
	}
	out, err := NewFinder(s, scanner, selectors, "cluster").Find(t.Context(), &res.Incidents[0])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func one(t *testing.T, r *Result, kind Kind) Fact {
	t.Helper()
	var found []Fact
	for _, f := range r.Facts {
		if f.Kind == kind {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d facts of kind %s, want one: %+v", len(found), kind, r.Facts)
	}
	return found[0]
}

func TestANewPodAndItsVersionAreFactsWithTheirTimes(t *testing.T) {
	s := &store{}
	s.log(156*time.Hour, model.LabelSet{"pod": "worker-a", "app_version": "2.4.3"}, "healthy")
	s.log(90*time.Minute, model.LabelSet{"pod": "worker-a", "app_version": "2.4.3"}, "healthy")
	s.log(30*time.Minute, model.LabelSet{"pod": "worker-a", "app_version": "2.4.3"}, "healthy")
	s.log(10*time.Minute, model.LabelSet{"pod": "worker-b", "app_version": "2.4.4"}, "mounting")
	s.log(9*time.Minute, model.LabelSet{"pod": "worker-b", "app_version": "2.4.4"}, "Starting WorkerApplication v2.4.4 using Java 17")
	s.log(8*time.Minute, model.LabelSet{"pod": "other", "app": "gateway"}, "of another workload")
	s.log(0, model.LabelSet{"pod": "worker-b", "app_version": "2.4.4"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	r := find(t, s)
	pod := one(t, r, NewPod)
	if pod.Value != "worker-b" || !slices.Equal(pod.Was, []string{"worker-a"}) || !pod.Time.Equal(start.Add(-10*time.Minute)) || !strings.Contains(pod.Line, "v2.4.4") {
		t.Errorf("new pod = %+v", pod)
	}
	version := one(t, r, Version)
	if version.Label != "app_version" || version.Value != "2.4.4" || !slices.Equal(version.Was, []string{"2.4.3"}) {
		t.Errorf("version = %+v", version)
	}
	if f := one(t, r, First); f.Short || !f.Time.Equal(start) {
		t.Errorf("first = %+v", f)
	}
}

func TestWhatWasThereBeforeIsNoChange(t *testing.T) {
	s := &store{}
	s.log(3*24*time.Hour, model.LabelSet{"pod": "worker-a"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	s.log(2*24*time.Hour, model.LabelSet{"pod": "worker-a"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	s.log(100*time.Minute, model.LabelSet{"pod": "worker-a", "filename": "1.log"}, "healthy")
	s.log(10*time.Minute, model.LabelSet{"pod": "worker-a", "filename": "2.log"}, "healthy, after the file was rotated")
	s.log(0, model.LabelSet{"pod": "worker-a", "filename": "2.log"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	r := find(t, s)
	if len(r.Facts) != 1 {
		t.Errorf("facts = %+v, want only what the week before tells", r.Facts)
	}
	if f := one(t, r, Again); f.Count != 2 || !f.Time.Equal(start.Add(-2*24*time.Hour)) {
		t.Errorf("again = %+v, want 2, the last two days before", f)
	}
}

func TestLogsOfLessThanAWeekSaySo(t *testing.T) {
	s := &store{}
	s.log(2*time.Hour, model.LabelSet{"pod": "worker-a"}, "healthy")
	s.log(0, model.LabelSet{"pod": "worker-a"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	if f := one(t, find(t, s), First); !f.Short {
		t.Error("first in seven days, of logs that are two hours old")
	}
}

func TestWhatCannotBeLookedAtIsUnknown(t *testing.T) {
	s := &store{err: errors.New("down")}
	s.log(0, model.LabelSet{"pod": "worker-a"}, "[2026-11-20 12:00:00 ERROR] connection refused")
	r := find(t, s)
	if !r.Failed() || len(r.Facts) != 2 {
		t.Fatalf("facts = %+v, want two that are unknown", r.Facts)
	}
	for _, f := range r.Facts {
		if f.Kind != Unknown || f.Err == nil {
			t.Errorf("fact = %+v", f)
		}
	}
}

func TestWhatBeganBeforeTheLogsIsUnknown(t *testing.T) {
	inc := incident.Incident{}
	r, err := (&Finder{}).Find(t.Context(), &inc)
	if err != nil || len(r.Facts) != 1 || !errors.Is(r.Facts[0].Err, ErrStartUnknown) {
		t.Errorf("facts = %+v, %v", r, err)
	}
}
