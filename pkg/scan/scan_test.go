package scan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
)

const testSignatures = `
apiVersion: bkincidents/v1
id: symptom
revision: 1
status: active
severity: high
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'agent failed %{int:pid}'}
detect: {term: failed}
key: [cluster, host]
cause: [{signature: cause, within: 30m, join: [cluster]}]
resolve: {quiet: 30m}
---
apiVersion: bkincidents/v1
id: cause
revision: 1
status: active
severity: medium
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  broken: {source: agent, text: name not resolved}
detect: {term: broken}
key: [cluster]
resolve: {quiet: 1h}
`

var t0 = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// fakeStore is a Source whose selectors are `{s="name"}`; its lines are filtered as Loki would.
type fakeStore struct {
	lines map[string][]logs.Record
	fail  map[string]error
	cap   map[string]bool
	live  map[string]logs.Liveness
	blind map[string]error
	reads []logs.Request
}

func (m *fakeStore) log(selector string, at time.Duration, line string) {
	if m.lines == nil {
		m.lines = map[string][]logs.Record{}
	}
	labels := model.LabelSet{"s": model.LabelValue(selector), "cluster": "c1", "host": "h1"}
	m.lines[selector] = append(m.lines[selector], logs.Record{
		Stream: &logs.Stream{Key: labels.String(), Labels: labels},
		Entry:  logproto.Entry{Timestamp: t0.Add(at), Line: line},
	})
}

func (m *fakeStore) Read(_ context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	m.reads = append(m.reads, req)
	cov := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		if err := m.fail[req.Selector]; err != nil {
			cov.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Failed, Reason: err.Error()})
			yield(logs.Record{}, err)
			return
		}
		state := logs.Complete
		if m.cap[req.Selector] {
			state = logs.Capped
		}
		cov.Add(logs.Window{Start: req.Start, End: req.End, State: state, Reason: "stopped at 1 line"})
		for _, rec := range m.lines[req.Selector] {
			at := rec.Entry.Timestamp
			if at.Before(req.Start) || !at.Before(req.End) || !logs.Passes(rec.Entry.Line, req.Filters) {
				continue
			}
			if req.Sieve != nil && req.Sieve.Next(rec.Entry.Line, 0) < 0 {
				continue
			}
			if !yield(rec, nil) {
				return
			}
		}
	}, cov
}

func (m *fakeStore) Live(_ context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{All: m.live[req.Selector]}, m.blind[req.Selector]
}

func (m *fakeStore) Describe(req logs.Request) string { return fmt.Sprint(req.Selector) }

func scanner(t *testing.T, m *fakeStore) *Scanner {
	t.Helper()
	set := setOf(t, testSignatures)
	return New(&serial{Source: m}, Options{
		Prepared: Prepare(set), Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors:   []Selector{{Source: "nodeman", Selector: "nodeman", OnHost: true}, {Source: "agent", Selector: "agent", OnHost: true}},
		LookbackMax: 24 * time.Hour, Clock: func() time.Time { return t0.Add(1000 * time.Hour) },
	})
}

