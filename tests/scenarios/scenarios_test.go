package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// refreshEvery is how often the remembering scanner is asked between two questions. It is no divisor of anything.
const refreshEvery = 7*time.Minute + 13*time.Second

func TestStories(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.tell(t)
		})
	}
}

func (s *story) tell(t *testing.T) {
	direct := s.answers(t, nil, 0)
	if t.Failed() {
		return
	}
	for i := range s.Ask {
		q := &s.Ask[i]
		t.Run(q.Name, func(t *testing.T) {
			s.check(t, q, direct[i])
			s.checkAlerts(t, q)
		})
	}
	same := func(how string, got []*scan.Result) {
		for i := range got {
			if d := differ(dump(direct[i]), dump(got[i])); d != "" {
				t.Errorf("%s: %s:\n%s", s.Ask[i].Name, how, d)
				return
			}
		}
	}
	same("a refresh with memory gives another answer", s.answers(t, nil, 64<<20))
	if s.heavy() {
		return
	}
	same("a refresh with a memory that is too small gives another answer", s.answers(t, nil, 700))
	for seed := range uint64(4) {
		same("another order of streams and pages gives another answer", s.answers(t, rand.New(rand.NewPCG(seed, 1)), 0))
	}
	same("another order with memory gives another answer", s.answers(t, rand.New(rand.NewPCG(9, 9)), 64<<20))
}

// heavy tells that lines are so long that reading them again and again takes minutes.
func (s *story) heavy() bool {
	return slices.ContainsFunc(s.Lines, func(l line) bool { return l.Fill > 0 })
}

// answers asks all questions of a story. With memory the same scanner is refreshed all the time up to each.
func (s *story) answers(t *testing.T, rng *rand.Rand, memory int64) []*scan.Result {
	t.Helper()
	st := s.store(t, rng)
	scanner := newScanner(t, st, memory)
	clock, every := s.Ask[0].clock().Add(-time.Hour), refreshEvery
	for _, e := range st.entries {
		if e.at.Before(clock) {
			clock = e.at
		}
	}
	if s.heavy() || s.Ask[len(s.Ask)-1].clock().Sub(clock) > 24*time.Hour {
		every *= 4
	}
	var out []*scan.Result
	for i := range s.Ask {
		q := &s.Ask[i]
		for ; memory > 0 && clock.Before(q.clock()); clock = clock.Add(every) {
			st.set(clock)
			ask(t, scanner, clock.Add(-6*time.Hour), clock)
		}
		st.set(q.clock())
		out = append(out, ask(t, scanner, q.Range[0].time(), q.Range[1].time()))
	}
	return out
}

func (s *story) store(t *testing.T, rng *rand.Rand) *store {
	return &store{entries: s.entries(t), rng: rng, live: func(source signature.Source, start, end time.Time) logs.Liveness {
		return s.liveness(source, start, end)
	}}
}

// check compares an answer with what the story expects, and with what holds for every answer.
func (s *story) check(t *testing.T, q *question, res *scan.Result) {
	t.Helper()
	got := map[string]*incident.Incident{}
	var order []string
	for i := range res.Incidents {
		inc := &res.Incidents[i]
		commandsHold(t, inc)
		s.invariants(t, inc, res)
		if slices.Contains(s.Ignore, inc.Signature.ID) {
			continue
		}
		name := nameOf(inc.Signature.ID, inc.Key, inc.Start)
		got[name] = inc
		order = append(order, name)
	}
	for _, want := range q.expand() {
		name := nameOf(want.Signature, want.Key, want.Start.time())
		inc := got[name]
		if inc == nil {
			t.Errorf("no incident %s; there are\n  %s", name, strings.Join(order, "\n  "))
			continue
		}
		delete(got, name)
		for _, d := range want.differences(inc, q) {
			t.Errorf("%s: %s", name, d)
		}
	}
	for name, inc := range got {
		t.Errorf("not expected: %s\n%s", name, dumpIncident(inc))
	}
	if text := dump(res); true {
		for _, secret := range s.Secrets {
			if strings.Contains(text, secret) {
				t.Errorf("the secret %q is in the answer:\n%s", secret, around(text, secret))
			}
		}
	}
}

