package event

import (
	"html"
	"strings"
)

// xml reads an element that is named as a message is: a Windows event, log4j's layout.
func xml(s string, _ *Event) (string, bool) {
	if s[0] != '<' || len(s) < 2 || !isLetter(s[1]) && s[1] != '?' {
		return s, false
	}
	for at := 0; ; {
		open := strings.IndexByte(s[at:], '<')
		if open < 0 {
			return s, false
		}
		at += open + 1
		end := strings.IndexByte(s[at:], '>')
		if end < 0 {
			return s, false
		}
		name, _, _ := strings.Cut(s[at:at+end], " ")
		at += end + 1
		if k := kindOf(name[strings.IndexByte(name, ':')+1:]); k != primaryKey && k != secondaryKey {
			continue
		}
		text, _, _ := strings.Cut(s[at:], "</"+name)
		if data, ok := strings.CutPrefix(text, "<![CDATA["); ok {
			return strings.TrimSuffix(data, "]]>"), true
		}
		if strings.IndexByte(text, '<') < 0 && len(text) > 0 {
			return html.UnescapeString(text), true
		}
	}
}

// elements of which a page shows a line: as a row, as a block of text, in colours.
var elements = map[string]bool{"tr": true, "td": true, "pre": true, "code": true, "span": true, "div": true, "li": true, "p": true, "samp": true, "font": true, "b": true}

// markup reads a line as a page shows it: the texts of its elements behind each other.
func markup(s string, e *Event) (string, bool) {
	if s[0] != '<' {
		return s, false
	}
	name, _, ok := strings.Cut(s[1:min(len(s), 300)], ">")
	if name, _, _ = strings.Cut(name, " "); !ok || !elements[strings.ToLower(name)] {
		return s, false
	}
	var b strings.Builder
	at, level := e.At, e.Level
	for rest := s; rest != ""; {
		text, tag, _ := strings.Cut(rest, "<")
		switch text = strings.TrimSpace(text); {
		case text == "":
		case timeSize(text) == len(text):
			at = text
		case ParseLevel(text) != UnknownLevel:
			level = ParseLevel(text)
		default:
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(text)
		}
		_, rest, _ = strings.Cut(tag, ">")
	}
	if b.Len() == 0 {
		return s, false
	}
	e.At, e.Level = at, level
	return html.UnescapeString(b.String()), true
}