func run1(t *testing.T, m *fakeStore, from, to time.Duration) *Result {
	t.Helper()
	res, err := scanner(t, m).Scan(t.Context(), Request{Start: t0.Add(from), End: t0.Add(to)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestTheStartOfAnIncidentIsLookedForBeforeTheRange(t *testing.T) {
	m := &fakeStore{}
	for at := time.Duration(0); at <= 10*time.Hour; at += 20 * time.Minute {
		m.log("nodeman", at, "agent failed 1")
	}
	inc := run1(t, m, 10*time.Hour-time.Minute, 10*time.Hour+time.Minute).Incidents[0]
	if !inc.StartKnown || !inc.Start.Equal(t0) || inc.Count != 31 {
		t.Errorf("start %s known %v count %d", inc.Start, inc.StartKnown, inc.Count)
	}
}

func TestAnIncidentOlderThanTheLookbackSaysSo(t *testing.T) {
	m := &fakeStore{}
	for at := time.Duration(0); at <= 50*time.Hour; at += 20 * time.Minute {
		m.log("nodeman", at, "agent failed 1")
	}
	inc := run1(t, m, 50*time.Hour-time.Minute, 50*time.Hour+time.Minute).Incidents[0]
	if inc.StartKnown || inc.ID != inc.Fingerprint+"~" {
		t.Errorf("start known %v, id %s", inc.StartKnown, inc.ID)
	}
}

func TestTheStateDoesNotDependOnTheRange(t *testing.T) {
	m := &fakeStore{}
	m.log("nodeman", 0, "agent failed 1")
	for _, from := range []time.Duration{-24 * time.Hour, 0, 24 * time.Minute, 24*time.Minute + 59*time.Second} {
		res := run1(t, m, from, 25*time.Minute)
		if len(res.Incidents) != 1 || res.Incidents[0].State != incident.Active || !res.Incidents[0].Start.Equal(t0) {
			t.Errorf("range from %s: %+v", from, res.Incidents)
		}
	}
}

func TestOneFailingSourceLeavesTheOther(t *testing.T) {
	m := &fakeStore{fail: map[string]error{"agent": errors.New("refused")}}
	m.log("nodeman", 0, "agent failed 1")
	res := run1(t, m, -time.Hour, time.Hour)
	if len(res.Incidents) != 1 || res.Errors["agent"] == nil || !strings.Contains(res.Partial(), "agent: refused") {
		t.Errorf("incidents %d, errors %v, partial %q", len(res.Incidents), res.Errors, res.Partial())
	}
	m.fail["nodeman"] = errors.New("refused")
	if _, err := scanner(t, m).Scan(t.Context(), Request{Start: t0, End: t0.Add(time.Hour)}); err == nil || err.Error() != "refused" {
		t.Errorf("every source failed, error %v", err)
	}
}

// A collector that died keeps an incident open, and it must not look over because Loki failed to tell of the silence.
func TestAnEndThatOnlyTheClockTellsIsMarked(t *testing.T) {
	dead := logs.NewLiveness([]logs.Window{{Start: t0.Add(-time.Hour), End: t0.Add(time.Minute)}})
	m := &fakeStore{live: map[string]logs.Liveness{"nodeman": dead}, blind: map[string]error{"agent": errors.New("refused")}}
	m.log("nodeman", 0, "agent failed 1")
	res := run1(t, m, -time.Hour, 3*time.Hour)
	if len(res.Incidents) != 1 || res.Incidents[0].State != incident.Active || len(res.Blind) > 0 {
		t.Fatalf("%+v, blind %v", res.Incidents, res.Blind)
	}
	m.live, m.blind["nodeman"] = nil, errors.New("refused")
	res = run1(t, m, -time.Hour, 3*time.Hour)
	if res.Incidents[0].State != incident.Resolved || res.Blind["nodeman"] == nil || !res.Failed() || !strings.Contains(res.Partial(), "nodeman: refused") {
		t.Errorf("%+v, blind %v, partial %q", res.Incidents, res.Blind, res.Partial())
	}
}

func TestACapIsSaid(t *testing.T) {
	m := &fakeStore{cap: map[string]bool{"nodeman": true}}
	m.log("nodeman", 0, "agent failed 1")
	if got := run1(t, m, -time.Hour, time.Hour).Partial(); !strings.Contains(got, "nodeman: stopped at 1 line") {
		t.Errorf("partial %q", got)
	}
}

func TestOverlappingSelectorsCountALineOnce(t *testing.T) {
	m := &fakeStore{}
	m.log("nodeman", 0, "agent failed 1")
	s := scanner(t, m)
	s.o.Selectors = append(s.o.Selectors, Selector{Source: "nodeman", Selector: "nodeman", OnHost: true})
	res, err := s.Scan(t.Context(), Request{Start: t0.Add(-time.Hour), End: t0.Add(time.Hour)})
	if err != nil || res.Incidents[0].Count != 1 || len(res.Lines) != 1 {
		t.Errorf("count %d, matches %d, err %v", res.Incidents[0].Count, len(res.Lines), err)
	}
}

func TestAStoreIsToldWhichLinesAreWorthReading(t *testing.T) {
	m := &fakeStore{}
	run1(t, m, 0, time.Hour)
	for _, req := range m.reads {
		wanted, other := "agent failed 42", "name not resolved"
		if req.Selector == "agent" {
			wanted, other = other, wanted
		}
		block := "all is well\n" + other + "\nnothing here"
		if at := req.Sieve.Next(block, 0); at >= 0 {
			t.Errorf("%s: %q is worth reading", req.Selector, block[at:])
		}
		if at := req.Sieve.Next(block+"\n"+wanted, 0); at <= len(block) {
			t.Errorf("%s: %q is left out", req.Selector, wanted)
		}
	}
	if len(m.reads) == 0 {
		t.Error("nothing was read")
	}
}

func TestCancelledScanReturnsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := scanner(t, &fakeStore{}).Scan(ctx, Request{Start: t0, End: t0.Add(time.Hour)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// refusing refuses one source, and keeps the other waiting until nobody waits any more.
type refusing struct {
	serial
	slow string
}

func (f *refusing) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	if req.Selector == f.slow {
		<-ctx.Done()
	}
	return f.serial.Read(ctx, req)
}

func (f *refusing) Live(ctx context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	if req.Selector == f.slow {
		<-ctx.Done()
	}
	return logs.Shipping{}, ctx.Err()
}

func TestTimeThatRanOutWhereASourceFailedSaysTheFailure(t *testing.T) {
	refused := errors.New("refused")
	m := &fakeStore{fail: map[string]error{"agent": refused}}
	store := &refusing{serial{Source: m}, "nodeman"}
	o := scanner(t, m).o
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := New(store, o).Scan(ctx, Request{Start: t0, End: t0.Add(time.Hour)}); !errors.Is(err, refused) {
		t.Error(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := New(store, o).Scan(ctx, Request{Start: t0, End: t0.Add(time.Hour)}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
