package event

import (
	"cmp"
	"slices"
	"strings"
)

// keyKind is what the field of a record is to us.
type keyKind byte

const (
	otherKey keyKind = iota
	// primaryKey carries the message; secondaryKey does where no primary one is beside it.
	primaryKey
	secondaryKey
	// detailKey carries what belongs to the message: a traceback, a cause.
	detailKey
	levelKey
	timeKey
	podKey
	requestKey
	taskKey
	subInstKey
	stepKey
	statusKey
)

// keyKinds are the fields that encoders and collectors write, in lower case without a leading @ or _.
var keyKinds = map[string]keyKind{
	"message": primaryKey, "msg": primaryKey, "log": primaryKey, "short_message": primaryKey, "textpayload": primaryKey,
	"event": secondaryKey, "m": secondaryKey, "mt": secondaryKey, "entry": secondaryKey, "payload": secondaryKey, "record": secondaryKey, "txt": secondaryKey,
	"content": secondaryKey, "data": secondaryKey, "body": secondaryKey, "line": secondaryKey, "text": secondaryKey,
	"stringvalue": secondaryKey, "string_value": secondaryKey, "original": secondaryKey, "raw": secondaryKey, "full_message": secondaryKey, "values": secondaryKey,
	"exc_info": detailKey, "exc_text": detailKey, "stack_trace": detailKey, "stacktrace": detailKey, "exception": detailKey, "error": detailKey, "err": detailKey,
	"exception.type": detailKey, "exception.message": detailKey, "exception.stacktrace": detailKey,
	"level": levelKey, "levelname": levelKey, "severity": levelKey, "loglevel": levelKey, "log_level": levelKey, "lvl": levelKey, "log.level": levelKey,
	"severitytext": levelKey, "severity_text": levelKey, "priority": levelKey, "severitynumber": levelKey,
	"time": timeKey, "asctime": timeKey, "timestamp": timeKey, "ts": timeKey, "datetime": timeKey, "date": timeKey, "realtime_timestamp": timeKey, "timeunixnano": timeKey,
	"pod": podKey, "pod_name": podKey, "podname": podKey, "k8s.pod.name": podKey, "kubernetes.pod_name": podKey, "io_kubernetes_pod": podKey, "kubernetes_pod_name": podKey,
	"内容": secondaryKey, "日志": secondaryKey, "日志内容": primaryKey, "原始日志": primaryKey, "日志原文": primaryKey, "日志消息": primaryKey, "日志正文": primaryKey, "消息内容": primaryKey, "消息": secondaryKey, "正文": secondaryKey, "原文": secondaryKey,
	"时间": timeKey, "日期": timeKey, "日志时间": timeKey, "采集时间": timeKey, "级别": levelKey, "等级": levelKey, "日志级别": levelKey, "容器组": podKey,
	"request_id": requestKey, "requestid": requestKey, "task_id": taskKey, "sub_inst_id": subInstKey, "step": stepKey, "status": statusKey,
}

func kindOf(key string) keyKind {
	key = strings.Trim(key, "@_")
	if k, ok := keyKinds[key]; ok {
		return k
	}
	if k, ok := keyKinds[strings.ToLower(key)]; ok {
		return k
	}
	return likeMessage(key)
}

// spoken are the last words of names under which collectors keep what a program said: raw_log, logMessage, event.original.
var spoken = []string{"message", "msg", "log", "body", "content", "payload", "event", "entry", "record", "line", "raw", "original", "text"}

// sought are words in the names of what somebody asked for or wrote.
var sought = []string{"quer", "search", "request", "response", "filter", "keyword", "comment", "commit", "alert", "notif", "mail", "chat", "ticket", "sample", "example", "template", "script", "help", "note", "descri", "question", "answer", "title", "subject", "summary", "param", "args", "command", "prompt", "regex", "pattern", "rule", "工单", "搜索", "检索", "查询", "问题", "描述", "标题", "备注", "评论", "告警", "通知", "邮件", "反馈"}

