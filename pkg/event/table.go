package event

import "strings"

// tabular reads a record of which each field has a line: journald's export and verbose output, a Windows event as text, a
// record of the OpenTelemetry collector's debug exporter, YAML, a form that somebody exported.
func tabular(s string, e *Event) (string, bool) {
	first, _, ok := strings.Cut(s, "\n")
	if !ok && s[0] != 'M' && s[0] != 'P' && s[0] != '_' {
		return s, false // one line, of no journal
	}
	name, _, sep := lineField(first)
	switch {
	case strings.HasPrefix(first, "LogRecord #") || strings.HasSuffix(first, "]") && strings.Contains(first, "[s="):
	case sep == '=' && (name == "MESSAGE" || name == "PRIORITY" || strings.HasPrefix(name, "_")):
	case !ok || sep == 0 && !rowHead(first):
		return s, false
	}
	inner, text, found := *e, "", false
	if _, row := pairs(first, &inner); row && !ascii(name) {
		return s, false // the fields stand on one line
	}
	inner = *e
	for rest := s; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, value, sep := lineField(line)
		switch kind := kindOf(name); {
		case sep == 0 || found && (name == "at" || line[0] == '\t'):
			if found {
				text += "\n" + line
			}
		case name == "Body":
			text, found = strings.TrimSuffix(strings.TrimPrefix(value, "Str("), ")"), true
		case name == "Description":
			text, rest, found = strings.TrimSpace(value+"\n"+rest), "", true
		case written[strings.ToLower(name)]: // by people
			return s, false
		case kind == primaryKey || kind == secondaryKey && !ascii(name):
			text, rest = block(value, rest)
			found = true
		case kind == levelKey && strings.Trim(value, `"'`) != "":
			inner.ship(levelOf(name, strings.Trim(value, `"'`)))
		case name == "_PID":
			inner.Attrs.PID = value
		case kind == podKey:
			inner.Attrs.Pod = value
		}
	}
	if !found {
		return s, false
	}
	*e = inner
	return text, true
}

// lineField reads a line that is a field; sep is 0 where it is none.
func lineField(line string) (name, value string, sep byte) {
	line = strings.TrimPrefix(strings.TrimSpace(line), "- ")
	at := 0 // of the separator; IndexAny is slow beyond ASCII
	for at < len(line) && line[at] != '=' && line[at] != ':' && !strings.HasPrefix(line[at:], "：") {
		if at++; at > 60 {
			return "", "", 0
		}
	}
	if at == 0 || at == len(line) {
		return "", "", 0
	}
	name, value, sep = strings.TrimRight(line[:at], " "), line[at:], line[at]
	if sep >= 0x80 {
		value, sep = "-"+value[len("："):], ':'
	}
	if !titled(name) && kindOf(name) == otherKey && !carrying(name) || sep == ':' && len(value) > 1 && value[1] != ' ' && value[0] == ':' {
		return "", "", 0
	}
	return name, strings.TrimSpace(value[1:]), sep
}

// block returns the value of a field, which may be quoted or stand on lines of its own, as in YAML.
func block(value, rest string) (text, behind string) {
	switch strings.TrimRight(value, "+-") {
	case "|", ">":
		indent := len(rest) - len(strings.TrimLeft(rest, " "))
		var lines []string
		for rest != "" && strings.HasPrefix(rest, strings.Repeat(" ", indent)) {
			var line string
			line, rest, _ = strings.Cut(rest, "\n")
			lines = append(lines, line[indent:])
		}
		return strings.Join(lines, "\n"), rest
	}
	if value != "" && (value[0] == '"' || value[0] == '\'') && closing(value) == len(value) {
		value, _ = split(value, primaryKey, ':')
	}
	return value, rest
}

// titled reports the name of a field: capitals, or words that begin with one.
func titled(name string) bool {
	return name != "" && len(name) < 40 && (name[0] >= 'A' && name[0] <= 'Z' || name[0] == '_') && identifierWith(name, " ")
}

