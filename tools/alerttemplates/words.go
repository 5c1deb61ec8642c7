package main

import "fmt"

// words are the texts of the notifications. %s and %d are filled in by printf inside the templates.
var words = map[string]map[string]string{
	"zh": {
		"titleFiring":   "【蓝鲸告警】",
		"titleResolved": "【蓝鲸恢复】",
		"titleClosed":   "【蓝鲸告警关闭】",
		"colon":         "：",
		"inAll":         "（共 {{ . }} 个）",
		"firing":        "告警",
		"recovered":     "已恢复",
		"closed":        "已关闭",

		"subject":     "位置",
		"hosts":       "主机",
		"since":       "开始",
		"until":       "恢复",
		"closedAt":    "关闭",
		"reason":      "依据",
		"verdict":     "判定",
		"count":       "日志行数",
		"evidence":    "证据",
		"description": "说明",
		"step":        "第一步",
		"error":       "错误",
		"incident":    "事件详情",
		"runbook":     "处置手册",
		"document":    "官方文档",
		"silence":     "静默",

		"notRecovered":       "注意：告警因 {{ . }} 关闭，并未检测到恢复。",
		"notRecoveredFormat": "注意：告警因 %s 关闭，并未检测到恢复。",
		"firstFiring":        "共 {{ len .Alerts.Firing }} 个告警，以上是其中 20 个。",
		"firstResolved":      "共 {{ len .Alerts.Resolved }} 个恢复，以上是其中 20 个。",
		"more":               "另有 {{ . }} 个，请在 Grafana 中查看。",
		"moreFormat":         "另有 %d 个，请在 Grafana 中查看。",
	},
	"en": {
		"titleFiring":   "[BlueKing alert] ",
		"titleResolved": "[BlueKing recovered] ",
		"titleClosed":   "[BlueKing alert closed] ",
		"colon":         ": ",
		"inAll":         " ({{ . }} in all)",
		"firing":        "Firing",
		"recovered":     "Recovered",
		"closed":        "Closed",

		"subject":     "Where",
		"hosts":       "Hosts",
		"since":       "Since",
		"until":       "Until",
		"closedAt":    "Closed",
		"reason":      "Reason",
		"verdict":     "Verdict",
		"count":       "Log lines",
		"evidence":    "Evidence",
		"description": "About",
		"step":        "First step",
		"error":       "Error",
		"incident":    "Incident",
		"runbook":     "Runbook",
		"document":    "Documentation",
		"silence":     "Silence",

		"notRecovered":       "Note: closed because of {{ . }}; no recovery was seen.",
		"notRecoveredFormat": "Note: closed because of %s; no recovery was seen.",
		"firstFiring":        "{{ len .Alerts.Firing }} alerts in all, these are 20 of them.",
		"firstResolved":      "{{ len .Alerts.Resolved }} recoveries in all, these are 20 of them.",
		"more":               "{{ . }} more, see Grafana.",
		"moreFormat":         "%d more, see Grafana.",
	},
}

// zones are the time zones of the readers, and their names in a text. English readers may be anywhere. "CST" would name
// two zones. Times of the data source come in these zones, too, see pkg/frames.
var zones = map[string]struct{ tz, name string }{"zh": {"Asia/Shanghai", "UTC+8"}, "en": {"UTC", "UTC"}}

// severities and verdicts are translated by value; the same words as in pkg/frames.
var (
	severities = map[string][][2]string{
		"zh": {{"critical", "致命"}, {"high", "严重"}, {"medium", "一般"}, {"low", "轻微"}},
		"en": {},
	}
	verdicts = map[string][][2]string{
		"zh": {{"confirmed", "确认"}, {"suspected", "疑似"}, {"refuted", "排除"}},
		"en": {},
	}
)

func word(lang, key string) (string, error) {
	if w, ok := words[lang][key]; ok {
		return w, nil
	}
	return "", fmt.Errorf("no word %q in %q", key, lang)
}

// line is the beginning of a line that has a name.
func line(lang, key string) (string, error) {
	w, err := word(lang, key)
	return w + words[lang]["colon"], err
}

// translate is an expression that turns the value of another into a word.
func translate(lang, expr string, table map[string][][2]string) string {
	for _, pair := range table[lang] {
		expr += fmt.Sprintf(` | reReplaceAll "^%s$" %q`, pair[0], pair[1])
	}
	return expr
}
