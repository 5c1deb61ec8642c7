package frames

import (
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/signature"
)

// defaultExplained bounds the rows: a line that tells of success weighs for dozens of signatures.
const defaultExplained = 20

// Explained is one thing that a line is: a term that it matches, or one that it nearly does.
type Explained struct {
	Source    signature.Source
	Signature *signature.Signature
	Term      string
	// Captures of a match, and whether that is a failure; Near tells what keeps the line from being one.
	Captures map[string]string
	Fails    bool
	Near     *match.Near
}

// The answers to what a line is.
const (
	answerFailure = "failure" // a signature's failure
	answerJudges  = "judges"  // no failure: it tells of a recovery, or weighs for or against a cause
	answerNear    = "near"    // nearly a failure
	answerNothing = "nothing" // no signature knows it
)

func (e *Explained) answer() string {
	switch {
	case e.Near != nil:
		return answerNear
	case e.Fails:
		return answerFailure
	}
	return answerJudges
}

// Explain says what a line is: one row each signature that knows it, failures first, or those that come nearest, or one
// row that says that none does.
func Explain(line string, list []Explained, v View) *data.Frame {
	said, _ := saidIn(redact.Text(line))
	if len(list) == 0 {
		f := table("explain")
		column(f, "answer", 1, func(int) string { return answerNothing })
		column(f, "title", 1, func(int) string { return v.text("没有特征识别这行日志", "No signature knows this line") })
		column(f, "message", 1, func(int) string { return oneLine(said) })
		v.label(f)
		return finish(f, nil, v, 1, 1)
	}
	n, at := min(len(list), v.limit(defaultExplained)), func(r int) *Explained { return &list[r] }
	f := table("explain")
	column(f, "answer", n, func(r int) string { return at(r).answer() })
	title := column(f, "title", n, func(r int) string { return PlainTitle(at(r).Signature, v.Lang) })
	column(f, "summary", n, func(r int) string {
		if near := at(r).Near; near != nil {
			return oneLine(near.Message(v.Lang))
		}
		return plain(at(r).Signature.Summary, v.Lang)
	})
	column(f, "first_step", n, func(r int) string {
		if !at(r).Fails {
			return ""
		}
		return firstAct(incident.Steps(at(r).Signature, at(r).Captures, v.rendering()))
	})
	column(f, "severity", n, func(r int) string { return string(at(r).Signature.Severity) })
	column(f, "captures", n, func(r int) string { return captured(at(r).Captures) })
	column(f, "source", n, func(r int) string { return string(at(r).Source) })
	column(f, "signature", n, func(r int) string { return at(r).Signature.ID })
	column(f, "term", n, func(r int) string { return at(r).Term })
	column(f, "message", n, func(int) string { return oneLine(said) })
	fieldConfig(title).Links = []data.DataLink{v.fieldLink(v.text("处置手册", "Runbook"), runbookDashboard, "signature", "${__data.fields.signature:percentencode}")}
	v.label(f)
	return finish(f, nil, v, n, len(list))
}

// captured are captures in one line, by name.
func captured(captures map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(captures)) {
		out = append(out, name+"="+captures[name])
	}
	return oneLine(redact.Text(strings.Join(out, ", ")))
}
