package trend

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
)

func text(lang signature.Lang, zh, en string) string {
	if lang == signature.ZH {
		return zh
	}
	return en
}

// proposal is what to do about a noisy signature. A built-in one cannot be changed by its user, but its alerts can be.
func proposal(custom bool, lang signature.Lang) string {
	if custom {
		return text(lang, "把它的 status 改为 shadow：仍会记录，但不再告警", "set its status to shadow: it is still recorded, and no longer alerts")
	}
	return text(lang, "在通知策略中按标签 signature 静默它，并反馈这些日志", "mute it by the label signature in the notification policies, and report the lines")
}

// writer keeps the first error of writing.
type writer struct {
	w    io.Writer
	lang signature.Lang
	err  error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format+"\n", args...)
	}
}

func (w *writer) say(zh, en string) string { return text(w.lang, zh, en) }

// table writes rows in columns below a title; nothing where there are none.
func (w *writer) table(title string, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	w.line("\n%s", title)
	all := append([][]string{head}, rows...)
	widest := make([]int, len(head))
	for _, row := range all {
		for i, cell := range row {
			widest[i] = max(widest[i], cells(cell))
		}
	}
	for _, row := range all {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString("  " + cell + strings.Repeat(" ", widest[i]-cells(cell)))
		}
		w.line("%s", strings.TrimRight(b.String(), " "))
	}
}

// cells is how many columns of a terminal a text takes: Chinese takes two a character.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n++
		if unicode.Is(unicode.Han, r) || r >= 0xFF01 && r <= 0xFF60 {
			n++
		}
	}
	return n
}

// Write writes the trend for people.
func (t *Trend) Write(out io.Writer) error {
	w := &writer{w: out, lang: t.lang}
	w.line(w.say("%s 至 %s：%d 个故障事件，其中 %d 个未恢复", "%s to %s: %d incidents, %d of them active"),
		t.Start.Format(time.DateTime), t.End.Format(time.DateTime), t.Incidents, t.Active)
	if t.Partial != "" {
		w.line(w.say("！结果不完整：%s", "! The numbers are not complete: %s"), t.Partial)
	}
	w.classes(t.Classes)
	w.signatures(t.Signatures)
	w.causes(t.Causes)
	w.weeks(t.Weeks)
	w.noisy(t.Noisy)
	w.never(t.Never)
	return w.err
}

func (w *writer) classes(all []Class) {
	parts := make([]string, len(all))
	for i, c := range all {
		parts[i] = fmt.Sprintf("%s %d", report.Word(c.Class, w.lang), c.Incidents)
	}
	if len(parts) > 0 {
		w.line(w.say("问题归属：%s", "by class: %s"), strings.Join(parts, ", "))
	}
}

func (w *writer) signatures(all []Signature) {
	var rows [][]string
	for _, s := range all {
		rows = append(rows, []string{fmt.Sprint(s.Incidents), fmt.Sprint(s.Active), fmt.Sprint(s.Confirmed), fmt.Sprint(s.Hosts), fmt.Sprint(s.Lines), s.Signature, s.Title})
	}
	w.table(w.say("按特征", "By signature"), []string{
		w.say("事件", "INCIDENTS"), w.say("未恢复", "ACTIVE"), w.say("确认", "CONFIRMED"), w.say("主机", "HOSTS"), w.say("日志行", "LINES"), w.say("特征", "SIGNATURE"), w.say("故障现象", "TITLE"),
	}, rows)
}

func (w *writer) causes(all []Cause) {
	var rows [][]string
	for _, c := range all {
		mean, longest := "-", "-"
		if c.Measured > 0 {
			mean, longest = w.took(c.MeanSeconds), w.took(c.LongestSeconds)
		}
		rows = append(rows, []string{mean, longest, fmt.Sprintf("%d/%d", c.Measured, c.Incidents), c.Signature, c.Title})
	}
	w.table(w.say("按原因的平均恢复时间（症状计入其原因）", "Mean time to recover by cause (symptoms count for their cause)"), []string{
		w.say("平均", "MEAN"), w.say("最长", "LONGEST"), w.say("计入/事件", "MEASURED"), w.say("特征", "SIGNATURE"), w.say("故障现象", "TITLE"),
	}, rows)
}

func (w *writer) weeks(all []Week) {
	var rows [][]string
	for _, k := range all {
		share := "-"
		if k.Share != nil {
			share = fmt.Sprintf("%.1f %%", *k.Share*100)
		}
		if k.Partial != "" {
			share += w.say("（未读全）", " (not all read)")
		}
		rows = append(rows, []string{k.Start.Format(time.DateOnly), fmt.Sprint(k.Incidents), fmt.Sprint(k.Errors), share})
	}
	w.table(w.say("按周：错误日志中有特征解释的比例", "By week: share of the error lines that signatures explain"), []string{
		w.say("起始", "FROM"), w.say("新事件", "NEW INCIDENTS"), w.say("错误日志", "ERROR LINES"), w.say("已解释", "EXPLAINED"),
	}, rows)
}

func (w *writer) noisy(all []Noise) {
	var rows [][]string
	for _, n := range all {
		rows = append(rows, []string{n.Signature, fmt.Sprint(n.Incidents), fmt.Sprintf("%.0f %%", n.Share*100), n.Proposal})
	}
	w.table(w.say("噪声：多为疑似、一分钟内自行消失的特征", "Noise: mostly suspected only, and gone within a minute"), []string{
		w.say("特征", "SIGNATURE"), w.say("事件", "INCIDENTS"), w.say("其中噪声", "NOISE"), w.say("建议", "PROPOSAL"),
	}, rows)
}

// never lists the signatures without an incident, those that no log can show apart: the first are good news.
func (w *writer) never(all []Unseen) {
	var quiet, blind []string
	for _, u := range all {
		if u.Reachable {
			quiet = append(quiet, u.Signature)
		} else {
			blind = append(blind, u.Signature)
		}
	}
	if len(quiet) > 0 {
		w.line("\n"+w.say("从未出现（%d 个特征）：%s", "Never seen (%d signatures): %s"), len(quiet), strings.Join(quiet, ", "))
	}
	if len(blind) > 0 {
		w.line("\n"+w.say("所读的日志中不可能出现（%d 个特征，未采集相应的日志）：%s", "No log that is read can show these (%d signatures): %s"), len(blind), strings.Join(blind, ", "))
	}
}

// took writes a number of seconds in its two largest units.
func (w *writer) took(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf(w.say("%d 天 %d 小时", "%dd %dh"), days, hours)
	case hours > 0:
		return fmt.Sprintf(w.say("%d 小时 %d 分", "%dh %dm"), hours, minutes)
	}
	return fmt.Sprintf(w.say("%d 分 %d 秒", "%dm %ds"), minutes, int(d.Seconds())%60)
}