// values reads a row of a table, or a list of a program's values: the one with a head is the message, else the longest. The
// others must be short, as a sentence has commas, too.
func values(s string, _ *Event) (string, bool) {
	const longest = 80
	if text, ok := piped(s); ok {
		return text, true
	}
	if first, rest, ok := strings.Cut(s, "\n"); ok && header(first) {
		s = rest
	}
	if n := len(s); n > 2 && (s[0] == '(' && s[n-1] == ')' || s[0] == '[' && s[n-1] == ']') && (s[1] == '\'' || s[1] == '"') {
		s = s[1 : n-1]
	}
	text, best, n, prose := "", 0, 0, false
	for rest := s; ; n++ {
		value, after, ok := cell(rest)
		if !ok || n > 64 {
			return s, false
		}
		quoted := rest != "" && (rest[0] == '"' || rest[0] == '\'')
		if !quoted && strings.ContainsAny(value, " '\"{}[]=") && timeSize(value) != len(value) {
			return s, false
		}
		weight := len(value)
		if h := headOf(Clip(value, maxHeadLine)); quoted && h.starts && h.size < len(value) {
			weight += maxEntry
		}
		if quoted && weight > best {
			text, value, best = value, text, weight
		}
		prose = prose || !ascii(value) && levelNames[value] == UnknownLevel || strings.Count(value, " ") > 1 && timeSize(value) != len(value)
		if len(value) > longest && !strings.HasPrefix(value, `{"`) {
			return s, false
		}
		if after == "" {
			break
		}
		rest = strings.TrimLeft(after[1:], " ")
	}
	// A sentence beside a text without a head explains it.
	return text, n > 0 && len(text) > longest/4 && (best >= maxEntry || !prose || text[0] == '{')
}

// header reports the first row of a table, which names the column of the message.
func header(row string) bool {
	message := false
	for rest := row; ; {
		name, after, ok := cell(rest)
		if !ok || !identifierWith(name, " @.") {
			return false
		}
		k := kindOf(name)
		message = message || k == primaryKey || k == secondaryKey
		if after == "" {
			return message
		}
		rest = after[1:]
	}
}

// piped reads a row of a table that MySQL draws: a line with its head between names and numbers.
func piped(s string) (text string, ok bool) {
	if !strings.HasPrefix(s, "| ") || !strings.HasSuffix(s, " |") || strings.IndexByte(s, '\n') >= 0 {
		return "", false
	}
	for _, cell := range strings.SplitN(s[2:len(s)-2], " | ", 32) {
		switch cell = strings.TrimSpace(cell); {
		case text == "" && headOf(Clip(cell, maxHeadLine)).starts && timeSize(cell) < len(cell) && ParseLevel(cell) == UnknownLevel:
			text = cell
		case cell != "" && !identifierWith(cell, ".:/") && timeSize(cell) != len(cell):
			return "", false
		}
	}
	return text, text != ""
}

// cell reads a value of a row, quoted or not, and returns what is behind it, from the separator on.
func cell(s string) (value, after string, ok bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		if end := strings.IndexAny(s, ",;\t"); end >= 0 {
			return s[:end], s[end:], true
		}
		return s, "", true
	}
	size := closing(s)
	if s[0] == '"' { // a table doubles it, and leaves backslashes alone
		for size = 1; size < len(s) && (s[size] != '"' || strings.HasPrefix(s[size+1:], `"`)); size++ {
			if s[size] == '"' {
				size++
			}
		}
		size++
	}
	if size < 0 || size > len(s) {
		return s, "", false
	}
	value, after = s[1:size-1], s[size:]
	if after != "" && strings.IndexByte(",;\t", after[0]) < 0 {
		return s, "", false
	}
	if s[0] == '"' {
		return strings.ReplaceAll(value, `""`, `"`), after, true
	}
	return unescape(value), after, true
}

// rowHead reports whether a line begins a record whose fields follow one a line: wevtutil's, TOML's and MySQL's \G.
func rowHead(s string) bool {
	return strings.HasPrefix(s, "Event[") || strings.HasPrefix(s, "[[") || strings.HasPrefix(s, "***") && strings.Contains(s, ". row *")
}
