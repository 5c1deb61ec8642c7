package report

import (
	"fmt"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// words are the values of an incident's properties as the dashboards show them.
var words = map[string]struct{ zh, en string }{
	"critical": {"致命", "CRITICAL"},
	"high":     {"严重", "HIGH"},
	"medium":   {"一般", "MEDIUM"},
	"low":      {"轻微", "LOW"},

	"active":    {"未恢复", "active"},
	"resolved":  {"已恢复", "resolved"},
	"recovered": {"有恢复日志", "recovered"},
	"quiet":     {"不再出现", "gone quiet"},

	"suspected": {"疑似", "suspected"},
	"confirmed": {"确认", "confirmed"},
	"refuted":   {"排除", "refuted"},

	"environment": {"环境问题", "environment"},
	"operation":   {"操作不当", "operation"},
	"upstream":    {"待开发排查", "upstream"},
	"unknown":     {"未知", "unknown"},

	"read-only":   {"只读", "read-only"},
	"change":      {"变更", "change"},
	"destructive": {"有破坏性，先与负责人确认", "DESTRUCTIVE, get a confirmation first"},
}

// Word is a value of an incident's properties as people read it.
func Word(value string, lang signature.Lang) string { return Options{Lang: lang}.say(value) }

// say returns the word for a value, or a text in the language.
func (o Options) say(value string) string {
	if w, ok := words[value]; ok {
		return o.text(w.zh, w.en)
	}
	return value
}

func (o Options) text(zh, en string) string {
	if o.Lang == signature.ZH {
		return zh
	}
	return en
}

// ago writes how long something has lasted, in its two largest units.
func (o Options) ago(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return o.text(fmt.Sprintf("%d 天 %d 小时", days, hours), fmt.Sprintf("%dd %dh", days, hours))
	case hours > 0:
		return o.text(fmt.Sprintf("%d 小时 %d 分", hours, minutes), fmt.Sprintf("%dh %dm", hours, minutes))
	case minutes > 0:
		return o.text(fmt.Sprintf("%d 分 %d 秒", minutes, seconds), fmt.Sprintf("%dm %ds", minutes, seconds))
	}
	return o.text(fmt.Sprintf("%d 秒", seconds), fmt.Sprintf("%ds", seconds))
}
