package frames

import (
	"fmt"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// why explains verdict and state, a line per reason.
func (v View) why(i *incident.Incident) string {
	lines := make([]string, 0, len(i.Why))
	for _, w := range i.Why {
		text := ""
		switch w.Rule {
		case "detect":
			text = v.text("匹配到 ", "matched ") + w.Detail
		case "cause":
			text = v.text("根因有证据：", "its cause is in the logs: ") + w.Detail
		case "refute":
			text = v.text("有反证：", "disproved by ") + w.Detail
		case "resolve":
			text = v.text("已恢复：", "recovered: ") + w.Detail
		case "quiet":
			text = v.text("来源仍有日志，但不再出现，已超过 ", "the source ships lines, but none of these for more than ") + w.Detail
		case "no-cause-evidence":
			text = v.text("未见根因的证据：", "no evidence of its cause: ") + w.Detail
		default:
			text = w.Rule + " " + w.Detail
		}
		if !w.Time.IsZero() {
			text = w.Time.UTC().Format(time.RFC3339) + " " + text
		}
		lines = append(lines, incident.OneLine(text, maxCell))
	}
	return strings.Join(lines, "\n")
}

// hypotheses ranks the competing causes, a line each, with the evidence for and against.
func (v View) hypotheses(i *incident.Incident) string {
	lines := make([]string, 0, len(i.Hypotheses))
	for _, h := range i.Hypotheses {
		line := i.Render(h.Definition.Text, v.rendering()) + fmt.Sprintf(" (%d", h.Score)
		for _, part := range []struct {
			zh, en string
			names  []string
		}{{"支持", "for", h.For}, {"反对", "against", h.Against}, {"未查", "not looked at", h.Unchecked}} {
			if len(part.names) > 0 {
				line += "; " + v.text(part.zh, part.en) + ": " + strings.Join(part.names, ", ")
			}
		}
		line += ")"
		if next := h.Definition.Next; next != nil {
			line += v.text(" 下一步：", " Next: ") + i.Render(next.Text, v.rendering())
		}
		lines = append(lines, oneLine(line))
	}
	return strings.Join(lines, "\n")
}

// steps puts destructive steps last: nobody should meet one before what is safe to try.
func (v View) steps(steps []incident.Step) []incident.Step {
	out := make([]incident.Step, 0, len(steps))
	var last []incident.Step
	for _, s := range steps {
		if s.Risk == signature.Destructive {
			last = append(last, s)
			continue
		}
		out = append(out, s)
	}
	return append(out, last...)
}
