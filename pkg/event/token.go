package event

import (
	"cmp"
	"strings"
)

// bracket reads a group in brackets: a time, a level, a thread, ids, or the tag that nodeman puts before an installer's
// line.
func (h *head) bracket(t string, prev kind) (kind, int) {
	end, depth := 0, 0
	for i := 0; i < len(t) && i < maxBracket; i++ {
		if t[i] == '[' {
			depth++
		} else if t[i] == ']' {
			if depth--; depth == 0 {
				end = i
				break
			}
		}
	}
	if end == 0 {
		return none, 0
	}
	inner := strings.TrimSpace(t[1:end])
	switch inner {
	case "script", "job", "proxy":
		return strong, h.tag(t, inner, end+1)
	}
	if digits(inner) == len(inner) && len(inner) == 7 {
		return none, 0 // nodeman's error codes belong to the message
	}
	in := headOf(inner)
	if in.end == len(inner) && (in.at != "" || in.level != UnknownLevel) {
		h.at, h.attrs = cmp.Or(h.at, in.at), h.attrs.Or(in.attrs)
		h.mark('[')
		if in.starts {
			h.starts = true
			h.level = cmp.Or(in.level, h.level)
			h.mark(in.shape[0])
			h.mark(in.shape[1])
			return strong, end + 1
		}
		return weak, end + 1
	}
	words := 0
	for i := range len(inner) {
		if inner[i] >= 0x80 || inner[i] == '"' || inner[i] == '\'' {
			return none, 0
		}
		if inner[i] == ' ' {
			words++
		}
	}
	if words > 3 {
		return none, 0
	}
	return weak, end + 1
}

// tag reads `[script] [step] (FAILED) `. nodeman prints whole batches of installer lines under one INFO, so an INFO
// before the tag is the batch's, not the line's.
func (h *head) tag(t, tag string, n int) int {
	h.attrs.Tag = tag
	if h.level == Info {
		h.level, h.folded = UnknownLevel, true
	}
	h.starts = true
	h.mark('#')
	rest := strings.TrimLeft(t[n:], " ")
	if strings.HasPrefix(rest, "[") {
		if end := strings.IndexByte(rest, ']'); end > 1 && isLetter(rest[1]) && identifier(rest[1:end]) {
			h.attrs.Step = rest[1:end]
			rest = strings.TrimLeft(rest[end+1:], " ")
		}
	}
	if strings.HasPrefix(rest, "(") {
		if end := strings.IndexByte(rest, ')'); end > 0 && isStatus(rest[1:end]) {
			rest = strings.TrimLeft(rest[end+1:], " ")
		}
	}
	return len(t) - len(rest)
}

