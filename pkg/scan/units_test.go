package scan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// town is a store of streams with labels that tells truly what it has: lines that were logged while a stream was
// collected, and when it was.
type town struct {
	streams []*townStream
	clock   func() time.Time
	// fails is the error of every question when streams shipped lines.
	fails error

	mu    sync.Mutex
	asked int
}

type townStream struct {
	labels    model.LabelSet
	lines     []logproto.Entry
	collected []logs.Window
	// late is how long after it was logged a line arrives.
	late time.Duration
}

// until is up to when the store has what was logged.
func (s *town) until(st *townStream, end time.Time) time.Time {
	if s.clock == nil {
		return end
	}
	if arrived := s.clock().Add(-st.late); arrived.Before(end) {
		return arrived
	}
	return end
}

// stream adds one that is collected in spans of time since t0.
func (s *town) stream(labels model.LabelSet, collected ...[2]time.Duration) *townStream {
	st := &townStream{labels: labels}
	for _, c := range collected {
		st.collected = append(st.collected, logs.Window{Start: t0.Add(c[0]), End: t0.Add(c[1])})
	}
	s.streams = append(s.streams, st)
	return st
}

// fails logs a failure every minute.
func (st *townStream) fails(from, to time.Duration, line string) {
	live := logs.NewLiveness(slices.Clone(st.collected))
	for at := from; at < to; at += time.Minute {
		if live.Within(t0.Add(at), t0.Add(at+1)) > 0 {
			st.lines = append(st.lines, logproto.Entry{Timestamp: t0.Add(at), Line: line})
		}
	}
}

func (s *town) selected(sel string, matchers []logs.Matcher) []*townStream {
	parsed, err := selector.Parse(sel)
	if err == nil {
		parsed, err = parsed.And(matchers...)
	}
	if err != nil {
		panic(err)
	}
	return slices.DeleteFunc(slices.Clone(s.streams), func(st *townStream) bool { return !parsed.Matches(st.labels) })
}

func (s *town) Read(_ context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	cov := &logs.Coverage{Windows: []logs.Window{{Start: req.Start, End: req.End, State: logs.Complete}}}
	return func(yield func(logs.Record, error) bool) {
		for _, st := range s.selected(req.Selector, req.Matchers) {
			stream := &logs.Stream{Key: st.labels.String(), Labels: st.labels}
			for _, e := range st.lines {
				if !e.Timestamp.Before(req.Start) && e.Timestamp.Before(s.until(st, req.End)) && !yield(logs.Record{Stream: stream, Entry: e}, nil) {
					return
				}
			}
		}
	}, cov
}

func (s *town) Live(_ context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	if s.fails != nil {
		return logs.Shipping{}, s.fails
	}
	units := map[string][]logs.Window{}
	var all []logs.Window
	for _, st := range s.selected(req.Selector, req.Matchers) {
		if slices.ContainsFunc(req.Without, func(sel string) bool { return slices.Contains(s.selected(sel, nil), st) }) {
			continue
		}
		windows := slices.Collect(logs.Liveness{Windows: st.collected}.Clip(req.Start, s.until(st, req.End)))
		if req.Coarse {
			windows = coarse(windows, req.End)
		}
		name := string(st.labels[model.LabelName(req.By)])
		if len(windows) > 0 {
			units[name] = append(units[name], windows...)
			all = append(all, windows...)
		}
	}
	out := logs.Shipping{All: logs.NewLiveness(all)}
	if req.By != "" {
		out.Units = map[string]logs.Liveness{}
		for name, windows := range units {
			out.Units[name] = logs.NewLiveness(windows)
		}
	}
	return out, nil
}

// coarse is how a store answers in steps of four hours: a step with lines is wholly live, the last one before a silence for
// its first minute.
func coarse(windows []logs.Window, end time.Time) []logs.Window {
	const step = 4 * time.Hour
	var steps []logs.Window
	for _, w := range windows {
		for at := w.Start.Truncate(step); at.Before(w.End); at = at.Add(step) {
			steps = append(steps, logs.Window{Start: at, End: at.Add(step)})
		}
	}
	joined := logs.NewLiveness(steps).Windows
	for i := range joined {
		if joined[i].End.Before(end) {
			joined[i].End = joined[i].End.Add(time.Minute - step)
		}
	}
	return joined
}