func around(text, part string) string {
	at := strings.Index(text, part)
	return text[max(0, at-200):min(len(text), at+200)]
}

func nameOf(sig string, key []string, start time.Time) string {
	text := fmt.Sprintf("%s %q from %s", sig, key, since(start))
	return text[:min(len(text), 400)]
}

// invariants hold for every incident of every story.
func (s *story) invariants(t *testing.T, inc *incident.Incident, res *scan.Result) {
	t.Helper()
	bad := func(format string, args ...any) {
		t.Errorf("%s %s: %s", inc.Signature.ID, inc.ID, fmt.Sprintf(format, args...))
	}
	id := fmt.Sprintf("%s-%d", inc.Fingerprint, inc.Start.UnixMilli())
	if !inc.StartKnown {
		id = inc.Fingerprint + "~"
	}
	if inc.ID != id {
		bad("the id is not %s", id)
	}
	if inc.Last.Before(inc.Start) || inc.Last.After(res.Now) || inc.State == incident.Resolved && inc.End.Before(inc.Last) || inc.End.After(res.Now) {
		bad("start %s, last %s, end %s at %s are out of order", since(inc.Start), since(inc.Last), since(inc.End), since(res.Now))
	}
	if (inc.State == incident.Active) != (inc.Reason == "") || (inc.State == incident.Active) != inc.End.IsZero() {
		bad("state %s with reason %q and end %s", inc.State, inc.Reason, since(inc.End))
	}
	if len(inc.Evidence) == 0 || len(inc.Evidence) > 2*incident.EvidenceLines {
		bad("%d lines of evidence", len(inc.Evidence))
	}
	if len(inc.Why) == 0 || inc.Why[0].Rule != "detect" || inc.State == incident.Resolved && !slices.ContainsFunc(inc.Why, func(w incident.Why) bool { return w.Rule == "resolve" || w.Rule == "quiet" }) {
		bad("does not say why: %+v", inc.Why)
	}
	if n := len(dumpIncident(inc)); n > 512<<10 {
		bad("%d bytes is not bounded", n)
	}
	for name, v := range inc.Captures {
		if len(v) > 16<<10 {
			bad("capture %s has %d bytes", name, len(v))
		}
	}
	for i := range res.Incidents {
		other := &res.Incidents[i]
		if inc.Cause != nil && other.ID == inc.Cause.ID && !slices.ContainsFunc(other.Symptoms, func(l incident.Link) bool { return l.ID == inc.ID }) {
			bad("its cause %s does not name it as a symptom", other.ID)
		}
	}
	if (inc.Cause != nil) != slices.ContainsFunc(inc.Why, func(w incident.Why) bool { return w.Rule == "cause" }) {
		bad("cause %v does not go with %+v", inc.Cause, inc.Why)
	}
}