// identifier reports whether a text is one word of letters, digits, _ and -.
func identifier(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

func isStatus(s string) bool {
	switch s {
	case "-", "START", "DONE", "SUCCESS", "DOWNLOADING", "INFO", "FAILED", "FAIL":
		return true
	}
	return false
}

// word reads what begins with a letter and has a meaning: a level, glog's letter, the word time.
func (h *head) word(t string, prev kind) (kind, int) {
	n := 0
	for n < len(t) && isLetter(t[n]) {
		n++
	}
	w := t[:n]
	level := ParseLevel(w)
	if level == UnknownLevel {
		if n == 1 && digits(t[1:]) == 4 && len(t) > 5 && t[5] == ' ' && clockSize(t[6:], true) > 0 {
			switch w { // E1130 08:15:27.314159
			case "E", "F":
				h.setLevel(Error)
			case "W":
				h.setLevel(Warning)
			case "I":
				h.setLevel(Info)
			default:
				return none, 0
			}
			return strong, 5
		}
		if w == "time" && n < len(t) && t[n] == ' ' && prev == none {
			h.at = cmp.Or(h.at, w)
			return weak, n
		}
		return none, 0
	}
	delimited := n == len(t) || strings.IndexByte(" \t:|],/[(-", t[n]) >= 0
	if !delimited || n+1 < len(t) && t[n] == '-' && isLetter(t[n+1]) {
		return none, 0
	}
	if upper := w[n-1] >= 'A' && w[n-1] <= 'Z'; !upper {
		// `error` may begin a sentence, unless a time stands before it and no word behind.
		next := strings.TrimLeft(t[n:], " ")
		if prev == none && h.size == 0 && n < len(t) || len(next) < len(t[n:]) && next != "" && next[0] >= 'a' && next[0] <= 'z' && t[n:n+2] != "  " {
			return none, 0
		}
	}
	h.setLevel(level)
	if n < len(t) && t[n] == '/' {
		for n < len(t) && t[n] != ' ' && t[n] != ']' {
			n++
		}
	}
	if n < len(t) && (t[n] == ':' || t[n] == ',') {
		n++
	}
	if h.at != "" {
		n += h.installer(t[n:])
	}
	return strong, n
}

// installer reads `check_deploy_result FAILED ` behind the level of an installer's line. A few calls leave the status
// out.
func (h *head) installer(t string) int {
	rest := strings.TrimLeft(t, " ")
	step, after, _ := strings.Cut(rest, " ")
	if len(step) > 40 || step == "" || !isLetter(step[0]) || !identifier(step) {
		return 0
	}
	status, _, _ := strings.Cut(after, " ")
	switch {
	case isStatus(status):
		after = strings.TrimLeft(after[len(status):], " ")
		if strings.HasPrefix(status, "FAIL") {
			h.level = Error
		}
	case len(step) == len(rest) || !strings.ContainsAny(step, "_-") || isDigit(step[len(step)-1]):
		return 0
	}
	h.attrs.Step = step
	h.trace = step == "cmd-return-err"
	return len(t) - len(after)
}

// name reads what has no meaning to us but looks like a name: a logger, a host, a pod, an id, a thread, key=value.
func (h *head) name(t string, prev kind) (kind, int) {
	n, dots, dashes, nums, letters := 0, 0, 0, 0, 0
scan:
	for ; n < len(t) && n < 200; n++ {
		switch c := t[n]; {
		case isDigit(c):
			nums++
		case isLetter(c) || c == '_' || c == '$' || c == '/' || c == '@' || c == '%' || c == '+' || c == '#':
			letters++
		case c == '.':
			dots++
		case c == '-':
			if n+11 < len(t) && dateSize(t[n+1:]) == 10 { // grep puts the file's name before the line
				break scan
			}
			dashes++
		case c == ':' && n+1 < len(t) && t[n+1] != ' ' && t[n+1] != '/' && timeSize(t[n+1:]) == 0:
		default:
			break scan
		}
	}
	if n == 0 || n == 200 {
		return none, 0
	}
	w, next := t[:n], byte(' ')
	if n < len(t) {
		next = t[n]
	}
	switch {
	case next == '=' && letters > 0:
		return h.pair(t, n)
	case next == '[' && letters > 0: // name[pid]:
		if d := digits(t[n+1:]); d > 0 && n+1+d < len(t) && t[n+1+d] == ']' {
			h.attrs.PID = t[n+1 : n+1+d]
			end := n + d + 2
			if strings.HasPrefix(t[end:], ":") {
				return strong, end + 1
			}
			return weak, end
		}
		return none, 0
	case next == ':' && timeSize(t[n+1:]) > 0:
		return weak, n + 1
	case next == '-' && dateSize(t[n+1:]) > 0:
		return weak, n + 1
	case next == ']' && prev != none && dots > 0 && nums > 0: // glog's file.go:88]
		return strong, n + 1
	case next == ':' && dots > 0 && letters > 0 && !isException(w): // a logger glued to its message
		h.attrs.Logger = w
		return weak, n + 1
	case next != ' ' && next != '\t' && next != '|' && next != ',':
		return none, 0
	}
	follows := strings.TrimLeft(t[n:], " \t")
	separated := strings.HasPrefix(follows, ": ") || strings.HasPrefix(follows, "- ") || follows == ":"
	switch {
	case strings.HasPrefix(follows, "| "):
		if prev == none && h.attrs.RequestID == "" {
			h.attrs.RequestID = w
		}
		return weak, n
	case separated && (dots > 0 || w[0] >= 'A' && w[0] <= 'Z' && prev != none) && letters > 0 && !isFailure(w) && !strings.HasSuffix(w, ".exe"):
		h.attrs.Logger = w
		return strong, n + len(t[n:]) - len(follows) + 1
	case separated && h.parted, prev == weak && isPod(h.attrs.Pod) && dots == 0 && h.attrs.Thread == "":
		h.attrs.Thread = w // a plain name between separators, or the container behind the pod
		return weak, n
	case dots == 0 && dashes > 1 && isPod(w):
		h.attrs.Pod = w
		return strong, n
	case isTicket(w) || letters > 0 && nums == 0 && dashes < 2 && dots == 0 && w != "None":
		return none, 0
	case letters == 0 && (strings.HasSuffix(w, ".") || next == ','):
		return none, 0 // the number of a list
	}
	return weak, n
}

// pair reads key=value. What a log line in this form has of a level and a time counts; two of them are surely head.
func (h *head) pair(t string, n int) (kind, int) {
	key, value := t[:n], t[n+1:]
	end := strings.IndexAny(value, " \t")
	if kindOf(key) == primaryKey {
		return none, 0 // an envelope by itself
	}
	if strings.HasPrefix(value, `"`) {
		if end = closing(value); end < 0 {
			return none, 0
		}
	}
	if end < 0 {
		end = len(value)
	}
	value = strings.Trim(value[:end], `"`)
	switch key {
	case "level", "lvl", "severity":
		h.setLevel(ParseLevel(value))
		return strong, n + 1 + end
	case "ts", "time", "t", "timestamp":
		h.at, h.starts = cmp.Or(h.at, value), true
		return strong, n + 1 + end
	}
	return weak, n + 1 + end
}

// closing returns the end of a quoted text at the start of s, -1 without one.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return -1
}

// isException reports a class that a traceback names, `pkg.Error`: it belongs to the message.
func isException(w string) bool {
	last := w[strings.LastIndexAny(w, ".$")+1:]
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

// isFailure reports the name of an exception, which no logger has.
func isFailure(w string) bool {
	return strings.HasSuffix(w, "Error") || strings.HasSuffix(w, "Exception")
}

// isTicket reports the key of an issue, as in OPS-8142: who begins with it talks about a line.
func isTicket(w string) bool {
	word, number, ok := strings.Cut(w, "-")
	return ok && word != "" && word == strings.ToUpper(word) && digits(number) == len(number) && isLetter(word[0])
}

// isPod reports the name of a pod: words, a hash and five characters.
func isPod(w string) bool {
	last := strings.LastIndexByte(w, '-')
	if last < 4 || strings.ToLower(w) != w {
		return false
	}
	tail := w[last+1:]
	return len(tail) == 5 && identifier(tail) || len(tail) > 0 && len(tail) < 4 && digits(tail) == len(tail) && strings.Count(w, "-") > 1
}