func (s *town) Describe(req logs.Request) string { return req.Selector }

// rule is a scanner that is asked as a rule is, again and again.
type rule struct {
	*Scanner
	clock time.Time
}

func newRule(t *testing.T, s *town) *rule {
	t.Helper()
	r := &rule{}
	o := scanner(t, &fakeStore{}).o
	o.Selectors = []Selector{{Source: "nodeman", Selector: `{app="nodeman"}`}, {Source: "nodeman", Selector: `{file="setup"}`, OnHost: true}, {Source: "agent", Selector: `{file="agent-err"}`, OnHost: true}}
	o.Lateness, o.MemoryBytes, o.Clock = 10*time.Minute, 1<<20, func() time.Time { return r.clock }
	r.Scanner = New(s, o)
	s.clock = o.Clock
	return r
}

// at returns the rows as of a time, as text.
func (r *rule) at(t *testing.T, at time.Duration) (string, *Result) {
	t.Helper()
	r.clock = t0.Add(at)
	res, err := r.Scan(t.Context(), Request{Start: r.clock.Add(-16 * time.Minute), End: r.clock})
	if err != nil {
		t.Fatal(err)
	}
	if p := res.Partial(); p != "" {
		return "error: " + p, res
	}
	var rows []string
	for _, row := range incident.AlertRows(res.Incidents, res.Now) {
		rows = append(rows, fmt.Sprintf("%s/%s=%g", row.Incident.Signature.ID, row.Incident.Cluster, row.Value))
	}
	slices.Sort(rows)
	return strings.Join(rows, " "), res
}

const (
	ever  = -200 * time.Hour
	never = 500 * time.Hour
)

// What a dead collector does not ship must not end the failure that it saw, whatever else ships.
func TestQuietTimeRunsOnTheUnitsOfTheIncidentsOwnLines(t *testing.T) {
	for name, silence := range map[string]time.Duration{"5m": 5 * time.Minute, "70m": 70 * time.Minute, "150m": 150 * time.Minute, "25h": 25 * time.Hour, "3d": 72 * time.Hour} {
		for _, c := range []struct {
			name string
			row  string
			fill func(s *town, dead [2]time.Duration)
		}{
			{"one cluster of two", "symptom/a=", func(s *town, dead [2]time.Duration) {
				s.stream(model.LabelSet{"app": "nodeman", "cluster": "b"}, [2]time.Duration{ever, never})
				s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, dead[0]}, [2]time.Duration{dead[1], never}).fails(0, dead[0], "agent failed 1")
			}},
			{"the containers, while an installer's file ships", "symptom/a=", func(s *town, dead [2]time.Duration) {
				s.stream(model.LabelSet{"file": "setup", "cluster": "a", "host": "h9"}, [2]time.Duration{ever, never})
				s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, dead[0]}, [2]time.Duration{dead[1], never}).fails(0, dead[0], "agent failed 1")
			}},
			{"one host of two", "cause/a=", func(s *town, dead [2]time.Duration) {
				s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, never})
				for _, host := range []string{"h1", "h2"} {
					until := dead
					if host == "h2" {
						until = [2]time.Duration{dead[1], dead[1]}
					}
					s.stream(model.LabelSet{"job": "journal", "cluster": "a", "host": model.LabelValue(host)}, [2]time.Duration{ever, until[0]}, [2]time.Duration{until[1], never})
					st := s.stream(model.LabelSet{"file": "agent-err", "cluster": "a", "host": model.LabelValue(host)}, [2]time.Duration{ever, until[0]}, [2]time.Duration{until[1], never})
					if host == "h1" {
						st.fails(0, until[0], "name not resolved")
					}
				}
			}},
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				s := &town{}
				dead := [2]time.Duration{30 * time.Minute, 30*time.Minute + silence}
				c.fill(s, dead)
				r := newRule(t, s)
				step := max(time.Minute, silence/40)
				for at := 20 * time.Minute; at < dead[1]; at += step {
					if rows, _ := r.at(t, at); rows != c.row+"1" {
						t.Fatalf("after %s, %s of silence: rows %q, want %s1", at, at-dead[0], rows, c.row)
					}
				}
				// It ships again, and the failure is over: the truth within its quiet time.
				if rows, _ := r.at(t, dead[1]+75*time.Minute); rows != c.row+"0" && rows != "" {
					t.Errorf("75 min after the collector came back: rows %q", rows)
				}
			})
		}
	}
}

