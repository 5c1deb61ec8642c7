//go:build integration

package faults

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/tests/asks"
)

// told is what the user gets to see.
type told string

const (
	whole   told = "the right answer"
	partial told = "a part, with a notice"
	failed  told = "an error"
)

// verdict is what one request of the panels and the rule of a dashboard came to.
type verdict struct {
	told told
	// text and zh are what the notice or the error says in either language.
	text, zh string
	// rule is the error that the alert rule gets, "" when it gets rows.
	rule string
	// lost are lines that are missing without being said so, doubled are those that came more than once, resolved are
	// active incidents that the alert rule would take for over.
	lost, doubled, resolved int
	// wrong is what else is not as it has to be.
	wrong []string
}

func (v *verdict) bad(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

func (v verdict) String() string {
	return fmt.Sprintf("%s %.150q, the rule gets %.100q; %d lost, %d doubled, %d resolved, wrong: %.300q", v.told, v.text, v.rule, v.lost, v.doubled, v.resolved, v.wrong)
}

// clean tells that nothing is wrong with an answer, whole or not.
func (v verdict) clean() bool { return v.lost+v.doubled+v.resolved+len(v.wrong) == 0 }

// ask sends the queries of a dashboard and of an alert rule over [start, to), and judges the answers.
func (w *way) ask(t *testing.T, s asks.Settings, to time.Time) verdict {
	t.Helper()
	before, _ := w.now()
	res := asks.Query(t, plugin, w.address(), s, w.start, to, map[string]asks.Ask{
		"incidents": {"queryType": "incidents", "limit": 5000},
		"zh":        {"queryType": "incidents", "language": "zh"},
		"evidence":  {"queryType": "evidence", "limit": 20000},
		"alert":     {"queryType": "alert", "view": "identity"},
		"details":   {"queryType": "alert", "view": "evidence"},
		"count":     {"queryType": "count", "stat": "active"},
	})
	after, incidents := w.now()
	var v verdict
	v.judgePanels(t, res, before, after)
	v.judgeRule(t, res, incidents)
	return v
}

// judgePanels compares the lines of an answer with the truth before and after it was asked for.
func (v *verdict) judgePanels(t *testing.T, res backend.Responses, before, after map[string]int) {
	t.Helper()
	panel, evidence := res["incidents"], res["evidence"]
	if panel.Error != nil {
		v.told, v.text, v.zh = failed, panel.Error.Error(), fmt.Sprint(res["zh"].Error)
		if evidence.Error == nil {
			v.bad("evidence beside an error")
		}
		for _, f := range slices.Concat(panel.Frames, evidence.Frames) {
			if f.Rows() > 1 { // one row says that nothing is known
				v.bad("%d rows beside an error", f.Rows())
			}
		}
		if panel.ErrorSource != backend.ErrorSourceDownstream {
			v.bad("error source %q", panel.ErrorSource)
		}
		return
	}
	if evidence.Error != nil || len(panel.Frames) != 1 || len(evidence.Frames) != 1 {
		v.bad("evidence: %v, %d and %d frames", evidence.Error, len(panel.Frames), len(evidence.Frames))
		return
	}
	v.told = whole
	for ref, text := range map[string]*string{"incidents": &v.text, "zh": &v.zh} {
		for _, n := range res[ref].Frames[0].Meta.Notices {
			v.told = partial
			*text += n.Text + " "
		}
	}
	got := map[string]int{}
	for _, body := range asks.Column[string](t, evidence.Frames[0], "line") {
		// Blanks at the end are no part of a message, and a long line is cut.
		got[strings.TrimRight(body, " …")]++
	}
	for line, n := range got {
		if after[line] == 0 {
			v.bad("a line that nobody pushed: %q", line)
		}
		v.doubled += max(0, n-after[line])
	}
	if v.told == partial {
		return
	}
	want, counted := 0, int64(0)
	for line, n := range before {
		want += n
		v.lost += max(0, n-got[line])
	}
	for _, n := range asks.Column[int64](t, panel.Frames[0], "count") {
		counted += n
	}
	if len(before) == len(after) && counted != int64(want) {
		v.bad("the incidents count %d lines, want %d", counted, want)
	}
}

// judgeRule checks that an alert rule gets a row of 1 for every incident, or an error.
func (v *verdict) judgeRule(t *testing.T, res backend.Responses, incidents map[string]bool) {
	t.Helper()
	if err := res["alert"].Error; err != nil {
		v.rule = err.Error()
	}
	for _, ref := range []string{"alert", "details", "count"} {
		if got := fmt.Sprint(res[ref].Error); res[ref].Error != nil && got != v.rule || v.rule != "" && len(res[ref].Frames) > 0 {
			v.bad("%s: error %q and %d frames, where the rule's error is %q", ref, got, len(res[ref].Frames), v.rule)
		}
	}
	if v.rule != "" {
		return
	}
	if v.told != whole {
		v.bad("the rule gets rows although %s", v.text)
	}
	for _, ref := range []string{"alert", "details"} {
		firing := map[string]bool{}
		if f := res[ref].Frames[0]; f.Rows() > 0 {
			values := asks.Column[float64](t, f, "value")
			signatures, subjects := asks.Column[string](t, f, "signature"), asks.Column[string](t, f, "subject")
			for i := range values {
				name := signatures[i] + " " + subjects[i]
				if firing[name] {
					v.bad("%s: %s has two rows", ref, name)
				}
				firing[name] = values[i] == 1
				if !incidents[name] {
					v.bad("%s: an alert about nothing: %s", ref, name)
				}
			}
		}
		for name := range incidents {
			if !firing[name] {
				v.resolved++
			}
		}
	}
	active := 0.0
	for _, n := range asks.Column[float64](t, res["count"].Frames[0], "value") {
		active += n
	}
	if int(active) != len(incidents) {
		v.resolved += max(0, len(incidents)-int(active))
		v.bad("%v active incidents are counted, want %d", active, len(incidents))
	}
}
