package event

import (
	"cmp"
	"strings"
)

// head is what stands in front of a message and says nothing by itself: times, levels, loggers, ids, brackets.
type head struct {
	// size is up to where the line is surely head: its last strong token.
	size int
	// end is up to where it may be head, with the weak tokens behind.
	end    int
	level  Level
	at     string
	attrs  Attrs
	folded bool
	// starts reports a time, a level or a tag: a record begins here.
	starts bool
	// shape is the order of times, levels and brackets, by which lines of one program are alike.
	shape [6]byte
	kinds int
	// parted reports that the last token was a separator.
	parted bool
	// trace is a line of a shell's own source, printed as it failed.
	trace bool
}

// A head has at most this many tokens, and a group in brackets this many bytes.
const (
	maxTokens  = 40
	maxBracket = 160
)

// kind is a class of tokens. Weak ones are head only where a strong one follows.
type kind byte

const (
	none kind = iota
	weak
	strong
	// sep is a separator: strong behind a logger or an id, else as what it follows.
	sep
)

// headOf reads the head of a line.
func headOf(s string) head {
	var h head
	prev := none
	for range maxTokens {
		i := h.end
		for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
			i++
		}
		if i >= len(s) {
			h.end = i
			break
		}
		k, size := h.token(s, i, prev)
		if k == none || size == 0 {
			break
		}
		h.end, h.parted = i+size, k == sep
		if k == strong || k == sep && h.size == i {
			h.size = h.end
		}
		if k == sep && prev == strong {
			k = strong
			h.size = h.end
		}
		prev = k
	}
	return h
}

func (h *head) mark(c byte) {
	if h.kinds < len(h.shape) {
		h.shape[h.kinds] = c
		h.kinds++
	}
}

// token reads the token at s[i:].
func (h *head) token(s string, i int, prev kind) (kind, int) {
	t := s[i:]
	switch c := t[0]; {
	case c == '[':
		return h.bracket(t)
	case c == '(' && prev != none:
		return parenthesis(t)
	case strings.IndexByte("|-:=", c) >= 0 || c == '>' && prev == weak:
		return separators(t, prev)
	case c >= 0x80:
		return h.beyondASCII(t)
	case c == '<':
		if end := strings.IndexByte(t[:min(len(t), 6)], '>'); end > 1 && digits(t[1:]) == end-1 {
			return strong, end + 1 // the priority of syslog
		}
		if word, after, ok := strings.Cut(t[1:min(len(t), 60)], ">"); ok && ParseLevel(word) != UnknownLevel {
			h.setLevel(ParseLevel(word)) // <Error>: of macOS
			return strong, len(word) + 2 + len(after) - len(strings.TrimPrefix(after, ":"))
		} else if ok && prev != none && strings.Trim(word, "0123456789.") == "" { // a process of Erlang
			place, _, _ := strings.Cut(after, " ")
			return strong, len(word) + 2 + len(place)
		}
		return none, 0
	case isDigit(c):
		if n := timeSize(t); n > 0 {
			return h.time(t, n)
		}
		if n := digits(t); n < len(t) && t[n] == ':' && prev == none || strings.HasPrefix(t[n:], "#") && prev != none { // a line's number, nginx's pid#tid:
			if n++; timeSize(t[n:]) == 0 {
				n += digits(t[n:])
			}
			return weak, n + len(t[n:]) - len(strings.TrimPrefix(t[n:], ":"))
		}
	case strings.HasPrefix(t, "##["): // of a CI job
		level, _, ok := strings.Cut(t[3:min(len(t), 16)], "]")
		if h.setLevel(ParseLevel(level)); !ok || ParseLevel(level) == UnknownLevel {
			return none, 0
		}
		return strong, len(level) + 4
	case c == '#' && digits(t[1:]) > 0: // a process, as Ruby writes it, where a time is near
		n := 1 + digits(t[1:])
		if gap := len(t[n:]) - len(strings.TrimLeft(t[n:], " ")); prev != none && h.at != "" || gap > 0 && timeSize(strings.TrimLeft(t[n+gap:], "[")) > 0 {
			return weak, n
		}
		return none, 0
	case strings.HasPrefix(t, "@4") && prev == none && len(t) > 25 && t[25] == ' ' && strings.Trim(t[1:25], "0123456789abcdef") == "": // TAI64N
		h.starts = true
		return strong, 25
	case c == '*' && prev != none && digits(t[1:]) > 0: // nginx's connection
		return weak, 1 + digits(t[1:])
	case isLetter(c):
		if n := timeSize(t); n > 0 {
			return h.time(t, n)
		}
		if k, n := h.word(t, prev); k != none {
			return k, n
		}
	case c != '_' && c != '/' && c != '.' && c != '%':
		return none, 0
	}
	return h.name(t, prev)
}