// A plugin that was restarted in the middle knows of the cluster that fell silent days ago.
func TestARestartForgetsNoClusterThatFellSilent(t *testing.T) {
	s := &town{}
	s.stream(model.LabelSet{"app": "nodeman", "cluster": "b"}, [2]time.Duration{ever, never})
	s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, time.Hour}).fails(0, time.Hour, "agent failed 1")
	for _, at := range []time.Duration{5 * time.Hour, 30 * time.Hour, 72 * time.Hour} {
		rows, res := newRule(t, s).at(t, at)
		if rows != "symptom/a=1" {
			t.Errorf("%s later: rows %q", at, rows)
		}
		if !slices.ContainsFunc(res.Units, func(u Unit) bool { // to the minute, though far back is asked for coarsely
			return u.Cluster == "a" && u.Standing && u.Live.Last().Equal(t0.Add(time.Hour))
		}) {
			t.Errorf("%s later: the unit is not named: %+v", at, res.Units)
		}
	}
}

// A unit that has been silent for longer than anything is read, while something failed on it, is unknown: an error, until
// it ships again for long enough to tell. Another cluster's signatures are not concerned.
func TestASilenceLongerThanAnythingIsReadIsUnknown(t *testing.T) {
	for _, host := range []bool{false, true} {
		s := &town{}
		dead, back := time.Hour, 12*24*time.Hour
		spans := [][2]time.Duration{{ever, dead}, {back, never}}
		s.stream(model.LabelSet{"app": "nodeman", "cluster": "b"}, [2]time.Duration{ever, never})
		row := "symptom/a=1"
		if host {
			row = "cause/b=1"
			s.stream(model.LabelSet{"job": "journal", "cluster": "b", "host": "h1"}, spans...)
			s.stream(model.LabelSet{"file": "agent-err", "cluster": "b", "host": "h1"}, spans...).fails(0, dead, "name not resolved")
		} else {
			s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, spans...).fails(0, dead, "agent failed 1")
		}
		r := newRule(t, s)
		for at := 20 * time.Minute; at < back+25*time.Minute; at += 3 * time.Hour {
			rows, res := r.at(t, at)
			if rows != row && !strings.HasPrefix(rows, "error: ") || at < pastFor && rows != row {
				t.Fatalf("host %v: after %s the rule gets %q, want %s, or an error when it is not read any more", host, at, rows, row)
			}
			if at > pastFor+6*time.Hour && (len(res.Lost) != 1 || len(res.Lost[0].Signatures) != 1 || res.Lost[0].Live.Last().Sub(t0.Add(dead)).Abs() > time.Hour) {
				t.Fatalf("host %v: after %s: lost are %+v", host, at, res.Lost)
			}
		}
		r.at(t, back+time.Minute)
		for at := back + 2*time.Minute; at < back+30*time.Minute; at += time.Minute {
			if rows, _ := r.at(t, at); !strings.HasPrefix(rows, "error: ") && rows != row {
				t.Fatalf("host %v: %s after the collector is back, no quiet time has passed and the rule gets %q", host, at-back, rows)
			}
		}
		if rows, res := r.at(t, back+3*time.Hour); rows != "" {
			t.Errorf("host %v: 3 h after the collector is back the rule gets %q (%+v)", host, rows, res.Lost)
		}
	}
}

