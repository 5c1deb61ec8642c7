package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// detecting returns a world with one signature whose detect rule is given. Its terms log "<letter> happened <user>".
func detecting(t *testing.T, rule string) *world {
	t.Helper()
	sigs, err := signature.Parse("t.yaml", []byte(`
apiVersion: bkincidents/v1
id: rule
revision: 1
status: active
severity: low
class: unknown
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  a: {source: nodeman, text: 'first happened %{name:user}'}
  b: {source: agent, text: 'second happened %{name:user}'}
  c: {source: nodeman, text: 'third happened %{name:user}'}
detect: `+rule+`
key: [cluster]
resolve: {quiet: 6h}
`))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, set: set, matcher: match.New(set)}
}

// feed logs events such as "a0 b30 c90": term and second; a user may follow behind a colon.
func (w *world) feed(events ...string) *world {
	for _, e := range events {
		var second int
		user := "bob"
		if n, _ := fmt.Sscanf(e[1:], "%d:%s", &second, &user); n == 0 {
			w.t.Fatalf("event %q", e)
		}
		source, word := signature.Nodeman, map[byte]string{'a': "first", 'b': "second", 'c': "third"}[e[0]]
		if e[0] == 'b' {
			source = signature.Agent
		}
		w.log(time.Duration(second)*time.Second, source, model.LabelSet{"cluster": "c1"}, false, word+" happened "+user)
	}
	return w
}

func TestDetectRules(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		events     []string
		count      int // lines of the incident; 0 is none
	}{
		{"sequence in order", "{sequence: [a, b, c], within: 2m}", []string{"a0", "b30", "c90"}, 3},
		{"sequence in the wrong order", "{sequence: [a, b, c], within: 2m}", []string{"a0", "c30", "b90"}, 0},
		{"sequence too slow", "{sequence: [a, b, c], within: 1m}", []string{"a0", "b30", "c90"}, 0},
		{"sequence at one instant", "{sequence: [a, b], within: 1m}", []string{"a0", "b0"}, 2},
		{"sequence begun twice", "{sequence: [a, b], within: 1m}", []string{"a0", "a10", "b20"}, 3},
		{"sequence of one term twice needs two lines", "{sequence: [a, a], within: 1m}", []string{"a0"}, 0},
		{"all in any order", "{all: [a, b, c], within: 2m}", []string{"c0", "a30", "b90"}, 3},
		{"all but one", "{all: [a, b, c], within: 2m}", []string{"c0", "a30", "a90"}, 0},
		{"all too far apart", "{all: [a, b], within: 1m}", []string{"a0", "b61"}, 0},
		{"distinct values", "{term: a, at_least: 3, distinct: user, within: 1m}", []string{"a0:x", "a1:y", "a2:z"}, 3},
		{"one value often", "{term: a, at_least: 3, distinct: user, within: 1m}", []string{"a0:x", "a1:x", "a2:x", "a3:y"}, 0},
		{"absent", "{absent: b, after: a, within: 1m}", []string{"a0"}, 1},
		{"answered", "{absent: b, after: a, within: 1m}", []string{"a0", "b60"}, 0},
		{"answered too late", "{absent: b, after: a, within: 1m}", []string{"a0", "b61"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := 0
			for _, inc := range detecting(t, c.rule).feed(c.events...).build(10*time.Minute, nil) {
				got += inc.Count
			}
			if got != c.count {
				t.Errorf("%d lines, want %d", got, c.count)
			}
		})
	}
}

func TestAbsenceIsNeverAssumed(t *testing.T) {
	rule := "{absent: b, after: a, within: 5m}"
	if got := detecting(t, rule).feed("a0").build(4*time.Minute, nil); len(got) != 0 {
		t.Errorf("before the window closed: %+v", got)
	}
	window := func(from, to time.Duration) map[signature.Source]logs.Liveness {
		return map[signature.Source]logs.Liveness{"agent": logs.NewLiveness([]logs.Window{{Start: t0.Add(from), End: t0.Add(to)}})}
	}
	if got := detecting(t, rule).feed("a0").build(10*time.Minute, window(-time.Hour, 0)); len(got) != 0 {
		t.Errorf("although the source was silent: %+v", got)
	}
	if got := detecting(t, rule).feed("a0").build(10*time.Minute, window(-time.Hour, time.Hour)); len(got) != 1 {
		t.Errorf("although the source shipped lines: %+v", got)
	}
}

func TestDetectionDoesNotDependOnArrival(t *testing.T) {
	for _, rule := range []string{"{sequence: [a, b, c], within: 2m}", "{all: [a, b, c], within: 2m}", "{absent: b, after: a, within: 1m}"} {
		w := detecting(t, rule).feed("a0", "c10", "b30", "c90", "a200", "b230", "a300")
		want := w.build(time.Hour, nil)
		slices.Reverse(w.found)
		got := w.build(time.Hour, nil)
		if len(got) != len(want) || len(got) > 0 && (got[0].Count != want[0].Count || got[0].ID != want[0].ID) {
			t.Errorf("%s: %+v, want %+v", rule, got, want)
		}
	}
}
