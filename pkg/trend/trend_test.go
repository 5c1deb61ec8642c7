package trend

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

var start = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

const signatures = `
apiVersion: bkincidents/v1
id: %ID
revision: 1
status: active
severity: high
class: environment
title: {zh: 标题, en: Title}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'the %ID failed for good'}
detect: {term: failed}
key: [cluster]
`

func set(t *testing.T, ids ...string) *signature.Set {
	t.Helper()
	var sigs []*signature.Signature
	for _, id := range ids {
		parsed, err := signature.Parse(id, []byte(strings.ReplaceAll(signatures, "%ID", id)))
		if err != nil {
			t.Fatal(err)
		}
		sigs = append(sigs, parsed...)
	}
	s, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// one is an incident that began after some time and lasted for some.
func one(s *signature.Set, id string, after, lasted time.Duration, change func(*incident.Incident)) incident.Incident {
	sig, _ := s.Get(id)
	at := start.Add(after)
	inc := incident.Incident{
		Signature: sig, State: incident.Resolved, Reason: incident.Recovered, Verdict: incident.Confirmed, StartKnown: true,
		Start: at, Last: at.Add(lasted / 2), End: at.Add(lasted), Count: 3,
	}
	if change != nil {
		change(&inc)
	}
	return inc
}

func input(s *signature.Set, incidents ...incident.Incident) Input {
	return Input{
		Start: start, End: start.Add(14 * 24 * time.Hour), Incidents: incidents, Set: s, Lang: signature.EN,
		Weeks:     []Week{{Start: start, End: start.Add(7 * 24 * time.Hour)}, {Start: start.Add(7 * 24 * time.Hour), End: start.Add(14 * 24 * time.Hour)}},
		Reachable: func(sig *signature.Signature) bool { return sig.ID != "blind" },
		Custom:    func(sig *signature.Signature) bool { return sig.ID == "mine" },
	}
}

func TestTimeToRecoverIsThatOfTheCause(t *testing.T) {
	s := set(t, "disk", "backup")
	got := New(input(s,
		one(s, "disk", time.Hour, 10*time.Minute, nil),
		one(s, "backup", time.Hour, 30*time.Minute, func(i *incident.Incident) { i.Cause = &incident.Link{Signature: "disk"} }),
		one(s, "backup", 2*time.Hour, 20*time.Minute, func(i *incident.Incident) { i.Reason = incident.Quiet }),
		one(s, "backup", 8*24*time.Hour, time.Hour, func(i *incident.Incident) { i.State, i.Reason, i.End = incident.Active, "", time.Time{} }),
		one(s, "backup", 0, time.Hour, func(i *incident.Incident) { i.StartKnown = false }),
	))
	want := map[string]Cause{
		"disk": {"disk", "Title", 2, 2, 1200, 1800},
		// Without a recovery it ended with its last line; what is active or began before is not measured.
		"backup": {"backup", "Title", 3, 1, 600, 600},
	}
	if len(got.Causes) != 2 || got.Causes[0] != want["disk"] || got.Causes[1] != want["backup"] {
		t.Errorf("causes %+v, want %+v, the costliest first", got.Causes, want)
	}
	if got.Incidents != 5 || got.Active != 1 || got.Weeks[0].Incidents != 4 || got.Weeks[1].Incidents != 1 {
		t.Errorf("%d incidents, %d active, weeks %+v", got.Incidents, got.Active, got.Weeks)
	}
	if got.Signatures[0].Signature != "backup" || got.Signatures[0].Incidents != 4 || got.Signatures[0].Lines != 12 || got.Classes[0] != (Class{"environment", 5}) {
		t.Errorf("signatures %+v, classes %+v", got.Signatures, got.Classes)
	}
}

func TestNoiseIsWhatComesAndGoesByItself(t *testing.T) {
	s := set(t, "mine", "flapping", "real", "rare")
	var all []incident.Incident
	passing := func(i *incident.Incident) { i.Reason, i.Verdict = incident.Quiet, incident.Suspected }
	for n := range 10 {
		after := time.Duration(n) * time.Hour
		all = append(all, one(s, "mine", after, time.Minute, passing), one(s, "flapping", after, time.Minute, passing), one(s, "real", after, time.Minute, nil))
		if n < 9 {
			all = append(all, one(s, "rare", after, time.Minute, passing))
		}
	}
	got := New(input(s, all...)).Noisy
	if len(got) != 2 || got[0].Signature != "flapping" || got[1].Signature != "mine" || got[0].Share != 1 {
		t.Fatalf("noisy %+v, want flapping and mine", got)
	}
	// A built-in signature cannot be changed by its user.
	if !strings.Contains(got[0].Proposal, "notification policies") || !strings.Contains(got[1].Proposal, "shadow") {
		t.Errorf("proposals %q, %q", got[0].Proposal, got[1].Proposal)
	}
}

func TestWhatWasNeverSeenAndWhatCannotBe(t *testing.T) {
	s := set(t, "seen", "quiet", "blind")
	got := New(input(s, one(s, "seen", 0, time.Minute, nil)))
	if len(got.Never) != 2 || got.Never[0] != (Unseen{"blind", "Title", false}) || got.Never[1] != (Unseen{"quiet", "Title", true}) {
		t.Errorf("%+v", got.Never)
	}
	for lang, shows := range map[signature.Lang][]string{
		signature.EN: {"Never seen (1 signatures): quiet", "No log that is read can show these (1 signatures): blind"},
		signature.ZH: {"从未出现（1 个特征）：quiet", "不可能出现（1 个特征，未采集相应的日志）：blind"},
	} {
		got.lang = lang
		var b bytes.Buffer
		if err := got.Write(&b); err != nil {
			t.Fatal(err)
		}
		for _, text := range shows {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s: no %q in\n%s", lang, text, b.String())
			}
		}
	}
}
