package report

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
)

// Formats lists the names of the formats.
func Formats() []string { return []string{"table", "oneline", "json", "markdown"} }

// Write writes the report in a format.
func (r Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		return r.JSON(w)
	case "oneline":
		return r.OneLine(w)
	case "markdown":
		return r.Markdown(w)
	}
	return r.Table(w)
}

// OneLine writes a line for each incident, with tabs between: state, severity, verdict, signature, cluster and key, hosts,
// start, lines, title. What is not complete is a line that begins with an exclamation mark.
func (r Report) OneLine(w io.Writer) error {
	p := &printer{w: w, o: r.o}
	if r.Partial != "" {
		p.line(r.o.text("！结果不完整：%s", "! The answer is not complete: %s"), r.Partial)
	}
	for i := range r.Incidents {
		inc := &r.Incidents[i]
		hosts := make([]string, len(inc.Hosts))
		for k := range inc.Hosts {
			hosts[k] = inc.Hosts[k].Name
		}
		p.line("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s", inc.State, inc.Severity, inc.Verdict, inc.Signature, inc.Subject,
			strings.Join(hosts, ","), inc.Start.Format(time.RFC3339), inc.Count, inc.Title)
	}
	return p.err
}

// JSON writes the report for scripts.
func (r Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Markdown writes the report for a ticket. Text from log lines is escaped: it must not become markup there.
func (r Report) Markdown(w io.Writer) error {
	p := &printer{w: w, o: r.o}
	p.line("# %s", r.o.text("蓝鲸故障", "BlueKing incidents"))
	p.line("")
	p.line(r.o.text("截至 %s", "As of %s"), r.AsOf.Format(time.RFC3339))
	if r.Partial != "" {
		p.line("\n> %s%s", r.o.text("结果不完整：", "The answer is not complete: "), escape(r.Partial))
	}
	if len(r.Incidents) == 0 {
		p.line("\n%s", r.o.text("没有发现已知故障。", "No known failure was found."))
	}
	for i := range r.Incidents {
		p.markdown(&r.Incidents[i], r.AsOf)
	}
	return p.err
}

func (p *printer) markdown(inc *Incident, now time.Time) {
	p.line("\n## %s\n", escape(inc.Title))
	p.line("**%s** · **%s** · **%s** · `%s` · %s\n", p.o.say(inc.Severity), p.o.say(inc.State), p.o.say(inc.Verdict), inc.Signature, p.o.say(inc.Class))
	p.line("- %s%s", p.o.text("位置：", "Where: "), escape(p.where(inc)))
	p.line("- %s%s", p.o.text("时间：", "Since: "), p.when(inc, now))
	if v := p.verdict(inc); v != "" {
		p.line("- %s%s", p.o.text("依据：", "Verdict: "), escape(v))
	}
	p.line("- %s`%s`\n", p.o.text("编号：", "Id: "), inc.ID)
	p.line("%s", escape(inc.Summary))
	if inc.Impact != "" {
		p.line("\n%s%s", p.o.text("影响：", "Impact: "), escape(inc.Impact))
	}
	if len(inc.Evidence) > 0 {
		p.line("\n### %s\n", p.o.text("证据", "Evidence"))
		var lines []string
		for _, e := range inc.Evidence {
			lines = append(lines, e.Time.Format("2006-01-02T15:04:05.000Z07:00")+" "+incident.OneLine(e.Line, 2000))
		}
		p.line("%s", incident.Fence("", strings.Join(lines, "\n"), ""))
	}
	if len(inc.Hypotheses) > 0 {
		p.line("\n### %s\n", p.o.text("可能原因", "Possible causes"))
		for _, h := range inc.Hypotheses {
			next := ""
			if h.Next != "" {
				next = p.o.text(" 下一步：", " Next: ") + h.Next
			}
			p.line("- (%d) %s", h.Score, escape(h.Text+next))
		}
	}
	if len(inc.Steps) > 0 {
		p.line("\n### %s\n", p.o.text("处置步骤", "Steps"))
	}
	for i, s := range inc.Steps {
		head := p.o.say(s.Risk)
		if s.RunOn != "" {
			head += " · " + s.RunOn
		}
		p.line("%d. **%s** %s", i+1, escape(head), escape(s.Text))
		if s.Command != "" {
			p.line("\n%s\n", incident.Fence("", s.Command, "   "))
		}
		for _, m := range s.Missing {
			p.line("   - %s", escape(m))
		}
		if s.Verify != "" {
			p.line("   - %s%s", p.o.text("验证：", "Verify: "), escape(s.Verify))
		}
		if s.Link != "" {
			p.line("   - [%s](<%s>)", escape(s.LinkTitle), s.Link)
		}
	}
}

// escape makes text plain in Markdown.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
