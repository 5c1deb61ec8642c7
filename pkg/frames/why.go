package frames

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/incident"
)

// why explains verdict and state, a line per reason. It has no times: a text cannot show them in the reader's zone.
// titles are those of signatures by id.
func (v View) why(i *incident.Incident, titles map[string]string) string {
	title := func(id string) string {
		if t := titles[id]; t != "" {
			return v.text("“", `"`) + t + v.text("”", `"`)
		}
		return id
	}
	lines := make([]string, 0, len(i.Why))
	for _, w := range i.Why {
		text := ""
		switch w.Rule {
		case incident.RuleDetect:
			text = v.text("日志中有故障现象：", "the failure is in the logs: ") + firstLine(i)
		case incident.RuleCause:
			text = v.text("日志中有其原因的证据：", "the logs show its cause: ") + title(w.Detail)
		case incident.RuleRefute:
			text = v.text("日志中有反证：", "the logs disprove it: ") + quoted(w)
		case incident.RuleResolve:
			text = v.text("日志表明已恢复：", "the logs show that it recovered: ") + quoted(w)
		case incident.RuleQuiet:
			quiet := w.Detail
			if d, err := model.ParseDuration(quiet); err == nil {
				quiet = v.duration(time.Duration(d))
			}
			text = v.text("来源仍有日志，而故障现象超过 "+quiet+" 没有再出现", "the source ships lines, and the failure has not been in them for more than "+quiet)
		case incident.RuleNoEvidence:
			text = v.text("日志中没有其原因的证据：", "the logs do not show its cause: ") + title(w.Detail)
		case incident.RuleUnclear:
			text = v.text("这些日志可能只是有人引用的（没有日志头、被截断，或位于未知字段），因此最多判定为疑似", "these lines may be quotations (no log head, half of a record, or an unknown field), so it is suspected at most")
		case incident.RuleByTime:
			text = v.text("只记录错误，没有可判断采集是否正常的其他日志，仅凭时间判断恢复：", "logs errors only and ships nothing else that shows its collector works, so its end is by time only: ") + w.Detail
		default:
			text = w.Rule + " " + w.Detail
		}
		lines = append(lines, incident.OneLine(text, maxCell))
	}
	return strings.Join(lines, "\n")
}

// quoted is the line that a reason names, without what carries it.
func quoted(w incident.Why) string {
	line := w.Line.String()
	events := event.Read(line)
	if len(events) == 0 {
		return oneLine(line)
	}
	return oneLine(events[0].Text)
}

// hypotheses are the competing causes, one per line, the likeliest first. Those that the incident itself speaks against are
// only counted: on call, what is left to decide matters.
func (v View) hypotheses(i *incident.Incident) string {
	lines := make([]string, 0, len(i.Hypotheses))
	ruledOut := 0
	for n, h := range i.Hypotheses {
		if n > 0 && h.Score < 0 {
			ruledOut++
			continue
		}
		line := fmt.Sprintf("%d. ", n+1) + i.Render(h.Definition.Text, v.rendering())
		if known := v.known(h); known != "" {
			line += v.text("（", " (") + known + v.text("）", ")")
		}
		if next := h.Definition.Next; next != nil {
			line += v.text("下一步：", " Next: ") + i.Render(next.Text, v.rendering())
		}
		lines = append(lines, oneLine(line))
	}
	if ruledOut > 0 {
		lines = append(lines, fmt.Sprintf(v.text("另有 %d 个原因与日志不符。", "The logs speak against %d more."), ruledOut))
	}
	return strings.Join(lines, "\n")
}

// known is the evidence for and against a cause by its names. A condition on the incident's own values, such as "url.host is
// ip", has none: the text of the cause says it.
func (v View) known(h incident.Hypothesis) string {
	conditions := map[string]bool{}
	for _, w := range slices.Concat(h.Definition.For, h.Definition.Against) {
		if !w.When.IsZero() {
			conditions[w.Name()] = true
		}
	}
	var parts []string
	for _, part := range []struct {
		zh, en string
		names  []string
	}{{"支持：", "for: ", h.For}, {"反对：", "against: ", h.Against}, {"没有日志可查：", "no logs to tell: ", h.Unchecked}} {
		names := slices.DeleteFunc(slices.Clone(part.names), func(name string) bool { return conditions[name] })
		if len(names) > 0 {
			parts = append(parts, v.text(part.zh, part.en)+strings.Join(names, v.text("、", ", ")))
		}
	}
	return strings.Join(parts, v.text("；", "; "))
}