// A collector that is later than lines may be is said, and its incident is active all the same, whatever the others do.
func TestACollectorThatIsLateIsSaid(t *testing.T) {
	for late, want := range map[time.Duration]bool{2 * time.Minute: false, 25 * time.Minute: true} {
		s := &town{}
		s.stream(model.LabelSet{"app": "nodeman", "cluster": "b"}, [2]time.Duration{ever, never})
		st := s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, never})
		st.late = late
		st.fails(0, 4*time.Hour, "agent failed 1")
		r := newRule(t, s)
		for at := -30 * time.Minute; at < 80*time.Minute; at += time.Minute {
			rows, res := r.at(t, at)
			if at > late+3*time.Minute && rows != "symptom/a=1" {
				t.Fatalf("%s late, %s into the failure: rows %q", late, at, rows)
			}
			for _, u := range res.Units {
				said := u.Late > 0
				if at > 10*time.Minute && said != (want && u.Cluster == "a") || u.Late > late {
					t.Fatalf("%s late, after %s: cluster %q is said to be %s late", late, at, u.Cluster, u.Late)
				}
			}
		}
	}
}

// Where a host ships errors only, nothing tells its silence from health: the end is by time, later, and says so.
func TestAHostThatLogsErrorsOnlyEndsByTimeOnly(t *testing.T) {
	s := &town{}
	s.stream(model.LabelSet{"app": "nodeman", "cluster": "a"}, [2]time.Duration{ever, never})
	s.stream(model.LabelSet{"file": "agent-err", "cluster": "a", "host": "h1"}, [2]time.Duration{0, time.Hour}).fails(0, time.Hour, "name not resolved")
	r := newRule(t, s)
	for at, want := range map[time.Duration]string{150 * time.Minute: "cause/a=1", 185 * time.Minute: "cause/a=0"} { // its quiet time is an hour
		rows, res := r.at(t, at)
		if rows != want {
			t.Errorf("after %s: rows %q, want %q", at, rows, want)
		}
		if !slices.ContainsFunc(res.Incidents[0].Why, func(w incident.Why) bool { return w.Rule == incident.RuleByTime }) {
			t.Errorf("after %s the incident does not say that its end is by time only: %+v", at, res.Incidents[0].Why)
		}
	}
}

// A refresh asks no more than once per selector, and once for the hosts that fail.
func TestUnitsCostFewQuestions(t *testing.T) {
	s := &town{}
	for _, cluster := range []model.LabelValue{"a", "b", "c"} {
		s.stream(model.LabelSet{"app": "nodeman", "cluster": cluster}, [2]time.Duration{ever, never})
	}
	s.stream(model.LabelSet{"job": "journal", "host": "h1"}, [2]time.Duration{ever, never})
	s.stream(model.LabelSet{"file": "agent-err", "host": "h1"}, [2]time.Duration{ever, never}).fails(0, 5*time.Hour, "name not resolved")
	r := newRule(t, s)
	r.at(t, time.Hour)
	for refresh := range 10 {
		s.asked = 0
		r.at(t, time.Hour+time.Duration(refresh+1)*time.Minute)
		if s.asked > 2 {
			t.Errorf("refresh %d asked %d times", refresh, s.asked)
		}
	}
}

var _ Source = (*town)(nil)

// Where all of a source lies on hosts, and the store fails to tell when the others shipped lines, nobody knows when it did.
func TestASourceOnHostsOnlyIsBlindWhenNothingIsKnown(t *testing.T) {
	s := &town{fails: errors.New("volumes are gone")}
	s.stream(model.LabelSet{"app": "gateway", "cluster": "a"}, [2]time.Duration{ever, never})
	s.stream(model.LabelSet{"file": "setup", "cluster": "a", "host": "h1"}, [2]time.Duration{0, time.Hour}).fails(0, time.Hour, "agent failed 1")
	set := setOf(t, testSignatures+`---
apiVersion: bkincidents/v1
id: other
revision: 1
status: active
severity: low
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  broken: {source: bk-job-gateway, text: the gateway broke}
detect: {term: broken}
key: [cluster]
resolve: {quiet: 1h}
`)
	r := newRule(t, s)
	o := r.o
	o.Prepared, o.Selectors = Prepare(set), []Selector{{Source: "nodeman", Selector: `{file="setup"}`, OnHost: true}, {Source: "bk-job-gateway", Selector: `{app="gateway"}`}}
	r.Scanner = New(s, o)
	_, res := r.at(t, 2*time.Hour)
	if res.Blind["nodeman"] == nil {
		t.Errorf("blind are %v: an end of nodeman's incidents would be told by the clock", res.Blind)
	}
}
