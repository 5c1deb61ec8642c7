package frames

import (
	"fmt"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// markdown is the document of runbooks, for Grafana's text panel. Catalogue texts are plain text, so they are escaped
// like foreign text is: an `<IP>` in them must show and not become a tag.
func markdown(books []Runbook, v View) string {
	documents := make([]string, len(books))
	for i, b := range books {
		documents[i] = b.markdown(v)
	}
	return strings.Join(documents, "\n---\n\n")
}

// markdown has the sections of a runbook in the order in which one reads it at night: what it means, whom it hits, how
// to tell the causes apart, what to do, how to see that it worked.
func (b Runbook) markdown(v View) string {
	var d strings.Builder
	d.WriteString("## " + escapeMarkdown(b.render(b.Signature.Title, v)) + "\n\n")
	d.WriteString(b.facts(v))
	b.writeText(&d, v, v.text("含义", "Meaning"), b.Signature.Summary)
	b.writeText(&d, v, v.text("影响", "Impact"), b.Signature.Impact)
	b.writeEvidence(&d, v)
	b.writeDiagnosis(&d, v)
	b.writeSteps(&d, v)
	b.writeVerification(&d, v)
	b.writeReferences(&d, v)
	return d.String()
}

// writeText is a section of one text, where there is one.
func (b Runbook) writeText(d *strings.Builder, v View, title string, text signature.Text) {
	if !text.In(v.Lang).IsZero() {
		d.WriteString("### " + title + "\n\n" + escapeMarkdown(b.render(text, v)) + "\n\n")
	}
}

// render fills in a text, with placeholders where there is no incident to take values from.
func (b Runbook) render(t signature.Text, v View) string {
	if b.Incident != nil {
		return b.Incident.Render(t, v.rendering())
	}
	return t.In(v.Lang).Placeholders()
}

// facts is the line of words below the title.
func (b Runbook) facts(v View) string {
	var facts []string
	add := func(zh, en, text string) {
		if text != "" {
			facts = append(facts, "**"+v.text(zh, en)+"** "+escapeMarkdown(text))
		}
	}
	add("级别", "Severity", v.say("severity", string(b.Signature.Severity)))
	add("问题归属", "Class", v.say("class", string(b.Signature.Class)))
	if i := b.Incident; i != nil {
		add("状态", "State", v.say("state", string(i.State)))
		add("判定", "Verdict", v.say("verdict", string(i.Verdict)))
		add("集群", "Cluster", i.Cluster)
		add("主机", "Hosts", hostList(i))
	}
	return strings.Join(facts, " · ") + "\n\n"
}

// writeEvidence shows the first and the last line, verbatim.
func (b Runbook) writeEvidence(d *strings.Builder, v View) {
	if b.Incident == nil || len(b.Incident.Evidence) == 0 {
		return
	}
	first := incident.OneLine(b.Incident.Evidence[0].Line.String(), maxLine)
	last := incident.OneLine(b.Incident.Evidence[len(b.Incident.Evidence)-1].Line.String(), maxLine)
	lines := []string{first}
	if last != first {
		lines = append(lines, last)
	}
	fmt.Fprintf(d, "### %s\n\n%s\n", v.text("证据", "Evidence"), fence("text", strings.Join(lines, "\n"), ""))
}

func (b Runbook) writeSteps(d *strings.Builder, v View) {
	d.WriteString("### " + v.text("处置步骤", "Steps") + "\n\n")
	steps := b.steps(v)
	if len(steps) == 0 {
		d.WriteString(noSteps(v) + "\n\n")
		return
	}
	for n, s := range steps {
		// Everything that belongs to a step is indented by the width of its number: a fenced block between list
		// items would start the numbering afresh.
		number := fmt.Sprintf("%d. ", n+1)
		indent := strings.Repeat(" ", len(number))
		head := v.say("risk", string(s.Risk))
		if s.RunOn != "" {
			head += " · " + s.RunOn
		}
		if when := b.when(s.ID); when != "" {
			head += v.text("（仅当 ", " (only when ") + when + v.text("）", ")")
		}
		d.WriteString(number + "**" + escapeMarkdown(head) + "**  \n" + indent + escapeMarkdown(s.Text) + "\n")
		if s.Risk == signature.Destructive {
			d.WriteString("\n" + indent + "⚠️ **" + v.text("有破坏性：执行前请与负责人确认，并先备份。", "Destructive: get a confirmation and make a backup before you run it.") + "**\n")
		}
		if s.Command != "" {
			d.WriteString("\n" + fence("sh", s.Command, indent))
		}
		d.WriteString("\n")
		for _, m := range s.Missing {
			d.WriteString(indent + "- " + escapeMarkdown(m) + "\n")
		}
		if s.Verify != "" {
			d.WriteString(indent + "- **" + v.text("验证", "Verify") + "** " + escapeMarkdown(s.Verify) + "\n")
		}
		if s.Link != "" {
			d.WriteString(indent + "- " + markdownLink(s.LinkTitle, s.Link) + "\n")
		}
		d.WriteString("\n")
	}
}

// when is the condition of a step, which is only of interest where no incident has decided it.
func (b Runbook) when(step string) string {
	for _, def := range b.Signature.Remediation {
		if b.Incident == nil && def.ID == step {
			return def.When.Raw
		}
	}
	return ""
}

// writeDiagnosis says how to find the cause: the competing ones, ranked where there is an incident, or else what would
// confirm the known one. Without either the read-only steps are all there is.
func (b Runbook) writeDiagnosis(d *strings.Builder, v View) {
	var lines []string
	switch {
	case b.Incident != nil && len(b.Incident.Hypotheses) > 0:
		lines = strings.Split(v.hypotheses(b.Incident), "\n")
	case b.Incident == nil:
		for _, h := range b.Signature.Hypotheses {
			line := b.render(h.Text, v)
			if h.Next != nil {
				line = strings.TrimRight(line, "。.") + v.text("。下一步：", ". Next: ") + b.render(h.Next.Text, v)
			}
			lines = append(lines, oneLine(line))
		}
	}
	for _, c := range b.Signature.Cause {
		if b.Incident == nil {
			lines = append(lines, v.text("同时出现特征 ", "An incident of ")+c.Signature+v.text(" 的事件，即可确认根因。", " at the same time confirms the cause."))
		}
	}
	if len(lines) == 0 {
		return
	}
	d.WriteString("### " + v.text("排查：可能原因", "Diagnosis: possible causes") + "\n\n")
	for _, line := range lines {
		d.WriteString("- " + escapeMarkdown(line) + "\n")
	}
	d.WriteString("\n")
}

// writeVerification says how one sees that it worked, beyond what the steps say: when the incident closes by itself.
func (b Runbook) writeVerification(d *strings.Builder, v View) {
	quiet := b.Signature.Resolve.Quiet.String()
	text := v.text("来源仍有日志，而 "+quiet+" 内不再出现这类日志，事件自动恢复。", "The incident closes by itself when its source ships lines and none of this kind for "+quiet+".")
	if len(b.Signature.Resolve.On) > 0 {
		text = v.text("出现恢复日志；或来源仍有日志，而 "+quiet+" 内不再出现这类日志，事件自动恢复。",
			"The incident closes by itself on a line of recovery, or when its source ships lines and none of this kind for "+quiet+".")
	}
	d.WriteString("### " + v.text("如何验证", "How to verify") + "\n\n" + escapeMarkdown(text) + "\n\n")
}

func (b Runbook) writeReferences(d *strings.Builder, v View) {
	if len(b.Signature.References) == 0 {
		return
	}
	d.WriteString("### " + v.text("文档", "Documents") + "\n\n")
	for _, ref := range b.Signature.References {
		d.WriteString("- " + markdownLink(b.render(ref.Title, v), incident.ReferenceURL(ref, v.Version)) + "\n")
	}
}
