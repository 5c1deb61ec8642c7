package event

import (
	"cmp"
	"strings"
)

// maxHeadLine is how much of a line may hold its head, in bytes.
const maxHeadLine = 4 << 10

// records splits a text that no envelope is around into the records that it holds. Several lines are one record, unless
// each record in it has a head as the first one has.
func (r *reader) records(s string, outer Event, depth int) {
	var lost bool
	s, lost = repaired(s)
	outer.Garbled = outer.Garbled || lost
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	s = strings.Trim(relined(s), "\n")
	if strings.IndexByte(s, '\n') < 0 {
		r.record(s, outer, depth)
		return
	}
	starts, alike := recordStarts(s, outer)
	if !alike {
		// Somebody pasted log lines: they are as the record is that they stand in.
		if outer.Stance == Stated {
			outer.Stance, outer.Why = Unclear, Pasted
		}
		r.record(s, outer, depth)
		return
	}
	for i, at := range starts {
		if len(r.out) >= maxEvents {
			return
		}
		end := len(s)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		before := len(r.out)
		r.record(strings.TrimRight(s[at:end], "\n"), outer, depth)
		if len(r.out) > before {
			// What a head says of host and task holds for the lines that follow it.
			last := r.out[len(r.out)-1].Attrs
			outer.Attrs = Attrs{HostIP: last.HostIP, SubInstID: last.SubInstID, TaskID: last.TaskID, RequestID: last.RequestID}.Or(outer.Attrs)
		}
	}
}

// relined undoes how syslog daemons and exports spell the line breaks of a record.
func relined(s string) string {
	if strings.IndexByte(s, '\n') >= 0 || strings.Contains(s, `{"`) { // those of JSON's strings are its own
		return s
	}
	for _, spelling := range []string{"#012", `\n`} {
		if first, rest, ok := strings.Cut(s, spelling); ok {
			if rest = strings.ReplaceAll(strings.ReplaceAll(rest, "#011", "\t"), `\t`, "\t"); spelling == "#012" || continuation(rest) || recorded(first+" ") {
				return first + "\n" + strings.ReplaceAll(rest, spelling, "\n")
			}
		}
	}
	return s
}

// recordStarts returns where the records of several lines begin; alike is false where log lines stand in a text that is
// about them.
func recordStarts(s string, outer Event) (starts []int, alike bool) {
	var first head
	prose := false
	for at := 0; at < len(s) && len(starts) < maxEvents; {
		line, _, _ := strings.Cut(s[at:], "\n")
		h := headOf(Clip(line, maxHeadLine))
		switch {
		case at == 0:
			if behind := recordAt(line); h.size == 0 && behind > 0 {
				h = headOf(Clip(line[behind:], maxHeadLine))
			} else {
				prose = introduces(line[h.size:], h)
			}
			first, starts = h, append(starts, 0)
		case h.starts && h.size > 0:
			if prose || !h.like(first) || outer.Level == Info && h.at != "" && !isDigit(h.at[0]) {
				return nil, false
			}
			starts = append(starts, at)
		case strings.HasPrefix(line, "```") || strings.HasPrefix(line, "## "):
			if prose && first.size == 0 {
				return nil, false
			}
			prose = true
		}
		at += len(line) + 1
	}
	return starts, true
}

// like reports whether two heads may be of one program's records, in their order.
func (h *head) like(first head) bool {
	if h.attrs.Tag != "" && h.at == "" {
		return first.attrs.Tag != "" // folded installer lines
	}
	if h.shape[0] != first.shape[0] || h.shape[1] != first.shape[1] || (h.at == "") != (first.at == "") {
		return false
	}
	if h.at == "" {
		return true
	}
	return isDigit(h.at[0]) == isDigit(first.at[0]) && (len(h.at) != len(first.at) || h.at >= first.at)
}

// introduces reports a line that speaks of the lines behind it.
func introduces(text string, h head) bool {
	text = strings.TrimSpace(text)
	if text == "" {
		return false
	}
	return h.size == 0 && !continuation(text) || strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") || question(text)
}

