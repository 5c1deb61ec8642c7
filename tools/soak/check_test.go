package main

import (
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// world is a truth in which everything planned up to a time is stored, and the answer that fits it.
func world(incidents int, now time.Time) (*truth, []seen) {
	t := newTruth()
	var answer []seen
	for n := range incidents {
		inc := plan(n)
		for _, l := range inc.lines {
			if at := start.Add(l.at); !at.Add(l.delay).After(now) {
				t.sending(inc, at, l.fails)(at.Add(l.delay))
			}
		}
		l, logged := t.incidents[inc.host]
		if !logged {
			continue
		}
		e := l.expect(now.Add(settle), now)
		answer = append(answer, seen{
			id: inc.host + "-1", fingerprint: inc.host, signature: inc.signature, host: inc.host,
			state: e.state, reason: e.reason, since: e.since, end: e.end, count: e.count,
		})
	}
	return t, answer
}

func TestThePlanHasEveryCourseAndEnds(t *testing.T) {
	for n := range 2 * int(kinds) {
		inc := plan(n)
		if first := inc.lines[0]; first.at != time.Duration(n)*every || !first.fails {
			t.Errorf("%d begins with %+v", n, first)
		}
		if last := inc.lines[len(inc.lines)-1]; last.fails != (inc.kind == goesQuiet) {
			t.Errorf("%d (kind %d) ends with %+v", n, inc.kind, last)
		}
	}
}

func TestTheCheckerAcceptsTheTruthAndFindsEveryLie(t *testing.T) {
	now := start.Add(10*time.Minute + 10500*time.Millisecond)
	for name, tc := range map[string]struct {
		lie  func(answer []seen) []seen
		want string
	}{
		"the truth":            {func(a []seen) []seen { return a }, ""},
		"an incident too few":  {func(a []seen) []seen { return a[1:] }, "missing"},
		"one doubled":          {func(a []seen) []seen { return append(a, a[0]) }, "2 incidents of one failure"},
		"one that is not":      {func(a []seen) []seen { a[0].host = "nobody"; return a }, "nobody logged"},
		"a line lost":          {func(a []seen) []seen { a[0].count--; return a }, "lines, want"},
		"not resolved":         {func(a []seen) []seen { a[0].state, a[0].reason = "active", ""; return a }, "want resolved recovered"},
		"falsely resolved":     {func(a []seen) []seen { a[4].state, a[4].reason = "resolved", "quiet"; return a }, "want active"},
		"resolved another way": {func(a []seen) []seen { a[0].reason = "quiet"; return a }, "want resolved recovered"},
		"began earlier":        {func(a []seen) []seen { a[0].since = a[0].since.Add(-time.Second); return a }, "since"},
		"ended later":          {func(a []seen) []seen { a[1].end = a[1].end.Add(time.Second); return a }, "ended at"},
	} {
		t.Run(name, func(t *testing.T) {
			truth, answer := world(20, now)
			c := newChecker(truth)
			got := strings.Join(c.incidents(tc.lie(answer), now.Add(settle), start.Add(-time.Hour), now), "; ")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestAnIdOrFingerprintThatChangesIsFound(t *testing.T) {
	now := start.Add(10*time.Minute + 10500*time.Millisecond)
	truth, answer := world(5, now)
	c := newChecker(truth)
	_ = c.incidents(answer, now.Add(settle), start, now)
	answer[0].id += "x"
	answer[1].fingerprint += "x"
	got := strings.Join(c.incidents(answer, now.Add(settle), start, now), "; ")
	for _, want := range []string{"the id changed", "the fingerprint changed"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

func TestAlertRowsAreCheckedBothWays(t *testing.T) {
	now := start.Add(10*time.Minute + 10500*time.Millisecond)
	truth, answer := world(5, now)
	c := newChecker(truth)
	_ = c.incidents(answer, now.Add(settle), start, now)
	rows := map[string]float64{}
	for _, s := range answer {
		rows[s.fingerprint] = 0
		if s.state == "active" {
			rows[s.fingerprint] = 1
		}
	}
	if wrong := c.alerts(rows, now.Add(settle), now); len(wrong) > 0 {
		t.Errorf("the truth: %v", wrong)
	}
	for name, lie := range map[string]func(rows map[string]float64){
		"fires on":         func(rows map[string]float64) { rows["soak-00000"] = 1 },
		"falsely resolved": func(rows map[string]float64) { rows["soak-00004"] = 0 },
		"no row":           func(rows map[string]float64) { delete(rows, "soak-00004") },
		"closed too soon":  func(rows map[string]float64) { delete(rows, "soak-00000") },
	} {
		changed := map[string]float64{}
		for k, v := range rows {
			changed[k] = v
		}
		lie(changed)
		if len(c.alerts(changed, now.Add(settle), now)) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestALineThatWasJustPushedDecidesNothing(t *testing.T) {
	inc := plan(0)
	l := logged{inc, []written{{at: start, fails: true, sent: start, stored: start}, {at: start.Add(20 * time.Second), fails: true, sent: start.Add(20 * time.Second)}}}
	now := start.Add(21 * time.Second)
	if e := l.expect(now, now); e.known || !e.exists {
		t.Errorf("a line on its way: %+v", e)
	}
	l.lines[1].stored = start.Add(20 * time.Second)
	later := now.Add(settle)
	if e := l.expect(later, later); !e.known || e.count != 2 || e.state != "active" {
		t.Errorf("a stored line: %+v", e)
	}
}
