package event

import (
	"html"
	"strings"
)

// The bounds of reading one entry. A report of an installer holds a few dozen records; more is no log line any more.
const (
	maxEntry  = 1 << 20
	maxDepth  = 8
	maxEvents = 256
)

// Read returns what programs said in an entry of a log store, in order: an event for each record. It does bounded work
// on any entry, and looks at no more than its first MiB.
func Read(raw string) []Event {
	raw = Clip(raw, maxEntry)
	r := reader{budget: 8*len(raw) + 1024}
	r.layer(raw, Event{Stance: Stated}, 0)
	return r.out
}

type reader struct {
	out []Event
	// budget is how many bytes may still be looked at: every layer may be read under several keys.
	budget int
}

// in returns the event inside one more envelope.
func (e Event) in(name string) Event {
	e.Envelopes = append(e.Envelopes[:len(e.Envelopes):len(e.Envelopes)], name)
	return e
}

// layer takes one envelope off a text and goes on with what is inside.
func (r *reader) layer(s string, outer Event, depth int) {
	if r.budget -= len(s); r.budget < 0 || len(r.out) >= maxEvents {
		return
	}
	if text, ok := narrowed(s); ok {
		s, outer = text, outer.in("utf-16")
	}
	s = unframed(strings.TrimRight(strings.TrimLeft(s, "\ufeff"), "\r\n\x00\x1b "))
	if plain := uncoloured(s); len(plain) < len(s) {
		s, outer = strings.TrimRight(strings.TrimLeft(plain, "\ufeff"), "\r\n "), outer.in("ansi")
	}
	if depth < maxDepth && r.envelope(s, outer, depth) {
		return
	}
	r.records(s, outer, depth)
}

// envelope goes on with what is inside the envelope of a text; false when nothing is around it.
func (r *reader) envelope(s string, outer Event, depth int) bool {
	trimmed := strings.TrimLeft(s, " \t\r\n")
	if trimmed == "" {
		return false
	}
	if (trimmed[0] == '{' || list(trimmed)) && r.json(trimmed, outer, depth) {
		return true
	}
	inner := outer // a carrier changes it only when it takes something off
	for _, c := range carriers {
		if text, ok := c.take(trimmed, &inner); ok {
			r.layer(text, inner.in(c.name), depth+1)
			return true
		}
	}
	return r.escaped(trimmed, outer, depth)
}

// list reports a JSON list of records, also one that begins with its tag or time.
func list(s string) bool {
	const between = "[ \n,0123456789."
	rest := strings.TrimLeft(s, between)
	if size := 0; s[0] == '[' && strings.HasPrefix(rest, `"`) {
		if size = closing(rest[:min(len(rest), 200)]); size > 0 {
			rest = strings.TrimLeft(rest[size:], between)
		}
	}
	return s[0] == '[' && strings.HasPrefix(rest, "{")
}

// escaped goes on with a text that somebody has quoted or escaped as a whole, or half of a JSON text.
func (r *reader) escaped(s string, outer Event, depth int) bool {
	if literal := strings.TrimLeft(s, "b$"); literal != "" && (literal[0] == '\'' || literal[0] == '"' && len(literal) < len(s)) && closing(literal) == len(literal) { // of Python, of shells
		r.layer(unescape(literal[1:len(literal)-1]), outer.in("escaped"), depth+1)
		return true
	}
	if s[0] == '"' && closing(s) == len(s) && (strings.IndexByte(s, '\\') > 0 || strings.IndexByte("'{<", s[1]) >= 0 || headOf(Clip(s[1:], maxHeadLine)).size > 0) {
		r.layer(unescape(s[1:len(s)-1]), outer.in("escaped"), depth+1)
		return true
	}
	if s[len(s)-1] == '\'' { // behind the name of a file, the number of a line
		h := headOf(Clip(s, maxBracket))
		if literal := strings.TrimLeft(s[h.end:], " b$"); h.size == 0 && h.end > 0 && literal != "" && literal[0] == '\'' && closing(literal) == len(literal) {
			r.layer(unescape(literal[1:len(literal)-1]), outer.in("escaped"), depth+1)
			return true
		}
	}
	// Behind numbers, names, fields.
	if i := lastQuoted(s); i > 0 && strings.IndexByte(s[i:], '\\') > 0 && headOf(Clip(s, maxHeadLine)).size == 0 && machine(s[:i+1]) {
		r.layer(unescape(s[i+1:len(s)-1]), outer.in("escaped"), depth+1)
		return true
	}
	// Half of a record.
	if s[0] != '[' && s[0] != '{' && strings.IndexByte(s, '"') >= 0 && (strings.HasSuffix(s, "}") || strings.Contains(s, `":`)) && !escapedKeys(s) && headOf(Clip(s, maxHeadLine)).size == 0 {
		if r.json(s, outer, depth) {
			return true
		}
	}
	if strings.IndexByte(s, '\\') >= 0 {
		// Half of a record inside a record: its keys have escaped quotes.
		if escapedKeys(s) && headOf(Clip(s, maxHeadLine)).size == 0 {
			r.layer(unescape(s), outer.in("escaped"), depth+1)
			return true
		}
	}
	if strings.Contains(s, `{"`) {
		return false // its strings are decoded one by one
	}
	if hasCodes(s) && s[0] != '{' && !strings.Contains(s, "[report_log]") {
		r.layer(unescapeCodes(s), outer.in("escaped"), depth+1)
		return true
	}
	if plain, ok := unpercent(s); ok {
		r.layer(plain, outer.in("escaped"), depth+1)
		return true
	}
	if strings.Contains(s, "&gt;") || strings.Contains(s, "&quot;") || strings.Contains(s, "&#") {
		r.layer(html.UnescapeString(s), outer.in("escaped"), depth+1)
		return true
	}
	return false
}

// lastQuoted returns where the quoted text begins with which a text ends, zero without one.
func lastQuoted(s string) int {
	if !strings.HasSuffix(s, `"`) {
		return 0
	}
	for i := strings.IndexByte(Clip(s, maxBracket), '"'); i > 0 && i < min(len(s), maxBracket); {
		size := closing(s[i:])
		if size < 0 {
			return 0
		}
		if i+size == len(s) {
			return i
		}
		next := strings.IndexByte(s[i+size:], '"')
		if next < 0 {
			return 0
		}
		i += size + next
	}
	return 0
}

// escapedKeys reports `\"key\":` without a key that is not escaped.
func escapedKeys(s string) bool {
	found := false
	for i := strings.Index(s, `":`); i >= 0; {
		if i > 0 && s[i-1] != '\\' {
			return false
		}
		found = found || i > 0 // at the start the backslash may be in the entry before
		next := strings.Index(s[i+1:], `":`)
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return found
}

// Clip cuts a text at a rune within a limit.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return s[:limit]
}