// likeMessage reports a key whose last word names a message.
func likeMessage(key string) keyKind {
	singular := strings.TrimSuffix(key, "s")
	for _, word := range spoken {
		at := len(singular) - len(word)
		if at <= 0 || !strings.EqualFold(singular[at:], word) {
			continue
		}
		if c := singular[at-1]; c != '_' && c != '.' && c != '-' && (singular[at] > 'Z' || c <= 'Z') {
			return otherKey // another word
		}
		if asked(key[:at]) {
			return otherKey
		}
		return secondaryKey
	}
	return otherKey
}

// written are fields beside the content of what people write: tickets, answers, chats. Programs have some of them, too;
// those that are true say so of all fields beside them.
var written = map[string]bool{"title": true, "subject": true, "summary": true, "description": true, "author": true, "assignee": true, "reporter": true, "sender": true, "role": true, "msgtype": true, "msg_type": true, "chat_id": true,
	"expected": true, "expect": true, "solution": true, "answer": true, "fix": true, "处理": true, "处理办法": true, "解决方案": true, "解决办法": true, "现象": true, "标题": true, "主题": true, "作者": true, "提单人": true, "发送人": true,
	"channel": false, "user": false, "username": false, "from": false, "to": false}

// doing are the fields that name what somebody did, as an audit log has them.
var doing = map[string]bool{"action": true, "operation": true, "op": true, "verb": true, "activity": true}

// asked reports the name of what somebody asked for or wrote, not a program.
func asked(key string) bool {
	key = strings.ToLower(key)
	return slices.ContainsFunc(sought, func(word string) bool { return strings.Contains(key, word) })
}

// minHeaded is how long a text with a head is at least, in bytes.
const minHeaded = 12

// envelopes are fields whose objects carry messages, beside those that carry one as a string.
var envelopes = map[string]bool{
	"": true, "items": true, "logs": true, "event": true, "events": true, "record": true, "records": true, "fields": true, "source": true, "hits": true,
	"result": true, "results": true, "entry": true, "entries": true, "payload": true, "json": true, "parsed": true, "structured": true, "streams": true,
	"resourcelogs": true, "scopelogs": true, "logrecords": true, "kubernetes": true, "k8s": true, "ext": true, "attributes": true, "resource": true, "winlog": true, "properties": true, "rows": true, "logentry": true, "datarows": true, "event_data": true, "eventdata": true,
}

// opaque reports a field whose object holds what somebody sent or looked for, not what a program says.
func opaque(key string) bool {
	switch kindOf(key) {
	case primaryKey, secondaryKey, detailKey, podKey:
		return false
	}
	return !envelopes[strings.ToLower(strings.TrimLeft(key, "@_"))]
}

// set takes in the value of a field.
func (j *jsonReader) set(key, value string) {
	o := &j.stack[len(j.stack)-1]
	if key == "" || value == "" || value == "null" {
		return
	}
	if key == "key" {
		o.name = value
	}
	if o.opaque {
		// What has a pod and a message is a record, also where a search has found it.
		switch kindOf(key) {
		case podKey:
			o.Attrs.Pod, o.found = value, true
		case primaryKey:
			if o.primary = append(o.primary, value); !o.asked && len(o.unknown) < maxUnknown {
				o.unknown = append(o.unknown, value)
			}
			return
		}
		o.note(key, value)
		return
	}
	switch kindOf(key) {
	case primaryKey:
		o.primary = append(o.primary, value)
	case secondaryKey:
		if digits(value) == len(value) {
			return // the number of a line
		}
		o.secondary = append(o.secondary, value)
	case detailKey:
		o.details = append(o.details, value)
	case levelKey:
		if level := levelOf(key, value); strings.EqualFold(key, "PRIORITY") {
			o.ship(level)
		} else if level != UnknownLevel {
			o.Level, o.own = level, true
		}
	case timeKey:
		o.At = value
	case podKey:
		o.Attrs.Pod = value
	case requestKey:
		o.Attrs.RequestID = value
	case taskKey:
		o.Attrs.TaskID = value
	case subInstKey:
		o.Attrs.SubInstID = value
	case stepKey:
		o.Attrs.Step, o.own = value, true
	case statusKey:
		if value == "FAILED" || value == "FAIL" {
			o.Level, o.own = Error, true
		}
	case otherKey:
		if o.key == "pod" && key == "name" {
			o.Attrs.Pod = value
		}
		o.note(key, value)
	}
}

