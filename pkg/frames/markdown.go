package frames

import (
	"fmt"
	"strings"
	"time"

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

func (b Runbook) markdown(v View) string {
	var d strings.Builder
	d.WriteString("## " + escapeMarkdown(b.render(b.Signature.Title, v)) + "\n\n")
	d.WriteString(b.facts(v))
	for _, text := range []signature.Text{b.Signature.Summary, b.Signature.Impact} {
		if !text.In(v.Lang).IsZero() {
			d.WriteString(escapeMarkdown(b.render(text, v)) + "\n\n")
		}
	}
	b.writeEvidence(&d, v)
	b.writeSteps(&d, v)
	b.writeHypotheses(&d, v)
	b.writeReferences(&d, v)
	return d.String()
}

// render fills in a text, with placeholders where there is no incident to take values from.
func (b Runbook) render(t signature.Text, v View) string {
	if b.Incident != nil {
		return b.Incident.Render(t, v.rendering())
	}
	return t.In(v.Lang).Render(func(r signature.Ref) string { return "<" + string(r) + ">" })
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
		add("判断", "Verdict", v.say("verdict", string(i.Verdict)))
		since := i.Start.UTC().Format(time.RFC3339)
		if !i.StartKnown {
			since = v.text("早于 ", "before ") + since
		}
		add("开始时间", "Since", since)
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
	first := incident.OneLine(b.Incident.Evidence[0].Line, maxLine)
	last := incident.OneLine(b.Incident.Evidence[len(b.Incident.Evidence)-1].Line, maxLine)
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
		d.WriteString(v.text("这个特征还没有处置步骤，请参考下面的文档。", "This signature has no steps yet, see the documents below.") + "\n\n")
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

func (b Runbook) writeHypotheses(d *strings.Builder, v View) {
	if b.Incident == nil || len(b.Incident.Hypotheses) == 0 {
		return
	}
	d.WriteString("### " + v.text("可能原因", "Possible causes") + "\n\n")
	for _, line := range strings.Split(v.hypotheses(b.Incident), "\n") {
		d.WriteString("- " + escapeMarkdown(line) + "\n")
	}
	d.WriteString("\n")
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
