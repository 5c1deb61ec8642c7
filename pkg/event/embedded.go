package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of looking for a record behind what nobody told us of.
const (
	maxBefore  = 2 << 10
	maxRecords = 48
)

// embedded goes on with a record that stands behind anything but a sentence: a dump, a protocol, a viewer that is not
// known by name. The record must show itself by its head, with a time and a level, or as JSON.
func (r *reader) embedded(s string, e Event, depth int) bool {
	at := recordAt(s)
	if at <= 0 || depth >= maxDepth {
		return false
	}
	text := s[at:]
	if quote := s[at-1]; quote == '"' || quote == '\'' {
		if size := closing(s[at-1:]); size > 0 {
			text = s[at : at-2+size]
		}
		if text = unescape(text); e.Stance == Stated {
			e.Stance, e.Why = Unclear, Unnamed
		}
	} else {
		text = enclosed(s[:at], text)
	}
	if s[at] == '{' {
		return r.json(text, e.in("prefix"), depth)
	}
	r.layer(text, e.in("prefix"), depth+1)
	return true
}

// recordAt returns where the first record of a text begins, -1 where none does or a sentence stands before it.
func recordAt(s string) int {
	tries := 0
	for at := 0; at < min(len(s), maxBefore) && tries < maxRecords; at++ {
		// A letter is one of glog, of a day, of a level: a capital.
		if c := s[at]; !isDigit(c) && (c < 'A' || c > 'Z') && c != '[' && c != '{' || at > 0 && !parts(s[at-1]) || isDigit(c) && timeSize(s[at:]) == 0 {
			continue
		}
		if tries++; !recorded(s[at:]) {
			continue
		}
		if at > 0 && !machine(s[:at]) {
			return -1
		}
		return at
	}
	return -1
}

// enclosed takes off what closes, behind a record, the brackets and columns that were opened before it.
func enclosed(before, s string) string {
	for _, sep := range []string{"|", "\t", "\x01"} {
		for strings.Contains(before, sep) && strings.IndexByte(s, '\n') < 0 {
			i := strings.LastIndex(s, sep)
			if i <= 0 || len(s)-i > maxBracket || sep == "|" && s[i-1] != ' ' || !machine(sep+s[i+1:]+sep) {
				break
			}
			s = strings.TrimRight(s[:i], " ")
		}
	}
	for _, pair := range []string{"{}", "[]", "()", "<>"} {
		for n := open(before, pair); n > 0; n-- {
			cut, ok := strings.CutSuffix(strings.TrimRight(s, " \n;,"), pair[1:])
			if !ok || open(s, pair) >= 0 {
				break
			}
			s = strings.TrimRight(cut, " \n")
			for strings.HasSuffix(before, "=") { // the fields behind it
				i := strings.LastIndexByte(s, ',')
				key, _, ok := strings.Cut(strings.TrimLeft(s[max(i, 0):], ", "), "=")
				if i < 0 || !ok || !identifier(key) || strings.IndexByte(key, ' ') >= 0 {
					break
				}
				s = s[:i]
			}
		}
	}
	return s
}

// open counts the brackets of a kind that are not closed.
func open(s, pair string) int { return strings.Count(s, pair[:1]) - strings.Count(s, pair[1:]) }

// parts reports what may stand right before a record.
func parts(c byte) bool { return !isWord(c) && c != '.' && c != '-' && c != '/' && c != '\\' }

// recorded reports a text that begins as the record of a program does: with a time and a level, or with one of them or
// the tag of an installer in brackets.
func recorded(s string) bool {
	if s[0] == '{' {
		return strings.HasPrefix(s, `{"`) || strings.HasPrefix(s, `{\"`) || strings.HasPrefix(s, `{'`)
	}
	var first head
	if k, _ := first.token(s, 0, none); k != strong {
		return false
	}
	h := headOf(Clip(s, maxBracket))
	return h.starts && h.size > 0 && (h.at != "" && h.level != UnknownLevel || s[0] == '[' && (h.at != "" || h.level != UnknownLevel || h.attrs.Tag != ""))
}

// machine reports that what stands before a record is no sentence: it has no words but names of fields and values in
// quotes, and does not begin as lists, quotations and commands do.
func machine(s string) bool {
	if words := strings.Fields(s); len(words) > 1 && len(words) < 4 && (words[1] == ":=" || words[1] == "=" && kindOf(words[0]) == otherKey && identifier(words[0])) {
		return false // a line of a program
	}
	s = strings.ReplaceAll(unquoted(s), "│", "|")
	for {
		line, rest, more := strings.Cut(s, "\n")
		if cites(line) || more && strings.TrimSpace(rest) == "" && strings.HasSuffix(strings.TrimRight(line, " \r"), ":") {
			return false // what it ends with speaks of the lines behind it
		}
		for rest := line; rest != ""; {
			at := strings.IndexAny(rest, "\t|")
			cell := rest[:max(at, 0)]
			if at < 0 {
				cell, at = rest, len(rest)-1
			}
			if !machineCell(strings.Fields(cell), more, len(cell) == at || more && len(cell) < len(line), strings.HasSuffix(rest, ":")) {
				return false
			}
			rest = rest[at+1:]
		}
		if s = rest; !more {
			return true
		}
	}
}

