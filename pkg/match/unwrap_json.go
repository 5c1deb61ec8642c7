package match

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
)

// messageKeys are the JSON fields that carry a message, by whom: python-json-logger (message, exc_info), docker
// (log), logback and zap encoders (msg), collectors (content, line, data).
var messageKeys = []string{"message", "log", "msg", "content", "line", "data", "exc_info", "stack_trace"}

var levelKeys = []string{"levelname", "level", "severity"}

var (
	workerIP   = regexp.MustCompile(`\bip -> ([0-9A-Fa-f:.]+)`)
	workerSub  = regexp.MustCompile(`\bsub_inst_id -> (\d+)`)
	workerStep = regexp.MustCompile(`'step': '([\w-]+)'`)
)

// json unwraps a JSON object; false when it is none, so that the caller takes the text as it is.
func (u *unwrapper) json(s string, outer Message, depth int) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &fields) != nil {
		// Docker cuts lines at 16 KiB and collectors at their own limits: what is left of a JSON line is still
		// worth reading, with the escapes undone.
		if strings.Contains(s, `":`) {
			u.broken(s, outer, depth)
			return true
		}
		return false
	}
	inner := outer.in("json")
	for _, key := range levelKeys {
		if level := ParseLevel(stringField(fields, key)); level != UnknownLevel {
			inner.Level = level
			break
		}
	}
	inner.Attrs = Attrs{Step: stringField(fields, "step"), TaskID: stringField(fields, "task_id")}.merge(outer.Attrs)
	if _, ok := fields["logs"]; ok && u.reportBody(fields, inner, depth) {
		return true
	}
	found := false
	for _, key := range messageKeys {
		if text := stringField(fields, key); text != "" {
			found = true
			u.text(text, inner, depth+1)
		}
	}
	return found
}

func stringField(fields map[string]json.RawMessage, key string) string {
	raw, ok := fields[key]
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return ""
}

// report unwraps `b'…'` of a report_log line.
func (u *unwrapper) report(s, quote string, outer Message, depth int) {
	if end := strings.LastIndex(s, quote); end >= 0 {
		s = s[:end]
	}
	body := unescapePython(s)
	inner := outer.in("report_log")
	// The INFO of the carrying record says nothing about the installer's lines.
	inner.Level = UnknownLevel
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &fields) == nil && u.reportBody(fields, inner, depth) {
		return
	}
	u.broken(body, inner, depth)
}

// reportBody unwraps {"task_id": …, "logs": [{"level": …, "step": …, "log": …, "status": …}]}.
func (u *unwrapper) reportBody(fields map[string]json.RawMessage, outer Message, depth int) bool {
	var logs []struct {
		Level  string `json:"level"`
		Step   string `json:"step"`
		Log    string `json:"log"`
		Status string `json:"status"`
	}
	if json.Unmarshal(fields["logs"], &logs) != nil {
		return false
	}
	outer.Attrs.TaskID = cmp.Or(scalarField(fields, "task_id"), outer.Attrs.TaskID)
	for _, l := range logs {
		inner := outer
		inner.Level = ParseLevel(l.Level)
		if l.Status == "FAILED" {
			inner.Level = Error
		}
		inner.Attrs.Step = cmp.Or(l.Step, outer.Attrs.Step)
		u.text(l.Log, inner, depth+1)
	}
	return true
}

func scalarField(fields map[string]json.RawMessage, key string) string {
	return strings.Trim(string(fields[key]), `"`)
}

var brokenField = regexp.MustCompile(`"(message|log|msg|content|levelname|level|step|task_id|status|exc_info)"\s*:\s*"((?:[^"\\]|\\.)*)`)

// broken reads the fields that are whole, or cut off at the end, from JSON that does not parse.
func (u *unwrapper) broken(s string, outer Message, depth int) {
	inner := outer.in("broken-json")
	for _, m := range brokenField.FindAllStringSubmatch(s, maxMessages) {
		value := unescapeJSON(m[2])
		switch m[1] {
		case "levelname", "level":
			if level := ParseLevel(value); level != UnknownLevel {
				inner.Level = level
			}
		case "status":
			if value == "FAILED" {
				inner.Level = Error
			}
		case "step":
			inner.Attrs.Step = value
		case "task_id":
			inner.Attrs.TaskID = value
		default:
			u.text(value, inner, depth+1)
		}
	}
}
