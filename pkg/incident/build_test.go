package incident

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// testSignatures are small ones of each kind: a symptom per host, its cause per cluster, a burst.
const testSignatures = `
apiVersion: bkincidents/v1
id: symptom
revision: 1
status: active
severity: high
class: operation
family: fam
title: {zh: '主机 {{host}}', en: 'host {{host}}'}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'agent failed %{int:pid}'}
  fine: {source: nodeman, levels: [info, error], text: agent is fine}
detect: {term: failed}
key: [cluster, host]
cause: [{signature: cause, within: 30m, join: [cluster]}]
resolve: {on: [{term: fine, join: [cluster, host]}], quiet: 30m}
remediation:
  - {id: look, risk: read-only, text: {zh: '看 {{pid}}', en: 'see {{pid}}'}, command: 'kill -0 {{pid}} && ping {{host}}'}
---
apiVersion: bkincidents/v1
id: cause
revision: 1
status: active
severity: medium
class: operation
family: fam
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  broken: {source: agent, text: name not resolved}
  works: {source: agent, text: name is resolved again}
detect: {term: broken}
key: [cluster]
resolve: {on: [{term: works, join: [cluster]}], quiet: 1h}
---
apiVersion: bkincidents/v1
id: burst
revision: 1
status: active
severity: low
class: unknown
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  refused: {source: nodeman, text: 'login refused %{name:user}'}
detect: {term: refused, at_least: 3, within: 1m}
key: [cluster]
resolve: {quiet: 20m}
`

var t0 = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// world feeds raw lines through the real matcher.
type world struct {
	t       *testing.T
	set     *signature.Set
	matcher *match.Matcher
	found   []match.Line
}

func newWorld(t *testing.T) *world {
	t.Helper()
	sigs, err := signature.Parse("test.yaml", []byte(testSignatures))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, set: set, matcher: match.New(set)}
}

func (w *world) log(at time.Duration, source signature.Source, labels model.LabelSet, onHost bool, line string) *world {
	w.t.Helper()
	if line[0] >= 'a' && line[0] <= 'z' {
		line = "[2026-11-01 10:00:00 ERROR] " + line
	}
	hits := w.matcher.Line(source, line)
	if len(hits) == 0 {
		w.t.Fatalf("no hit in %q", line)
	}
	stream := &logs.Stream{Key: labels.String(), Labels: labels}
	f := &match.Finding{}
	for _, hit := range hits {
		f.Kinds = append(f.Kinds, &match.Kind{Hit: hit, Stream: stream, OnHost: onHost})
	}
	w.found = append(w.found, match.Line{Entry: &match.Entry{Time: t0.Add(at), Seq: len(w.found), Line: match.PlainText(line)}, Finding: f})
	return w
}

func (w *world) build(now time.Duration, live map[signature.Source]logs.Liveness) []Incident {
	return Build(Input{
		Set: w.set, Settings: Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Lines: slices.Values(w.found), Live: live, Now: t0.Add(now),
	})
}

func host(name string) model.LabelSet {
	return model.LabelSet{"cluster": "c1", "host": model.LabelValue(name)}
}

func one(t *testing.T, incidents []Incident, id string) Incident {
	t.Helper()
	var out []Incident
	for _, inc := range incidents {
		if inc.Signature.ID == id {
			out = append(out, inc)
		}
	}
	if len(out) != 1 {
		t.Fatalf("%d incidents of %s, want 1: %+v", len(out), id, out)
	}
	return out[0]
}

func TestGapsWithinQuietTimeAreOneEpisode(t *testing.T) {
	w := newWorld(t)
	for _, at := range []time.Duration{0, 29 * time.Minute, 58 * time.Minute, 100 * time.Minute} {
		w.log(at, "nodeman", host("h1"), true, "agent failed 1")
	}
	got := w.build(101*time.Minute, nil)
	if len(got) != 2 || got[0].Count != 1 || got[1].Count != 3 {
		t.Fatalf("got %d incidents: %+v", len(got), got)
	}
	if got[0].State != Active || got[1].State != Resolved || got[1].Reason != Quiet || !got[1].End.Equal(t0.Add(88*time.Minute)) {
		t.Errorf("states %s %s %s %s", got[0].State, got[1].State, got[1].Reason, got[1].End)
	}
	if got[0].Fingerprint != got[1].Fingerprint || got[0].ID == got[1].ID {
		t.Errorf("fingerprints %s %s, ids %s %s", got[0].Fingerprint, got[1].Fingerprint, got[0].ID, got[1].ID)
	}
}

