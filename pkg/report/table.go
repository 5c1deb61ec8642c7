package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
)

const (
	maxMessage   = 240 // bytes of an evidence line
	shownHosts   = 8
	shownCauses  = 3
	shownLines   = 3 // evidence lines of an active incident
	resolvedSays = 1 // and of one that is over
)

// Table writes the report for somebody who was woken up by it: what is broken, where, since when, how sure that is,
// on what evidence, and what to do first. What is over is short.
func (r Report) Table(w io.Writer) error {
	p := &printer{w: w, o: r.o}
	active := 0
	for i := range r.Incidents {
		if r.Incidents[i].State == string(incident.Active) {
			active++
		}
	}
	p.line(r.o.text("%d 个未恢复，%d 个已恢复（截至 %s）", "%d active, %d resolved (as of %s)"), active, len(r.Incidents)-active, r.AsOf.Format("2006-01-02 15:04:05 -07:00"))
	if r.Partial != "" {
		p.line(r.o.text("！结果不完整：%s", "! The answer is not complete: %s"), r.Partial)
	}
	for _, what := range r.Unread {
		p.line(r.o.text("！未读取：%s", "! Not read: %s"), what)
	}
	for i := range r.Incidents {
		p.line("")
		p.incident(&r.Incidents[i], r.AsOf)
	}
	return p.err
}

// printer keeps the first error of writing.
type printer struct {
	w   io.Writer
	o   Options
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) field(zh, en, text string) {
	if text == "" {
		return
	}
	p.line("  %s %s", p.o.text(pad(zh, 4), fmt.Sprintf("%-9s", en)), text)
}

// pad fills a word of full-width characters up to n of them.
func pad(s string, n int) string {
	return s + strings.Repeat("　", max(0, n-len([]rune(s))))
}

func (p *printer) incident(inc *Incident, now time.Time) {
	active := inc.State == string(incident.Active)
	mark := "✓"
	if active {
		mark = "●"
	}
	state := p.o.say(inc.State)
	if inc.Reason != "" {
		state += p.o.text("（"+p.o.say(inc.Reason)+"）", " ("+p.o.say(inc.Reason)+")")
	}
	p.line("%s %s · %s · %s · %s", mark, p.o.say(inc.Severity), state, p.o.say(inc.Verdict), inc.Title)
	p.field("特征", "signature", inc.Signature+"  ("+p.o.say(inc.Class)+")")
	p.field("位置", "where", p.where(inc))
	p.field("时间", "since", p.when(inc, now))
	if active {
		p.field("说明", "what", inc.Summary)
	}
	p.field("依据", "verdict", p.verdict(inc))
	p.evidence(inc, active)
	if !active {
		return
	}
	p.hypotheses(inc)
	p.steps(inc.Steps)
	p.field("编号", "id", inc.ID)
}

func (p *printer) where(inc *Incident) string {
	names := make([]string, 0, len(inc.Hosts))
	for _, h := range inc.Hosts {
		names = append(names, incident.OneLine(h.Name, 80))
	}
	out := incident.OneLine(inc.Subject, 200)
	names = slices.DeleteFunc(names, func(n string) bool { return strings.Contains(out, n) })
	if len(names) > shownHosts {
		names = append(names[:shownHosts:shownHosts], p.o.text(fmt.Sprintf("等 %d 台", len(inc.Hosts)), fmt.Sprintf("… %d hosts", len(inc.Hosts))))
	}
	if len(names) > 0 {
		out += p.o.text("；主机 ", "; hosts ") + strings.Join(names, ", ")
	}
	return strings.TrimLeft(out, "；; ")
}

func (p *printer) when(inc *Incident, now time.Time) string {
	start := inc.Start.Format(time.DateTime)
	if !inc.StartKnown {
		start = p.o.text("早于 ", "before ") + start
	}
	lines := p.o.text(fmt.Sprintf("%d 行日志", inc.Count), fmt.Sprintf("%d lines", inc.Count))
	if inc.Count == 1 {
		lines = p.o.text("1 行日志", "1 line")
	}
	last := inc.Last.Format(time.TimeOnly)
	if inc.End != nil {
		return p.o.text(
			fmt.Sprintf("%s 至 %s，持续 %s，%s", start, inc.End.Format(time.DateTime), p.o.ago(inc.End.Sub(inc.Start)), lines),
			fmt.Sprintf("%s until %s (%s), %s", start, inc.End.Format(time.DateTime), p.o.ago(inc.End.Sub(inc.Start)), lines))
	}
	return p.o.text(
		fmt.Sprintf("%s 起（已 %s），最近 %s，%s", start, p.o.ago(now.Sub(inc.Start)), last, lines),
		fmt.Sprintf("%s (for %s), last seen %s, %s", start, p.o.ago(now.Sub(inc.Start)), last, lines))
}

