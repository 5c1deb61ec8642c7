package event

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
)

// jsonOf encodes as Go, Java and Python programs may: with characters as they are, or ASCII only.
func jsonOf(ascii bool, v any) string {
	if ascii {
		return asJSON(v)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

type fields = map[string]any

// wrappers put a line of a program into what carries it to a store.
var wrappers = map[string]func(s string) string{
	"cri": func(s string) string { return "2024-10-22T09:01:02.345678901Z stdout F " + s },
	"docker": func(s string) string {
		return jsonOf(false, fields{"log": s + "\n", "stream": "stderr", "time": "2024-10-22T09:01:02.3Z"})
	},
	"python": func(s string) string {
		return jsonOf(true, fields{"levelname": "ERROR", "asctime": "2024-10-22 17:01:02,345", "message": s})
	},
	"capitals": func(s string) string { return jsonOf(true, fields{"LEVEL": "ERROR", "MESSAGE": s}) },
	"elastic": func(s string) string {
		return jsonOf(false, fields{"@timestamp": "2024-10-22T09:01:02Z", "@message": s, "agent": fields{"message": "x"}})
	},
	"nested": func(s string) string { return jsonOf(false, fields{"data": fields{"message": s}}) },
	"filebeat": func(s string) string {
		return jsonOf(false, fields{"log": fields{"file": fields{"path": "/x"}}, "message": s, "kubernetes": fields{"pod_name": "bk-nodeman-backend-bworker-5c7d9-x2x4z"}})
	},
	"bk-log": func(s string) string {
		return jsonOf(false, fields{"dataid": 1, "items": []any{fields{"data": s, "iterationindex": 0}}, "ext": fields{"k": "v"}})
	},
	"bk-log-list": func(s string) string { return jsonOf(false, fields{"dataid": 1, "data": []string{s}}) },
	"otel": func(s string) string {
		return jsonOf(false, fields{"resourceLogs": []any{fields{"resource": fields{"attributes": []any{fields{"key": "k8s.pod.name", "value": fields{"stringValue": "p"}}}}, "scopeLogs": []any{fields{"logRecords": []any{fields{"timeUnixNano": "1", "severityText": "ERROR", "body": fields{"stringValue": s}}}}}}}})
	},
	"otel-body": func(s string) string {
		return jsonOf(false, fields{"body": fields{"stringValue": s}, "severityNumber": 17})
	},
	"journald-json": func(s string) string {
		return jsonOf(false, fields{"__REALTIME_TIMESTAMP": "1", "PRIORITY": "3", "MESSAGE": s})
	},
	"journald-bytes": func(s string) string {
		numbers := make([]int, len(s))
		for i := range len(s) {
			numbers[i] = int(s[i])
		}
		return jsonOf(false, fields{"MESSAGE": numbers, "PRIORITY": "3"})
	},
	"rfc3164":  func(s string) string { return "<11>Oct 22 17:01:02 node-3 nodeman[12]: " + s },
	"journal":  func(s string) string { return "Oct 22 17:01:02 node-3 nodeman[12]: " + s },
	"rfc5424":  func(s string) string { return `<11>1 2024-10-22T09:01:02.003Z node-3 nodeman 12 ID47 [x@1 a="b"] ` + s },
	"rfc5424b": func(s string) string { return "1 2024-10-22T09:01:02.003Z node-3 nodeman - - - " + s },
	"kubectl": func(s string) string {
		return "[pod/bk-nodeman-backend-bworker-5c7d9-x2x4z/bworker] 2024-10-22T09:01:02.345678901Z " + s
	},
	"stern":   func(s string) string { return "bk-nodeman-backend-bworker-5c7d98b-x2x4z bworker " + s },
	"compose": func(s string) string { return "bk-nodeman-backend-1  | " + s },
	"logfmt": func(s string) string {
		return "ts=2024-10-22T09:01:02Z level=error caller=x.go:3 msg=" + jsonOf(false, s)
	},
	"ansi":    func(s string) string { return "\x1b[31m" + s + "\x1b[0m" },
	"crlf":    func(s string) string { return s + "\r\n" },
	"bom":     func(s string) string { return "\ufeff" + s },
	"escaped": func(s string) string { return jsonOf(true, s) },
	"journald-bytes-old": func(s string) string {
		return strings.Replace(strings.ReplaceAll(fmt.Sprintf("%d", []byte("\x1b[31m"+s+"\x1b[0m")), " ", ", "), "[", `{"PRIORITY":"6","MESSAGE" : [ `, 1) + "}"
	},
	"fluent-bit": func(s string) string {
		return `[0] kube.x: [[1795990000.314159265, {}], {"stream"=>"stderr", "log"=>` + jsonOf(false, s) + `}]`
	},
	"logcli": func(s string) string { return `2026-11-29T08:15:27Z {namespace="blueking", pod="p-x"} ` + s },
	"pack":   func(s string) string { return jsonOf(false, fields{"_entry": s, "pod": "p"}) },
	"gcp": func(s string) string {
		return jsonOf(false, fields{"jsonPayload": fields{"message": s}, "severity": "DEFAULT"})
	},
	"splunk": func(s string) string { return jsonOf(false, fields{"event": s, "sourcetype": "bk"}) },
	"cls":    func(s string) string { return jsonOf(false, fields{"__CONTENT__": s, "__SOURCE__": "10.1.1.1"}) },
	"original": func(s string) string {
		return jsonOf(false, fields{"event": fields{"original": s}, "ecs": fields{"version": "8.0.0"}})
	},
	"gelf": func(s string) string { return jsonOf(false, fields{"short_message": s, "full_message": s, "level": 3}) },
	"serilog": func(s string) string {
		return jsonOf(false, fields{"@t": "2026-11-29T08:15:27.314Z", "@m": s, "@l": "Error"})
	},
	"api": func(s string) string {
		return jsonOf(false, fields{"data": fields{"result": []any{fields{"stream": fields{"pod": "p"}, "values": []any{[]string{"1", s}}}}}})
	},
	"repr": func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\x1b", `\x1b`, "\ufeff", `\ufeff`).Replace(s) + "'"
	},
	"csv": func(s string) string { return `1795990000314,"` + strings.ReplaceAll(s, `"`, `""`) + `",p` },
	"xml": func(s string) string {
		return `<Event><System><Level>2</Level></System><EventData><Data>` + html.EscapeString(s) + `</Data></EventData></Event>`
	},
	"html": func(s string) string {
		return `<tr><td>2024-10-22T09:01:02Z</td><td class="err">` + html.EscapeString(s) + `</td></tr>`
	},
	"tsv": func(s string) string {
		return "2024-10-22T09:01:02Z\t\"p\"\t\"" + strings.ReplaceAll(s, `"`, `""`) + `"`
	},
	"explore": func(s string) string {
		return `"{""pod"":""bk-nodeman-backend-bworker-5c7d9-x2x4z"",""namespace"":""blueking"",""container"":""bworker""}","` + strings.ReplaceAll(s, `"`, `""`) + `"`
	},
	"yaml":         func(s string) string { return "- message: " + jsonOf(false, s) },
	"yaml-map":     func(s string) string { return "- time: 2024-10-22\n  level: error\n  message: " + jsonOf(false, s) },
	"yaml-flow":    func(s string) string { return "- {stream: stderr, log: " + jsonOf(false, s) + "}" },
	"yaml-block":   func(s string) string { return "level: error\nmessage: |-\n  " + strings.ReplaceAll(s, "\n", "\n  ") },
	"go":           func(s string) string { return "{Level:error Stream:stderr Message:" + jsonOf(false, s) + "}" },
	"python-class": func(s string) string { return "LogRecord(ts=1795990000.31, message=" + jsonOf(false, s) + ")" },
	"cef": func(s string) string {
		return "CEF:0|a|b|1|c|d|7|dhost=10.0.0.8 msg=" + strings.NewReplacer(`\`, `\\`, "=", `\=`, "\n", `\n`, "\r", `\r`).Replace(s)
	},
	"export": func(s string) string { return "时间：2024-10-22 17:01:02 主机：10.0.0.8 日志内容：" + s },
	"form": func(s string) string {
		return "【时间】2024-10-22 17:01:02【主机】10.0.0.8【日志内容】" + s
	},
	"java":    func(s string) string { return "Nov 10, 2026 2:49:28 PM com.x.Forwarder emit\nSEVERE: " + s },
	"java-zh": func(s string) string { return "十一月 12, 2026 4:05:47 上午 com.x.Forwarder emit\n严重: " + s },
	"forward": func(s string) string {
		return jsonOf(false, []any{"kube.x", []any{[]any{1795990000, fields{"log": s}}}})
	},
}