func TestQuietTimeStandsStillWhileTheSourceIsSilent(t *testing.T) {
	w := newWorld(t).log(0, "nodeman", host("h1"), true, "agent failed 1")
	live := func(minutes ...int) map[signature.Source]logs.Liveness {
		var windows []logs.Window
		for i := 0; i < len(minutes); i += 2 {
			windows = append(windows, logs.Window{Start: t0.Add(time.Duration(minutes[i]) * time.Minute), End: t0.Add(time.Duration(minutes[i+1]) * time.Minute)})
		}
		return map[signature.Source]logs.Liveness{"nodeman": logs.NewLiveness(windows)}
	}
	if inc := one(t, w.build(5*time.Hour, live(-10, 10)), "symptom"); inc.State != Active {
		t.Errorf("an outage of the collector resolved the incident: %+v", inc.Why)
	}
	inc := one(t, w.build(5*time.Hour, live(-10, 10, 200, 280)), "symptom")
	if inc.State != Resolved || !inc.End.Equal(t0.Add(220*time.Minute)) {
		t.Errorf("state %s, end %s", inc.State, inc.End)
	}
}

func TestRecoveryResolvesItsHostAndALaterFailureReopens(t *testing.T) {
	w := newWorld(t).
		log(0, "nodeman", host("h1"), true, "agent failed 1").
		log(5*time.Minute, "nodeman", host("h2"), true, "agent is fine").
		log(6*time.Minute, "nodeman", host("h1"), true, "agent is fine")
	inc := one(t, w.build(10*time.Minute, nil), "symptom")
	if inc.State != Resolved || inc.Reason != Recovered || !inc.End.Equal(t0.Add(6*time.Minute)) {
		t.Errorf("state %s, reason %s, end %s", inc.State, inc.Reason, inc.End)
	}
	w.log(9*time.Minute, "nodeman", host("h1"), true, "agent failed 2")
	again := one(t, w.build(10*time.Minute, nil), "symptom")
	if again.State != Active || again.ID != inc.ID || again.Count != 2 {
		t.Errorf("state %s, id %s was %s, count %d", again.State, again.ID, inc.ID, again.Count)
	}
}

func TestCarriersOfOneFailureAreOneIncident(t *testing.T) {
	pod := model.LabelSet{"cluster": "c1", "pod": "bk-nodeman-backend-bworker-1", "host": "k8s-node-7"}
	api := model.LabelSet{"cluster": "c1", "pod": "bk-nodeman-backend-api-1", "host": "k8s-node-7"}
	w := newWorld(t).
		log(0, "nodeman", api, false, `[report_log]: b'{"task_id": "t9", "logs": [{"level": "ERROR", "step": "x", "log": "agent failed 7", "status": "FAILED"}]}'`).
		log(time.Second, "nodeman", pod, false, `{"levelname": "WARNING", "message": "[a:b] install failed: sub_inst_id -> 42, ip -> 10.0.0.5, labels -> {'step': 'x'}, log -> [script] [x] agent failed 7"}`).
		log(2*time.Second, "nodeman", pod, false, `{"levelname": "ERROR", "message": "[a:b] sub_inst_id -> 42, exc -> agent failed 7"}`).
		log(3*time.Second, "nodeman", model.LabelSet{"cluster": "c1", "host": "10.0.0.5", "filename": "/tmp/nm.setup_agent.sh.t9"}, true, `2024-10-22 17:01:02 ERROR x FAILED agent failed 7`)
	incidents := w.build(time.Minute, nil)
	for i := range incidents {
		t.Logf("%s %v count %d", incidents[i].ID, incidents[i].Key, incidents[i].Count)
	}
	var known Incident
	for _, inc := range incidents {
		if inc.Key[1] == "10.0.0.5" {
			known = inc
		}
		if inc.Key[1] == "k8s-node-7" {
			t.Error("a pod's node was taken for the failing host")
		}
	}
	if known.Count != 4 || len(incidents) != 1 {
		t.Errorf("%d incidents, count %d: want one of 4 lines", len(incidents), known.Count)
	}
}

