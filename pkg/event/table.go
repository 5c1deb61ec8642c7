package event

import (
	"html"
	"strings"
)

// tabular reads a record of which each field has a line: journald's export and verbose output, a Windows event as text, a
// record of the OpenTelemetry collector's debug exporter.
func tabular(s string, e *Event) (string, bool) {
	first, _, _ := strings.Cut(s, "\n")
	name, _, ok := strings.Cut(strings.TrimSpace(first), "=")
	switch {
	case strings.HasPrefix(first, "LogRecord #") || strings.HasSuffix(first, "]") && strings.Contains(first, "[s="):
	case ok && (name == "MESSAGE" || name == "PRIORITY" || strings.HasPrefix(name, "_")):
	default:
		name, value, ok := strings.Cut(first, ":")
		if !ok || !titled(name) || value != "" && value[0] != ' ' || !strings.Contains(s, "\n") {
			return s, false
		}
	}
	inner, text, found := *e, "", false
	for rest := s; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		at := strings.IndexAny(line, "=:")
		if at < 0 {
			if found {
				text += "\n" + line
			}
			continue
		}
		name, value := strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:])
		switch {
		case found && (!titled(name) || name == "at" || line[0] == '\t'):
			text += "\n" + line
		case name == "MESSAGE" || name == "Message":
			text, found = value, true
		case name == "Body":
			text, found = strings.TrimSuffix(strings.TrimPrefix(value, "Str("), ")"), true
		case name == "Description":
			text, rest, found = strings.TrimSpace(value+"\n"+rest), "", true
		case name == "PRIORITY" && value != "":
			inner.ship(levelOf(name, value))
		case name == "_PID":
			inner.Attrs.PID = value
		}
	}
	if !found {
		return s, false
	}
	*e = inner
	return text, true
}

// titled reports the name of a field: capitals, or words that begin with one.
func titled(name string) bool {
	name = strings.TrimRight(name, " ")
	return name != "" && len(name) < 40 && (name[0] >= 'A' && name[0] <= 'Z' || name[0] == '_') && identifierWith(name, " ")
}

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

// csv reads a row of a table: the longest of its quoted values is the message. The others must be short, as a sentence
// has commas, too.
func csv(s string, _ *Event) (string, bool) {
	const longest = 80
	text, values := "", 0
	for rest := s; ; values++ {
		value, after, quoted := rest, "", strings.HasPrefix(rest, `"`)
		if quoted {
			end := 1
			for end < len(rest) && (rest[end] != '"' || strings.HasPrefix(rest[end:], `""`)) {
				if end++; rest[end-1] == '"' {
					end++
				}
			}
			if end >= len(rest) {
				return s, false
			}
			value, after = rest[1:end], rest[end+1:]
		} else if end := strings.IndexByte(rest, ','); end >= 0 {
			value, after = rest[:end], rest[end:]
		}
		switch {
		case quoted && len(value) > len(text):
			if len(text) > longest {
				return s, false
			}
			text = value
		case len(value) > longest || !quoted && strings.ContainsAny(value, " '\"{}[]=") && timeSize(value) != len(value):
			return s, false
		}
		if after == "" {
			break
		}
		if after[0] != ',' || values > 64 {
			return s, false
		}
		rest = after[1:]
	}
	if values == 0 || len(text) <= longest/4 {
		return s, false
	}
	return strings.ReplaceAll(text, `""`, `"`), true
}