func (h *head) time(t string, n int) (kind, int) {
	h.at = cmp.Or(h.at, t[:n])
	h.starts = true
	h.mark('T')
	if n < len(t) && t[n] == ':' {
		n += h.zookeeper(t[n:])
	}
	return strong, n
}

// zookeeper reads `:28712(0x7f2c5a1fb700):` behind the time of ZooKeeper's client, up to the text.
func (h *head) zookeeper(t string) int {
	i := 1 + digits(t[1:])
	pid := t[1:i]
	if i < len(t) && t[i] == '(' {
		end := strings.IndexByte(t[:min(len(t), 40)], ')')
		if end < 0 {
			return 0
		}
		h.attrs.Thread = t[i+1 : end]
		i = end + 1
	}
	if !strings.HasPrefix(t[i:], ":ZOO_") {
		return 0
	}
	h.attrs.PID = pid
	level, _, _ := strings.Cut(t[i+5:], "@")
	h.setLevel(ParseLevel(level))
	return i + 1
}

func (h *head) setLevel(level Level) {
	if level != UnknownLevel {
		h.level, h.starts = level, true
		h.mark('L')
	}
}

// placeholders stand for what people cut out of a line before they show it.
var placeholders = []string{"时间略", "时间", "省略", "略", "……", "…"}

var levelNames = map[string]Level{"错误": Error, "严重": Error, "致命": Error, "警告": Warning, "信息": Info, "调试": Debug}

func (h *head) beyondASCII(t string) (kind, int) {
	for _, p := range placeholders {
		if strings.HasPrefix(t, p) {
			h.at = cmp.Or(h.at, p)
			n := len(p)
			n += len(t[n:]) - len(strings.TrimPrefix(t[n:], "\uFFFD")) // the last byte may be lost
			if rest := strings.TrimPrefix(t[n:], " "); strings.HasPrefix(rest, "(") {
				if z := h.zookeeper(":" + rest); z > 0 {
					return strong, len(t) - len(rest) + z - 1
				}
			}
			return weak, n
		}
	}
	if n := timeSize(t); n > 0 {
		return h.time(t, n)
	}
	if len(t) >= 6 && levelNames[t[:6]] != UnknownLevel {
		for _, end := range []string{"", " ", "]", ":", "："} {
			if t[6:] == end || end != "" && strings.HasPrefix(t[6:], end) {
				h.setLevel(levelNames[t[:6]])
				return strong, 6 + len(strings.Trim(end, " ]"))
			}
		}
	}
	return none, 0
}

// separators reads `|`, `-`, `---`, ` : `. A line that begins with one of them is no log line, except by an empty id.
func separators(t string, prev kind) (kind, int) {
	n := 1
	for n < len(t) && n < 4 && strings.IndexByte("|-:>=", t[n]) >= 0 {
		n++
	}
	if n < len(t) && t[n] != ' ' && t[n] != '\t' && (t[0] != ':' || n > 1) && t[0] != '|' {
		return none, 0
	}
	if prev == none {
		if t[0] == '|' && n == 1 && len(t) > 1 && t[1] == ' ' && strings.Count(t[1:min(len(t), 400)], "|") == 0 {
			return strong, n
		}
		return none, 0
	}
	if t[0] == '|' {
		return strong, n
	}
	return sep, n
}

func parenthesis(t string) (kind, int) {
	end := strings.IndexByte(t[:min(len(t), 60)], ')')
	if end < 2 || strings.IndexByte(t[:end], ' ') >= 0 {
		return none, 0
	}
	return weak, end + 1
}