// verdict says what an incident's certainty rests on, where another incident decides it.
func (p *printer) verdict(inc *Incident) string {
	if inc.Cause != nil {
		return p.o.text("根因有日志证据：", "its cause is in the logs: ") + inc.Cause.Signature + "  " + inc.Cause.ID
	}
	var out []string
	for _, w := range inc.Why {
		switch w.Rule {
		case "no-cause-evidence":
			out = append(out, p.o.text("没有找到根因的日志：", "no log line of its cause was found: ")+w.Detail)
		case "unclear":
			out = append(out, p.o.text("这些日志可能只是引用，因此最多为疑似", "its lines may be quotations, so it is suspected at most"))
		case "refute":
			out = append(out, p.o.text("有反证：", "disproved by: ")+w.Detail)
		}
	}
	if len(inc.Symptoms) > 0 {
		names := make([]string, 0, len(inc.Symptoms))
		for _, s := range inc.Symptoms {
			if !slices.Contains(names, s.Signature) {
				names = append(names, s.Signature)
			}
		}
		out = append(out, p.o.text("由它引起：", "it explains: ")+strings.Join(names, ", "))
	}
	return strings.Join(out, p.o.text("；", "; "))
}

func (p *printer) evidence(inc *Incident, active bool) {
	n := resolvedSays
	if active {
		n = shownLines
	}
	for i, e := range inc.Evidence {
		if i == n {
			break
		}
		label, zh := "evidence", "证据"
		if i > 0 {
			label, zh = "", ""
		}
		p.line("  %s %s  %s", p.o.text(pad(zh, 4), fmt.Sprintf("%-9s", label)), e.Time.Format("15:04:05"), incident.OneLine(e.Message, maxMessage))
		if i == 0 {
			p.line("  %s           %s", p.o.text(pad("", 4), fmt.Sprintf("%-9s", "")), origin(e.Stream))
		}
	}
}

// origin names the stream of a line by the labels that people look for.
func origin(stream model.LabelSet) string {
	var out []string
	for _, name := range []model.LabelName{"cluster", "host", "instance", "pod", "filename"} {
		if v := stream[name]; v != "" {
			out = append(out, incident.OneLine(string(v), 120))
		}
	}
	return strings.Join(out, " ")
}

func (p *printer) hypotheses(inc *Incident) {
	for i, h := range inc.Hypotheses {
		if i == shownCauses || i > 0 && h.Score <= 0 {
			break
		}
		label, zh := "causes", "可能原因"
		if i > 0 {
			label, zh = "", ""
		}
		line := fmt.Sprintf("[%d] %s", h.Score, h.Text)
		if h.Next != "" {
			line += p.o.text(" 下一步：", " Next: ") + h.Next
		}
		p.line("  %s %s", p.o.text(pad(zh, 4), fmt.Sprintf("%-9s", label)), line)
	}
}

func (p *printer) steps(steps []Step) {
	for i, s := range steps {
		label, zh := "do", "处置"
		if i > 0 {
			label, zh = "", ""
		}
		margin := p.o.text(pad("", 4), fmt.Sprintf("%-9s", ""))
		head := p.o.say(s.Risk)
		if s.RunOn != "" {
			head += " · " + s.RunOn
		}
		p.line("  %s %d. [%s] %s", p.o.text(pad(zh, 4), fmt.Sprintf("%-9s", label)), i+1, head, s.Text)
		for _, command := range strings.Split(s.Command, "\n") {
			if command != "" {
				p.line("  %s    $ %s", margin, command)
			}
		}
		for _, m := range s.Missing {
			p.line("  %s      %s", margin, m)
		}
		if s.Link != "" {
			p.line("  %s    %s", margin, s.Link)
		}
	}
}
