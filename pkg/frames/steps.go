package frames

import (
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// Runbook is what to do about a signature; Incident, when there is one, fills in the values of its log lines.
type Runbook struct {
	Signature *signature.Signature
	Incident  *incident.Incident
}

// steps are the steps that apply, in the order to take them.
func (b Runbook) steps(v View) []incident.Step {
	if b.Incident != nil {
		return b.Incident.Steps(v.rendering())
	}
	return incident.Steps(b.Signature, nil, v.rendering())
}

// Steps has one row a step. The column `markdown` holds the whole document of all runbooks in row 0 and nothing in the
// others: a hidden variable of a runbook panel takes the non-empty values of that one column, and no query data but
// variables reaches a text panel. Tables do not show the column. A runbook without steps has one row that says so, and
// holds its document.
func Steps(books []Runbook, res *scan.Result, v View) *data.Frame {
	type row struct {
		incident.Step
		signature string
		order     int64
	}
	var rows []row
	for _, b := range books {
		steps := b.steps(v)
		for i, s := range steps {
			if s.Link == "" {
				s.LinkTitle, s.Link = v.document(b.Signature)
			}
			rows = append(rows, row{s, b.Signature.ID, int64(i + 1)})
		}
		if len(steps) == 0 {
			rows = append(rows, row{Step: incident.Step{Text: noSteps(v)}, signature: b.Signature.ID})
		}
	}
	n := len(rows)
	f := table("steps")
	column(f, "signature", n, func(r int) string { return rows[r].signature })
	column(f, "order", n, func(r int) int64 { return rows[r].order })
	column(f, "step", n, func(r int) string { return rows[r].ID })
	column(f, "risk", n, func(r int) string { return string(rows[r].Risk) })
	column(f, "run_on", n, func(r int) string { return rows[r].RunOn })
	column(f, "text", n, func(r int) string { return rows[r].Text })
	column(f, "instruction", n, func(r int) string { return v.instruction(rows[r].Step) })
	column(f, "command", n, func(r int) string { return rows[r].Command })
	column(f, "missing", n, func(r int) string { return strings.Join(rows[r].Missing, "\n") })
	column(f, "verify", n, func(r int) string { return rows[r].Verify })
	column(f, "link_title", n, func(r int) string { return rows[r].LinkTitle })
	link := column(f, "link", n, func(r int) string { return webAddress(rows[r].Link) })
	document := markdown(books, v)
	hide(column(f, "markdown", n, func(r int) string {
		if r == 0 {
			return document
		}
		return ""
	}))
	v.opensGuide(link)
	v.label(f)
	return finish(f, res, v, n, n)
}

// instruction is all of a step but its command, for one cell: what to do, and on lines of their own where, what is missing
// and how to verify.
func (v View) instruction(s incident.Step) string {
	lines := []string{s.Text}
	for _, part := range []struct{ name, text string }{
		{v.text("执行位置：", "Run on: "), s.RunOn},
		{v.text("待填写：", "To fill in: "), strings.Join(s.Missing, v.text("；", "; "))},
		{v.text("如何验证：", "Verify: "), s.Verify},
	} {
		if part.text != "" {
			lines = append(lines, "▸ "+part.name+part.text)
		}
	}
	return strings.Join(lines, "\n")
}

func noSteps(v View) string {
	return v.text("这个特征还没有处置步骤，请参考文档。", "This signature has no steps yet, see its documents.")
}