// record takes the heads off a record, one after the other: a request id stands before the task engine's fields, and an
// installer's tag behind them.
func (r *reader) record(s string, e Event, depth int) {
	rest, started, trace := strings.TrimLeft(s, " \t"), false, false
	for range maxDepth {
		line, _, _ := strings.Cut(rest, "\n")
		line = Clip(line, maxHeadLine)
		h := headOf(line)
		if depth < maxDepth && r.inside(rest[h.end:], &h, e, depth) {
			return
		}
		n := h.size
		switch fields := taskBehind(line, &h, &e.Attrs); {
		case fields > 0:
			n, h.starts = fields, true
			if strings.Contains(line[:fields], ":scripts_error]") {
				e.Failed = true
			}
		case n == 0 && e.Cut:
			n = taskEnd(rest)
		case n == 0:
		case h.starts && strings.TrimSpace(line[h.end:]) == "" && strings.HasPrefix(strings.TrimPrefix(rest[len(line):], "\n"), " "):
			n = len(line) + 1 // the message of blueapps' loggers has a line of its own
		}
		if n == 0 {
			break
		}
		started, trace = started || h.starts, trace || h.trace
		if h.attrs.Tag != "" && h.level == UnknownLevel && e.Level == Info {
			e.Level, h.folded = UnknownLevel, true
		}
		e.take(&h)
		rest = strings.TrimLeft(rest[n:], " \t")
	}
	if r.embedded(rest, e, depth) {
		return
	}
	e.Head = strings.TrimSpace(s[:len(s)-len(rest)])
	e.Text = strings.TrimSpace(enclosed(e.Head, rest))
	if started && strings.IndexByte(e.Text, '\n') < 0 {
		e.Text = appended(e.Text, strings.Contains(e.Head+" ", " ERR ") || strings.Contains(e.Head+" ", " WRN "))
	}
	if n := len(e.Text); e.Attrs.Step != "" && n > 1 && e.Text[0] == '"' && e.Text[n-1] == '"' {
		e.Text = e.Text[1 : n-1] // setup_agent.bat quotes its messages
	}
	e.Continues = !started && (e.Level == UnknownLevel || e.shipped)
	e.judge(trace)
	if e.Text != "" || e.Head != "" {
		r.out = append(r.out, e)
	}
}

// appended takes off the fields that zap, zerolog and others print behind a message.
func appended(s string, zerolog bool) string {
	if cut, ok := strings.CutSuffix(s, " []"); ok && (strings.HasSuffix(cut, " []") || strings.HasSuffix(cut, "}")) { // Monolog
		s = strings.TrimSuffix(cut, " []")
	}
	if cut, logger, ok := strings.Cut(s, " ("); ok && strings.HasSuffix(logger, ")") { // log4j's %m (%c)
		if name := logger[:len(logger)-1]; identifierWith(name, ".$") && strings.Contains(name, ".") && isException(name) {
			s = cut
		}
	}
	if at := strings.LastIndex(s, "{\""); at > 0 && strings.HasSuffix(s, "}") {
		if key, _, _ := strings.Cut(s[at+2:], `"`); s[at-1] == '\t' || s[at-1] == ' ' && (places[key] || kindOf(key) == timeKey) {
			s = s[:at]
		}
	}
	return strings.TrimRight(withoutPairs(s, '=', func(key string) bool { return places[key] || zerolog && lower(key) }), " \t")
}

// places are the names under which a logger appends where a message comes from.
var places = map[string]bool{
	"pod": true, "container": true, "namespace": true, "node": true, "host": true, "hostname": true, "file": true, "filename": true, "path": true, "offset": true, "logger": true,
	"caller": true, "component": true, "service": true, "app": true, "stream": true, "source": true, "job": true, "instance": true, "tag": true, "trace_id": true, "span_id": true,
}

// take adds what a head says.
func (e *Event) take(h *head) {
	if h.level != UnknownLevel {
		e.Level, e.shipped = h.level, false
	}
	if h.folded {
		e.Level, e.Folded = UnknownLevel, true
	}
	e.At = cmp.Or(h.at, e.At)
	e.Attrs = h.attrs.Or(e.Attrs)
}

// inside goes on with an envelope that stands behind a head.
func (r *reader) inside(rest string, h *head, e Event, depth int) bool {
	rest = strings.TrimLeft(rest, " \t")
	if len(rest) < 2 || h.end == 0 && rest[0] != '[' {
		return false
	}
	e.take(h)
	kind, value := otherKey, ""
	if at := strings.IndexByte(rest[:min(len(rest), 20)], '='); at > 0 && identifier(rest[:at]) {
		kind, value = kindOf(rest[:at]), rest[at+1:]
	}
	switch {
	case rest[0] == '{':
		return r.json(rest, e, depth)
	case strings.HasPrefix(rest, "[report_log]"):
		if text, ok := reportLog(rest, &e); ok {
			r.layer(text, e.in("report_log"), depth+1)
			return true
		}
	case kind == primaryKey || kind == secondaryKey && strings.HasPrefix(value, `"`):
		if text, ok := pairs(rest, &e); ok {
			r.layer(text, e.in("logfmt"), depth+1)
			return true
		}
	}
	return false
}
