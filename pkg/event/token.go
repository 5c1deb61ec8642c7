package event

import (
	"cmp"
	"strings"
)

// bracket reads a group in brackets: a time, a level, a thread, ids, or the tag that nodeman puts before an installer's
// line.
func (h *head) bracket(t string) (kind, int) {
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
	if h.end == 0 && (isTicket(inner) || inner == "" || inner == "x" || inner == "X") {
		return none, 0 // an issue, or an item of a list
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
func identifier(s string) bool { return identifierWith(s, "") }

// identifierWith reports an identifier that may have further characters, too.
func identifierWith(s, further string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '-' && strings.IndexByte(further, s[i]) < 0 {
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
		if n == 1 && h.at == "" && prev == none && strings.HasPrefix(t[1:], ", [") { // Ruby
			return weak, 2
		}
		if n == 1 && h.at != "" && strings.HasPrefix(t[1:], ": ") && letters[w[0]] != UnknownLevel { // annotate-output
			h.setLevel(letters[w[0]])
			return strong, 2
		}
		if size := tagged(t); h.at != "" && size > 0 {
			h.setLevel(letters[w[0]])
			return strong, size
		}
		if (w == "stdout" || w == "stderr") && prev == strong && (strings.HasPrefix(t[n:], " F ") || strings.HasPrefix(t[n:], " P ")) {
			return strong, n + 2
		}
		if w == "time" && n < len(t) && t[n] == ' ' && prev == none {
			h.at = cmp.Or(h.at, w)
			return weak, n
		}
		return none, 0
	}
	if w == "Alert" {
		return none, 0 // a notice to people
	}
	delimited := n == len(t) || strings.IndexByte(" \t:|],/[(-", t[n]) >= 0
	if !delimited || n+1 < len(t) && t[n] == '-' && isLetter(t[n+1]) {
		return none, 0
	}
	if upper := w[n-1] >= 'A' && w[n-1] <= 'Z'; !upper {
		// `error` may begin a sentence, unless a time stands before it and no word behind.
		next := strings.TrimLeft(t[n:], " ")
		if prev == none && h.size == 0 && n < len(t) && !headed(t[n:]) || len(next) < len(t[n:]) && next != "" && next[0] >= 'a' && next[0] <= 'z' && t[n:n+2] != "  " {
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
	return strong, n + h.installer(t[n:])
}

// headed reports that `: ` follows and a time, as of a line that a logger was given.
func headed(s string) bool {
	rest, ok := strings.CutPrefix(s, ": ")
	if !ok || rest == "" {
		return false
	}
	inner, _, _ := strings.Cut(Clip(rest[1:], 12), "]")
	return timeSize(rest) > 0 || rest[0] == '[' && (timeSize(rest[1:]) > 0 || ParseLevel(inner) != UnknownLevel || strings.HasPrefix(inner, placeholders[0])) || strings.HasPrefix(rest, `{"`)
}

// letters are the levels of Android and of others that write one letter.
var letters = map[byte]Level{'E': Error, 'F': Error, 'W': Warning, 'I': Info, 'D': Debug, 'V': Debug}

// tagged returns the size of `E tag: ` or `E/tag(120): `, zero without one.
func tagged(t string) int {
	if letters[t[0]] == UnknownLevel || len(t) < 4 || t[1] != ' ' && t[1] != '/' {
		return 0
	}
	tag, _, ok := strings.Cut(t[2:min(len(t), 80)], ": ")
	name, pid, _ := strings.Cut(tag, "(")
	if !ok || !identifierWith(strings.TrimRight(name, " "), ".") || strings.Trim(pid, "0123456789 )") != "" {
		return 0
	}
	return 2 + len(tag) + 1
}

// installer reads `check_deploy_result FAILED ` behind the level of an installer's line. A few calls leave the status
// out; people leave out the time.
func (h *head) installer(t string) int {
	rest := strings.TrimLeft(t, " ")
	step, after, _ := strings.Cut(rest, " ")
	if len(step) > 40 || step == "" || !isLetter(step[0]) || !identifier(step) {
		return 0
	}
	status, _, _ := strings.Cut(after, " ")
	switch {
	case isStatus(status) && (h.at != "" || status != "-"):
		after = strings.TrimLeft(after[len(status):], " ")
		if strings.HasPrefix(status, "FAIL") {
			h.level = Error
		}
	case h.at == "" || len(step) == len(rest) || !strings.ContainsAny(step, "_-") || isDigit(step[len(step)-1]):
		return 0
	}
	h.attrs.Step = step
	h.trace = step == "cmd-return-err"
	return len(t) - len(after)
}
