package event

import (
	"cmp"
	"strings"
)

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
	case letters > 0 && grepped(w): // grep -n, and -C
		return weak, n
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
	case next == ':' && prev != none && letters > 0 && ParseLevel(w[strings.LastIndexByte(w, '.')+1:]) != UnknownLevel: // Monolog's channel.ERROR:
		h.setLevel(ParseLevel(w[strings.LastIndexByte(w, '.')+1:]))
		return strong, n + 1
	case next == ':' && prev != none && letters > 0 && headed(t[n:]): // a program
		return strong, n + 1
	case next == ':' && dots > 0 && letters > 0 && !isException(w): // a logger glued to its message
		h.attrs.Logger = w
		return weak, n + 1
	case next != ' ' && next != '\t' && next != '|' && next != ',':
		return none, 0
	}
	if next == '\t' && h.at != "" && letters > 0 && (nums == 0 || h.level != UnknownLevel) { // a column of a table
		if h.level != UnknownLevel {
			return strong, n
		}
		return weak, n
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
	case prev != none && h.at != "" && letters > 0 && next == ' ' && numbered(follows): // Django's module, process and thread
		return weak, n
	case prev == strong && letters > 0 && nums == 0 && strings.HasPrefix(follows[digits(follows):], " [") && isDigit(follows[0]): // a module and its line
		return weak, n
	case isTicket(w) || letters > 0 && nums == 0 && dashes < 2 && dots == 0 && w != "None":
		return none, 0
	case strings.HasSuffix(w, ".") || letters == 0 && next == ',':
		return none, 0 // the number of a list, e.g.
	}
	return weak, n
}

// grepped reports file:120: or file-120-, as grep prints before a line.
func grepped(w string) bool {
	last := len(w) - 1
	at := strings.LastIndexByte(w[:last], w[last])
	return (w[last] == ':' || w[last] == '-') && at > 0 && at < last-1 && digits(w[at+1:]) == last-at-1 && strings.ContainsAny(w[:at], "./")
}

// numbered reports two numbers.
func numbered(s string) bool {
	n := digits(s)
	first, rest, _ := strings.Cut(s, " ")
	second, _, _ := strings.Cut(rest, " ")
	return n > 0 && n == len(first) && second != "" && digits(second) == len(second)
}

// pair reads key=value. What a log line in this form has of a level and a time counts; two of them are surely head.
func (h *head) pair(t string, n int) (kind, int) {
	key, value := t[:n], t[n+1:]
	end := strings.IndexAny(value, " \t")
	if k := kindOf(key); k == primaryKey || k == secondaryKey && strings.HasPrefix(value, `"`) || asked(key) {
		return none, 0 // an envelope by itself, or what somebody looks for
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
