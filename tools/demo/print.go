package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// printer writes the answer for a person and keeps the first error.
type printer struct {
	w    io.Writer
	lang string
	err  error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// say writes a line in the language.
func (p *printer) say(zh, en string) { p.line("%s", p.text(zh, en)) }

func (p *printer) text(zh, en string) string {
	if p.lang == "zh" {
		return zh
	}
	return en
}

// field writes one labelled line.
func (p *printer) field(zh, en, value string) {
	if value != "" {
		p.line("   %s%s", p.text(zh+"　"+strings.Repeat("　", 3-len([]rune(zh))), fmt.Sprintf("%-10s", en)), value)
	}
}

var words = map[string][2]string{
	"critical": {"致命", "CRITICAL"}, "high": {"严重", "HIGH"}, "medium": {"一般", "MEDIUM"}, "low": {"轻微", "LOW"},
	"confirmed": {"确认", "confirmed"}, "suspected": {"疑似", "suspected"}, "refuted": {"排除", "refuted"},
	"recovered": {"有恢复日志", "recovered"}, "quiet": {"不再出现", "gone quiet"},
	"read-only": {"只读", "read-only"}, "change": {"变更", "change"}, "destructive": {"有破坏性，先与负责人确认", "DESTRUCTIVE, get a confirmation first"},
	"environment": {"环境问题", "environment"}, "operation": {"操作不当", "operation"}, "upstream": {"待开发排查", "upstream"},
}

func (p *printer) word(value string) string {
	if w, ok := words[value]; ok {
		return p.text(w[0], w[1])
	}
	return value
}

// answer prints active incidents with evidence and steps, then what is over, a line each.
func (p *printer) answer(a *answer, loki bool) {
	where := p.text("内置样例日志", "the built-in sample logs")
	if loki {
		where = p.text("真实的 Loki", "a real Loki")
	}
	p.line("%s", p.text("蓝鲸故障，最近 24 小时，来自"+where, "BlueKing incidents of the last 24 hours, out of "+where))
	p.line("%s", a.health)
	var active, over []int
	for row := range a.incidents.rows() {
		if a.incidents.text("state", row) == "active" {
			active = append(active, row)
		} else {
			over = append(over, row)
		}
	}
	p.line("\n== %s ==", p.text(fmt.Sprintf("未恢复 %d 个", len(active)), fmt.Sprintf("%d active", len(active))))
	for _, row := range active {
		p.active(a, row)
	}
	p.line("\n== %s ==", p.text(fmt.Sprintf("已恢复 %d 个", len(over)), fmt.Sprintf("%d over", len(over))))
	for _, row := range over {
		p.over(a, row)
	}
	p.line("")
}

func (p *printer) active(a *answer, row int) {
	t := a.incidents
	cell := func(column string) string { return t.text(column, row) }
	p.line("\n● %s  %s  [%s]", p.word(cell("severity")), cell("title"), p.word(cell("verdict")))
	p.field("特征", "signature", cell("signature")+" ("+p.word(cell("class"))+")")
	p.field("对象", "subject", cell("subject"))
	p.field("主机", "hosts", cell("hosts"))
	since := t.time("since", row)
	p.field("时间", "since", p.text(
		fmt.Sprintf("%s 起，已 %s，最近 %s，%s 行日志", clock(since), span(a.to.Sub(since)), clock(t.time("last", row)), cell("count")),
		fmt.Sprintf("%s, for %s, last seen %s, %s lines", clock(since), span(a.to.Sub(since)), clock(t.time("last", row)), cell("count"))))
	p.field("说明", "what", cell("summary"))
	p.field("根因", "cause", cell("cause"))
	p.field("引发", "explains", cell("symptoms"))
	p.field("证据", "evidence", shorten(cell("evidence")))
	steps := a.steps[cell("id")]
	for i := range steps.rows() {
		step := func(column string) string { return steps.text(column, i) }
		head := p.word(step("risk"))
		if step("run_on") != "" {
			head += " · " + step("run_on")
		}
		p.line("   %s%d. [%s] %s", p.label(i), i+1, head, step("text"))
		for _, command := range strings.Split(step("command"), "\n") {
			if command != "" {
				p.line("   %s   $ %s", p.margin(), command)
			}
		}
		if step("missing") != "" {
			p.line("   %s     %s", p.margin(), strings.ReplaceAll(step("missing"), "\n", "; "))
		}
		if step("link") != "" {
			p.line("   %s   %s", p.margin(), step("link"))
		}
	}
}

// label stands before the first step.
func (p *printer) label(i int) string {
	if i > 0 {
		return p.margin()
	}
	return p.text("处置　　", fmt.Sprintf("%-10s", "do"))
}

func (p *printer) margin() string { return p.text("　　　　", strings.Repeat(" ", 10)) }

func (p *printer) over(a *answer, row int) {
	t := a.incidents
	cell := func(column string) string { return t.text(column, row) }
	who := cell("subject")
	if hosts := cell("hosts"); hosts != "" && !strings.Contains(who, hosts) {
		who += p.text("，主机 ", ", hosts ") + hosts
	}
	p.line("✓ %s–%s  %s  %s", clock(t.time("since", row)), clock(t.time("end", row)), cell("signature"), cell("title"))
	p.line("   %s · %s · %s · %s", p.word(cell("verdict")), p.word(cell("reason")),
		p.text(cell("count")+" 行日志", cell("count")+" lines"), who)
	p.field("证据", "evidence", shorten(cell("evidence")))
	p.field("第一步", "do first", cell("first_step"))
}

// next says what to do after the demo.
func (p *printer) next(loki bool) {
	p.say("接下来：", "Next:")
	if !loki {
		p.say("  go tool mage demoLoki   同样的日志，换成真实的 Loki（首次构建约 5 分钟）",
			"  go tool mage demoLoki   the same lines in a real Loki (built on the first run, about five minutes)")
	}
	p.say("  docker compose up       在 Grafana 中看仪表盘和告警；或设置 GRAFANA_HOME 后再运行 go tool mage demo",
		"  docker compose up       dashboards and alerts in Grafana; or set GRAFANA_HOME and run go tool mage demo again")
	p.say("  bin/bkincidents scan 日志文件   在自己的日志文件里找故障", "  bin/bkincidents scan FILE       find the failures in log files of your own")
}

func clock(t time.Time) string { return t.Local().Format("01-02 15:04:05") }

// span writes a duration to the minute.
func span(d time.Duration) string {
	text := d.Truncate(time.Minute).String()
	return strings.TrimSuffix(text, "0s")
}

// shorten cuts a log line that would fill the screen.
func shorten(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