// The API pod knows the task, the worker the host; no id stands in both.
func TestPodsThatShareNoIDTellOfOneFailure(t *testing.T) {
	api := model.LabelSet{"cluster": "c1", "pod": "bk-nodeman-backend-api-1"}
	worker := model.LabelSet{"cluster": "c1", "pod": "bk-nodeman-backend-bworker-1"}
	report := func(task, user string) string {
		return `[report_log]: b'{"task_id": "` + task + `", "logs": [{"level": "ERROR", "step": "x", "log": "agent failed ` + user + `", "status": "FAILED"}]}'`
	}
	failed := func(ip, user string) string {
		return `{"levelname": "WARNING", "message": "[a:b] install failed: sub_inst_id -> 4` + user + `, ip -> ` + ip + `, labels -> {'step': 'x'}, log -> [script] [x] agent failed ` + user + `"}`
	}
	for _, c := range []struct {
		name string
		w    *world
		want map[string]int
	}{
		{"one host", newWorld(t).log(0, "nodeman", api, false, report("t1", "7")).log(3*time.Second, "nodeman", worker, false, failed("10.0.0.5", "7")), map[string]int{"10.0.0.5": 2}},
		{"two hosts that fail otherwise", newWorld(t).log(0, "nodeman", api, false, report("t1", "7")).log(time.Second, "nodeman", api, false, report("t2", "8")).
			log(3*time.Second, "nodeman", worker, false, failed("10.0.0.6", "8")).log(4*time.Second, "nodeman", worker, false, failed("10.0.0.5", "7")), map[string]int{"10.0.0.5": 2, "10.0.0.6": 2}},
		{"another host fails alike at once", newWorld(t).log(time.Second, "nodeman", api, false, report("t1", "7")).log(0, "nodeman", api, false, report("t2", "7")).
			log(3*time.Second, "nodeman", worker, false, failed("10.0.0.5", "7")), map[string]int{"10.0.0.5": 2, "unknown (task_id t2)": 1}},
		{"much later", newWorld(t).log(0, "nodeman", api, false, report("t1", "7")).log(time.Hour, "nodeman", worker, false, failed("10.0.0.5", "7")), map[string]int{"10.0.0.5": 1, "unknown (task_id t1)": 1}},
	} {
		got := map[string]int{}
		for _, inc := range c.w.build(2*time.Hour, nil) {
			got[inc.Key[1]] += inc.Count
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatMayBeAQuotationIsSuspectedAtMost(t *testing.T) {
	w := newWorld(t).log(0, "agent", host("h9"), true, " name not resolved")
	if inc := one(t, w.build(time.Minute, nil), "cause"); inc.Verdict != Suspected || inc.Why[1].Rule != RuleUnclear {
		t.Errorf("verdict %s, %+v", inc.Verdict, inc.Why)
	}
	w.log(time.Second, "agent", host("h9"), true, "name not resolved")
	if inc := one(t, w.build(time.Minute, nil), "cause"); inc.Verdict != Confirmed {
		t.Errorf("a line of it is stated, but it is %s", inc.Verdict)
	}
}

func TestAHostThatStaysUnknownIsNamedByWhatIsKnown(t *testing.T) {
	w := newWorld(t).log(0, "nodeman", model.LabelSet{"pod": "p"}, false, `{"levelname": "ERROR", "message": "[a:b] sub_inst_id -> 42, exc -> agent failed 7"}`)
	if inc := one(t, w.build(time.Minute, nil), "symptom"); inc.Key[1] != "unknown (sub_inst_id 42)" || inc.Key[0] != "" {
		t.Errorf("key %q", inc.Key)
	}
}

func TestCauseConfirmsItsSymptomInTheSameClusterOnly(t *testing.T) {
	w := newWorld(t).
		log(0, "nodeman", host("h1"), true, "agent failed 1").
		log(20*time.Minute, "agent", model.LabelSet{"cluster": "c1", "host": "h9"}, true, "name not resolved").
		log(0, "nodeman", model.LabelSet{"cluster": "c2", "host": "h2"}, true, "agent failed 1")
	incidents := w.build(25*time.Minute, nil)
	cause := one(t, incidents, "cause")
	for _, inc := range incidents {
		switch inc.Cluster + inc.Signature.ID {
		case "c1symptom":
			if inc.Verdict != Confirmed || inc.Cause == nil || inc.Cause.ID != cause.ID {
				t.Errorf("c1: %s %+v", inc.Verdict, inc.Cause)
			}
		case "c2symptom":
			if inc.Verdict != Suspected || inc.Cause != nil {
				t.Errorf("c2: %s %+v", inc.Verdict, inc.Cause)
			}
		}
	}
	if len(cause.Symptoms) != 1 || cause.Verdict != Confirmed {
		t.Errorf("cause %s %+v", cause.Verdict, cause.Symptoms)
	}
}

func TestACauseThatHealedBeforeTheSymptomExplainsNothing(t *testing.T) {
	w := newWorld(t).
		log(0, "agent", host("h9"), true, "name not resolved").
		log(time.Minute, "agent", host("h9"), true, "name is resolved again").
		log(20*time.Minute, "nodeman", host("h1"), true, "agent failed 1")
	incidents := w.build(25*time.Minute, nil)
	if inc := one(t, incidents, "symptom"); inc.Verdict != Suspected {
		t.Errorf("verdict %s", inc.Verdict)
	}
	if cause := one(t, incidents, "cause"); cause.State != Resolved || cause.Reason != Recovered {
		t.Errorf("cause %s %s", cause.State, cause.Reason)
	}
}

func TestABurstNeedsItsNumberWithinItsWindow(t *testing.T) {
	w := newWorld(t)
	for _, at := range []int{0, 50, 100, 300, 310, 330, 900} {
		w.log(time.Duration(at)*time.Second, "nodeman", host("h"), false, "login refused bob")
	}
	if inc := one(t, w.build(15*time.Minute, nil), "burst"); inc.Count != 3 || !inc.Start.Equal(t0.Add(300*time.Second)) {
		t.Errorf("count %d, start %s", inc.Count, inc.Start)
	}
}

func TestAlertRowsOutliveTheIncidentByFifteenMinutes(t *testing.T) {
	w := newWorld(t).log(0, "nodeman", host("h1"), true, "agent failed 1")
	for _, c := range []struct {
		now  time.Duration
		want []float64
	}{{time.Minute, []float64{1}}, {31 * time.Minute, []float64{0}}, {44 * time.Minute, []float64{0}}, {46 * time.Minute, nil}} {
		var got []float64
		for _, row := range AlertRows(w.build(c.now, nil), t0.Add(c.now)) {
			got = append(got, row.Value)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("at %s: %v, want %v", c.now, got, c.want)
		}
	}
}

func TestIncidentsDoNotDependOnTheOrderOfArrival(t *testing.T) {
	w := newWorld(t)
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 200 {
		at := time.Duration(rng.IntN(7200)) * time.Second
		switch i % 4 {
		case 0:
			w.log(at, "nodeman", host([]string{"h1", "h2", "h3"}[rng.IntN(3)]), true, "agent failed 1")
		case 1:
			w.log(at, "nodeman", host("h1"), true, "agent is fine")
		case 2:
			w.log(at, "agent", host("h1"), true, "name not resolved")
		case 3:
			w.log(at, "nodeman", host("p"), false, `{"levelname": "ERROR", "message": "[a:b] sub_inst_id -> 42, exc -> agent failed 7"}`)
		}
	}
	want := w.build(2*time.Hour, nil)
	for range 20 {
		rng.Shuffle(len(w.found), func(i, j int) { w.found[i], w.found[j] = w.found[j], w.found[i] })
		if got := w.build(2*time.Hour, nil); !reflect.DeepEqual(got, want) {
			t.Fatal("another order of arrival gives other incidents")
		}
	}
}

func TestCommandsHoldOnlyValidQuotedValues(t *testing.T) {
	w := newWorld(t).log(0, "nodeman", host("h1"), true, "agent failed 1")
	inc := one(t, w.build(time.Minute, nil), "symptom")
	if got := inc.Steps(Rendering{Lang: signature.EN})[0]; got.Command != "kill -0 1 && ping h1" || len(got.Missing) != 0 {
		t.Errorf("command %q, missing %q", got.Command, got.Missing)
	}
	for _, hostile := range []string{"h1; rm -rf /", "$(id)", "`id`", "a\nb", "'", `"`, "-rf", "{{pid}}", "a b"} {
		inc.Hosts[0].Name = hostile
		got := inc.Steps(Rendering{Lang: signature.EN})[0]
		if got.Command != "kill -0 1 && ping '<host>'" || len(got.Missing) != 1 {
			t.Errorf("%q: command %q, missing %q", hostile, got.Command, got.Missing)
		}
	}
}

// Whoever asked is gone: the making of incidents ends within some thousand lines, not with the last of them.
func TestBuildingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line := match.Line{Entry: &match.Entry{Time: t0}, Finding: &match.Finding{}}
	yielded := 0
	set, err := signature.NewSet()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = BuildWithLines(ctx, Input{Set: set, Now: t0, Lines: func(yield func(match.Line) bool) {
		for yielded < 1_000_000 {
			if yielded++; yielded == 10 {
				cancel()
			}
			if !yield(line) {
				return
			}
		}
	}})
	if !errors.Is(err, context.Canceled) || yielded > 10_000 {
		t.Errorf("%d lines after the context ended, error %v", yielded-10, err)
	}
}