// machineCell reports words that are no sentence: names of fields, and what no language has. A field may have a line of its
// own, and a column of a table one word; a name may be glued to the record behind it.
func machineCell(words []string, line, column, glued bool) bool {
	for i, word := range words {
		if strings.IndexFunc(word, isSpoken) >= 0 || isTicket(strings.Trim(word, ":,[]()")) {
			return false
		}
		name, value, field := word, "", false
		if at := strings.IndexAny(word, "=:"); at > 0 {
			name, value, field = word[:at], word[at+1:], true
		}
		name = strings.Trim(name, "\"'`()[]{}<>,;")
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if field = field || next == "=" || next == ":" || next == "=>"; field && quotes(name) {
			return false
		}
		switch {
		case strings.HasSuffix(word, ".") && isLetter(word[0]):
			return false // of a sentence, or e.g.
		case !plain(name), statement[name]:
		case next == "{" && isException(name): // a type
		case field && (value != "" || word[len(word)-1] == '=' || next == "=" || next == "=>" || next != "" && isDigit(next[0]) || glued && i == len(words)-1 || kindOf(name) != otherKey):
		case field && line && i == 0 && len(words) < 4:
			return true
		case column && len(words) == 1:
		default:
			return false
		}
	}
	return true
}

// statement are the words of a dump: INSERT INTO … VALUES (…), and psql's -[ RECORD 1 ]-.
var statement = map[string]bool{"INSERT": true, "INTO": true, "VALUES": true, "RECORD": true, "NULL": true}

// quotes reports the name of a field in which somebody asks or writes.
func quotes(name string) bool {
	name = strings.ToLower(name)
	return written[name] || asked(name) && !strings.HasSuffix(name, "id")
}

// unquoted puts a number for each value in quotes; the last quote may open the record behind it.
func unquoted(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "\"'")
		if i < 0 {
			return b.String() + s
		}
		size := closing(s[i:])
		if size < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i] + "0")
		s = s[i+size:]
	}
}

// plain reports a word of a language.
func plain(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && c != '\'' {
			return false
		}
	}
	return s != ""
}

// isSpoken reports letters and punctuation beyond ASCII. The rest are symbols and borders.
func isSpoken(r rune) bool { return r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsPunct(r)) }

// cites reports how the lines of quotations, lists, headings, questions, traces, commands and queries begin.
func cites(line string) bool {
	f, rest, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
	if n := digits(f); n > 0 && n == len(f)-1 && (f[n] == '.' || f[n] == ')') {
		return !strings.HasPrefix(rest, `"`)
	}
	for _, operator := range []string{"|=", "!=", "=~", "|~", "```"} {
		if strings.Contains(line, operator) {
			return true
		}
	}
	if len(f) > 1 && (f[0] == '@' && isLetter(f[1]) || (f[0] == 'Q' || f[0] == 'A') && strings.Trim(f[1:], "0123456789") == ":") {
		return true // a person, a question, an answer
	}
	return f != "" && len(f) < 4 && strings.Trim(f, ">#-*+$%`") == "" || strings.HasSuffix(f, "$") || strings.HasSuffix(f, "#")
}

// introduced reports that words stand before a whole record, perhaps in quotes: a sentence, a command, a name. What is
// before the rest of a record has none.
func introduced(s string) bool {
	line := strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
	s = strings.TrimRight(s, " \n'`\"(（“「")
	switch {
	case line == ">" || line == "+" || strings.HasPrefix(s, "```") || strings.HasPrefix(s, ">"): // of a mail, a diff, a page
		return true
	case s == "" || machine(s):
		return false
	case strings.IndexFunc(s, isSpoken) >= 0:
		return true
	}
	last := s[len(s)-1]
	return last == '.' || (isLetter(last) || strings.IndexByte(":?!", last) >= 0) && strings.ContainsAny(s, " \n")
}

// commented reports words behind a whole record: somebody speaks of it.
func commented(s string) bool {
	s = strings.Trim(s, " \t\r\n,;]}`")
	return speaks(s) && strings.IndexByte(s, '{') < 0 && (question(s) || strings.IndexFunc(s, isSpoken) >= 0)
}
