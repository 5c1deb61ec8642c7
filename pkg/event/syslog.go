package event

import "strings"

// syslog reads RFC 5424 and RFC 3164, with a priority or without, and what rsyslog writes with an ISO time.
func syslog(s string, e *Event) (string, bool) {
	if n := digits(s); n > 0 && strings.HasPrefix(s[n:], " <") { // its size stands before it in a stream
		s = s[n+1:]
	}
	rest, level := s, UnknownLevel
	if strings.HasPrefix(s, "<") {
		n := 1 + digits(s[1:])
		if n == 1 || n > 4 || n >= len(s) || s[n] != '>' {
			return s, false
		}
		level = severity(s[1:n])
		rest = s[n+1:]
	}
	body := strings.TrimPrefix(rest, "1 ")
	n := timeSize(body)
	if n < 8 || n >= len(body) || body[n] != ' ' {
		return s, false
	}
	at := body[:n]
	host, after, _ := strings.Cut(strings.TrimLeft(body[n:], " "), " ")
	if len(body) < len(rest) {
		text, ok := rfc5424(at, after, e)
		if !ok {
			return s, false
		}
		e.ship(level)
		return text, true
	}
	if fields := strings.SplitN(after, " ", 5); len(fields) == 5 && (fields[1] == "-" || digits(fields[1]) == len(fields[1])) && fields[2] == "-" && (fields[3] == "-" || fields[3][0] == '[') && !isDigit(after[0]) && identifierWith(fields[0], "/.") {
		if text, ok := rfc5424(at, after, e); ok { // somebody has taken the version off
			e.ship(level)
			return text, true
		}
	}
	// A time, a host, a program: anything else is a head of another kind.
	tag, text, ok := strings.Cut(after, ": ")
	if !ok || host == "" || strings.ContainsAny(host, ":[]|()") || ParseLevel(host) != UnknownLevel || len(tag) > 60 || strings.ContainsAny(tag, " |") {
		return s, false
	}
	tag, pid, bracket := strings.Cut(tag, "[")
	if !bracket && len(rest) == len(s) && isDigit(at[0]) {
		return s, false // without a priority and a pid this may be a sentence
	}
	if !identifierWith(tag, "/.") || tag == "curl" || tag == "wget" || dateSize(host) > 0 {
		return s, false
	}
	if bracket {
		e.Attrs.PID = strings.TrimSuffix(pid, "]")
	}
	e.ship(level)
	e.At, e.Attrs.Pod = at, pod(host, e.Attrs.Pod)
	return text, true
}

func pod(host, otherwise string) string {
	if isPod(host) {
		return host
	}
	return otherwise
}

// severity is the level in a priority of up to three digits, which is facility × 8 + severity.
func severity(digits string) Level {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return [...]Level{Error, Error, Error, Error, Warning, Info, Info, Debug}[n%8]
}

// rfc5424 reads `app pid id [data] message` behind the host.
func rfc5424(at, s string, e *Event) (string, bool) {
	fields := strings.SplitN(s, " ", 4)
	if len(fields) < 4 {
		return s, false
	}
	text := fields[3]
	if strings.HasPrefix(text, "-") {
		text = text[1:]
	} else {
		for strings.HasPrefix(text, "[") {
			end := strings.Index(text, "\"]")
			if end < 0 {
				end = strings.IndexByte(text, ']') - 1
			}
			if end < 0 {
				return s, false
			}
			text = text[end+2:]
		}
	}
	e.At = at
	if digits(fields[1]) == len(fields[1]) {
		e.Attrs.PID = fields[1]
	}
	return strings.TrimPrefix(strings.TrimLeft(text, " "), "\ufeff"), true
}