// differences says how an incident is not as expected.
func (want *expected) differences(inc *incident.Incident, q *question) []string {
	var out []string
	differ := func(what string, want, got any) {
		if fmt.Sprint(want) != fmt.Sprint(got) {
			out = append(out, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	if want.HostCount > 0 {
		differ("number of hosts", want.HostCount, len(inc.Hosts))
	} else {
		differ("hosts", fmt.Sprintf("%q", want.Hosts), fmt.Sprintf("%q", inc.HostNames()))
	}
	differ("verdict", want.Verdict, inc.Verdict)
	differ("state", want.State, inc.State)
	differ("reason", want.Reason, inc.Reason)
	differ("last", since(want.Last.time()), since(inc.Last))
	end := time.Time{}
	if want.End != nil {
		end = want.End.time()
	}
	differ("end", since(end), since(inc.End))
	differ("count", want.Count, inc.Count)
	cause := ""
	if inc.Cause != nil {
		cause = inc.Cause.Signature
	}
	differ("cause", want.Cause, cause)
	if want.Symptoms != nil {
		differ("number of symptoms", *want.Symptoms, len(inc.Symptoms))
	}
	differ("start known", want.StartKnown == nil || *want.StartKnown, inc.StartKnown)
	for name, v := range want.Captures {
		differ("capture "+name, fmt.Sprintf("%q", v), fmt.Sprintf("%q", inc.Captures[name]))
	}
	if want.Title != "" {
		differ("title", want.Title, inc.Title(signature.EN))
	}
	if want.Likely != "" {
		first := incident.Hypothesis{Definition: &signature.Hypothesis{}}
		if len(inc.Hypotheses) > 0 {
			first = inc.Hypotheses[0]
		}
		differ("most likely cause", want.Likely, first.Definition.ID)
		for _, name := range want.Unchecked {
			if !slices.Contains(first.Unchecked, name) {
				out = append(out, fmt.Sprintf("%s does not say that %s was not looked for, only %v", first.Definition.ID, name, first.Unchecked))
			}
		}
	}
	version := q.Version
	if version == "" {
		version = "7.2"
	}
	steps := inc.Steps(incident.Rendering{Lang: signature.EN, Version: version})
	var ids []string
	for _, step := range steps {
		ids = append(ids, step.ID)
	}
	if len(ids) != want.Steps || len(ids) > 0 && ids[0] != want.First {
		out = append(out, fmt.Sprintf("steps are %v, want %d and %s first", ids, want.Steps, want.First))
	}
	for i, step := range steps {
		if step.Risk == signature.Destructive && i < len(steps)-1 {
			out = append(out, fmt.Sprintf("the destructive step %s is not the last of %v", step.ID, ids))
		}
		// A proven cause is cured; nothing else is changed before somebody has looked.
		if step.Risk != signature.ReadOnly && i == 0 && inc.Proven() == "" {
			out = append(out, fmt.Sprintf("the first step %s changes something", step.ID))
		}
	}
	for _, id := range want.NoSteps {
		if slices.Contains(ids, id) {
			out = append(out, fmt.Sprintf("step %s does not belong here", id))
		}
	}
	for id, command := range want.Commands {
		n := slices.Index(ids, id)
		if n < 0 {
			out = append(out, fmt.Sprintf("no step %s among %v", id, ids))
			continue
		}
		wantWords, err1 := words(command)
		gotWords, err2 := words(steps[n].Command)
		if err1 != nil || err2 != nil || !slices.Equal(wantWords, gotWords) {
			out = append(out, fmt.Sprintf("command of %s is %q, want %q", id, steps[n].Command, command))
		}
		if strings.Contains(command, "'<") != (len(steps[n].Missing) > 0) {
			out = append(out, fmt.Sprintf("step %s says %q about what is missing", id, steps[n].Missing))
		}
	}
	return out
}

// checkAlerts asks for the alert rows as of the end of a question. They are the same whatever the relative range of
// the rule is.
func (s *story) checkAlerts(t *testing.T, q *question) {
	t.Helper()
	st := s.store(t, nil)
	st.set(q.clock())
	scanner := newScanner(t, st, 0)
	rules := q.Rules
	if rules == nil {
		// The plugin never asks for less than 16 minutes: what ended before a range is not in its answer.
		rules = []offset{offset(16 * time.Minute), offset(time.Hour), offset(24 * time.Hour)}
	}
	want := q.alerts()
	for _, rule := range rules {
		end := q.Range[1].time()
		res := ask(t, scanner, end.Add(-time.Duration(rule)), end)
		rest := map[string]float64{}
		for row, value := range want {
			rest[row] = value
		}
		seen := map[string]bool{}
		for _, row := range incident.AlertRows(res.Incidents, res.Now) {
			if seen[row.Incident.Fingerprint] {
				t.Errorf("rule over %s: two rows for %s", time.Duration(rule), row.Incident.Fingerprint)
			}
			seen[row.Incident.Fingerprint] = true
			if slices.Contains(s.Ignore, row.Incident.Signature.ID) {
				continue
			}
			name := row.Incident.Signature.ID + " " + row.Incident.Subject()
			value, ok := rest[name]
			delete(rest, name)
			if !ok || value != row.Value {
				t.Errorf("rule over %s: row %q is %v, want %v (there: %v)", time.Duration(rule), name[:min(len(name), 200)], row.Value, value, ok)
			}
		}
		for name := range rest {
			t.Errorf("rule over %s: no row %q", time.Duration(rule), name)
		}
	}
}
