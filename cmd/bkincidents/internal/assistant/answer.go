package assistant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/report"
)

const (
	// maxAnswer bounds an answer, in bytes: a model's context is dear, and log lines can be long.
	maxAnswer = 48 << 10
	// maxText bounds what one log line says in an answer, in bytes.
	maxText = 2000
	// maxList is the most items of a list; what is left out is counted.
	maxList = 50
)

// logText is foreign: what a program or a user wrote into a log.
type logText string

// MarshalJSON masks secrets and cuts what is long.
func (t logText) MarshalJSON() ([]byte, error) {
	text := redact.Text(string(t))
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return json.Marshal(text)
}

// shortened is an answer that can be told with less.
type shortened interface {
	// shorten leaves the last item of its longest list out and counts it; false when nothing is left to leave out.
	shorten() bool
}

// render writes an answer as fenced JSON that is not longer than maxAnswer.
func render(out any) (string, error) {
	for {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(out); err != nil {
			return "", fmt.Errorf("write the answer: %w", err)
		}
		if b.Len() <= maxAnswer {
			return incident.Fence("json", strings.TrimSuffix(b.String(), "\n"), ""), nil
		}
		if s, ok := out.(shortened); !ok || !s.shorten() {
			return "", errors.New("the answer is too long: ask for less, such as a shorter range or one incident")
		}
	}
}

// evidenceID names a line of an incident.
func evidenceID(inc *report.Incident, n int) string { return fmt.Sprintf("%s#%d", inc.ID, n+1) }

// brief is an incident in a list.
type brief struct {
	ID        string   `json:"id"`
	Signature string   `json:"signature"`
	Title     logText  `json:"title"`
	Severity  string   `json:"severity"`
	State     string   `json:"state"`
	Verdict   string   `json:"verdict"`
	Where     logText  `json:"where"`
	Hosts     int      `json:"hosts"`
	Since     string   `json:"since"`
	SinceOpen bool     `json:"began_before_what_was_read,omitempty"`
	Last      string   `json:"last"`
	Lines     int      `json:"lines"`
	Cause     string   `json:"caused_by,omitempty"`
	FirstStep logText  `json:"first_step,omitempty"`
	Evidence  []string `json:"evidence"`
}

// maxCited is how many lines a list cites of an incident.
const maxCited = 3

func briefly(inc *report.Incident) brief {
	b := brief{
		ID: inc.ID, Signature: inc.Signature, Title: logText(inc.Title), Severity: inc.Severity, State: inc.State, Verdict: inc.Verdict,
		Where: logText(inc.Subject), Hosts: len(inc.Hosts), Since: inc.Start.Format(time.RFC3339), SinceOpen: !inc.StartKnown,
		Last: inc.Last.Format(time.RFC3339), Lines: inc.Count, Evidence: []string{},
	}
	if inc.Cause != nil {
		b.Cause = inc.Cause.ID
	}
	if len(inc.Steps) > 0 {
		b.FirstStep = logText(inc.Steps[0].Text)
	}
	for n := range min(len(inc.Evidence), maxCited) {
		b.Evidence = append(b.Evidence, evidenceID(inc, n))
	}
	return b
}

// line is a line of evidence.
type line struct {
	ID     string  `json:"id"`
	Time   string  `json:"time"`
	Source string  `json:"source"`
	Term   string  `json:"term"`
	Text   logText `json:"log_text"`
}

func lines(inc *report.Incident) []line {
	out := make([]line, len(inc.Evidence))
	for n, e := range inc.Evidence {
		out[n] = line{evidenceID(inc, n), e.Time.Format(time.RFC3339Nano), e.Source, e.Term, logText(e.Message)}
	}
	return out
}

// reason is why an incident is judged as it is.
type reason struct {
	Rule   string  `json:"rule"`
	Detail logText `json:"detail,omitempty"`
	Time   string  `json:"time,omitempty"`
}

// step is a step of a remediation, in which values of log lines may stand.
type step struct {
	RunOn   logText   `json:"run_on,omitempty"`
	Risk    string    `json:"risk"`
	Text    logText   `json:"text"`
	Command logText   `json:"command,omitempty"`
	Missing []logText `json:"missing,omitempty"`
	Verify  logText   `json:"verify,omitempty"`
	Link    string    `json:"link,omitempty"`
}

func stepsOf(all []report.Step) []step {
	out := make([]step, len(all))
	for n, s := range all {
		out[n] = step{RunOn: logText(s.RunOn), Risk: s.Risk, Text: logText(s.Text), Command: logText(s.Command), Verify: logText(s.Verify), Link: s.Link}
		for _, m := range s.Missing {
			out[n].Missing = append(out[n].Missing, logText(m))
		}
	}
	return out
}