// note keeps the value of a field that is not known to carry messages: it may be a log line by its head.
func (o *object) note(key, value string) {
	o.Attrs.TaskID = cmp.Or(o.Attrs.TaskID, InstallerTask(value))
	all, known := written[strings.ToLower(key)]
	if doing[key] && asked(value) { // a record of what somebody did
		known, all = true, true
	}
	o.written, o.titled = o.written || known, o.titled || all
	if len(value) > minHeaded && len(o.unknown) < maxUnknown && !o.asked && (!asked(key) || o.key == "event_data") && (recordAt(value) >= 0 || failed(value)) {
		o.unknown = append(o.unknown, value)
	}
}

// failed reports a text that begins with the level of an error.
func failed(s string) bool { return headOf(Clip(s, maxBracket)).level == Error }

// logged puts out the values of unknown fields that are log lines by their heads, unless a known field says something: a
// record of any level but INFO may do both. Somebody may have pasted them there.
func (j *jsonReader) logged(o object, said []string) {
	if len(said) > 0 && (o.Level == Info || o.Level == Debug || slices.ContainsFunc(said, recorded)) {
		return
	}
	if o.Stance == Stated {
		o.Stance, o.Why = Unclear, Unnamed
	}
	for _, v := range o.unknown {
		j.out(v, o.Event)
	}
}

// levelOf reads a level, also as the number of journald, pino or OpenTelemetry.
func levelOf(key, value string) Level {
	if !isDigit(value[0]) || len(value) > 2 {
		return ParseLevel(value)
	}
	n := int(value[0] - '0')
	if len(value) == 2 {
		n = n*10 + int(value[1]-'0')
	}
	switch key = strings.ToLower(strings.TrimLeft(key, "@_")); {
	case key == "priority":
		return [...]Level{Error, Error, Error, Error, Warning, Info, Info, Debug}[min(n, 7)]
	case key == "severitynumber":
		return [...]Level{Debug, Debug, Info, Warning, Error, Error}[min((max(n, 1)-1)/4, 5)]
	case n >= 10:
		return [...]Level{Debug, Debug, Info, Warning, Error, Error}[min(n/10-1, 5)]
	}
	return UnknownLevel
}

// classed puts the class of an exception before its message: OpenTelemetry has a field for each.
func classed(details []string) []string {
	for i := 0; i+1 < len(details); i++ {
		if class := details[i]; identifierWith(class, ".$") && isFailure(class) {
			return slices.Concat(details[:i], []string{class + ": " + details[i+1]}, details[i+2:])
		}
	}
	return details
}

// extends reports a text of which another is the beginning: GELF has a short message beside the whole one.
func extends(s, short string) bool {
	short = strings.TrimRight(short, ".… ")
	return short != "" && len(s) > len(short) && strings.HasPrefix(s, short)
}

// adopt takes over what an object inside says of no level of its own: lines of an array, a message in an envelope.
func (o *object) adopt(inner *object, texts []string) {
	switch {
	case len(o.records) >= maxEvents || len(o.primary) >= maxEvents:
		return
	case kindOf(inner.key) == detailKey:
		o.details = append(append(o.details, texts...), inner.details...)
		return
	case inner.array || o.array:
		for _, text := range append(texts, inner.records...) {
			if last := len(o.records) - 1; last >= 0 && headOf(text).size == 0 && continuation(text) {
				o.records[last] += "\n" + text
				continue
			}
			o.records = append(o.records, text)
		}
	case kindOf(inner.key) == secondaryKey && len(inner.primary) == 0:
		o.secondary, o.records = append(o.secondary, texts...), append(o.records, inner.records...)
	default:
		o.primary, o.records = append(o.primary, texts...), append(o.records, inner.records...)
	}
	o.details = append(o.details, inner.details...)
	if len(texts) > 0 {
		if o.At = cmp.Or(inner.At, o.At); inner.Level != UnknownLevel {
			o.Level, o.shipped = inner.Level, inner.shipped
		}
	}
}
