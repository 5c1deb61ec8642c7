package event

import (
	"regexp"
	"strings"
)

// carriers take what a collector or a viewer put in front of a line. Each returns what is behind it, or false.
var carriers = []struct {
	name string
	take func(s string, e *Event) (string, bool)
}{
	{"cri", cri}, {"timestamps", timestamps}, {"kubectl", kubectl}, {"stern", stern}, {"syslog", syslog}, {"compose", compose},
	{"logfmt", logfmt}, {"journald", journald}, {"report_log", reportLog},
}

// cri reads `2024-10-22T09:01:02.345678901Z stdout F `, as containerd and CRI-O write. P is part of a longer line.
func cri(s string, e *Event) (string, bool) {
	i := strings.Index(s[:min(len(s), 60)], " std")
	if i < 19 || timeSize(s) != i {
		return s, false
	}
	rest := s[i+4:]
	for _, stream := range []string{"out ", "err "} {
		if after, ok := strings.CutPrefix(rest, stream); ok && len(after) > 0 && (after[0] == 'F' || after[0] == 'P') {
			_, text, _ := strings.Cut(after, " ")
			e.At, e.Cut = s[:i], e.Cut || after[0] == 'P'
			return text, true
		}
	}
	return s, false
}

// timestamps reads the time that `docker logs -t` and `kubectl logs --timestamps` put before a line, to the nanosecond.
func timestamps(s string, e *Event) (string, bool) {
	i := strings.IndexByte(s[:min(len(s), 40)], ' ')
	if i < 27 || s[10] != 'T' || s[19] != '.' || timeSize(s) != i {
		return s, false
	}
	e.At = s[:i]
	return s[i+1:], true
}

// kubectl reads `[pod/name/container] `, by --prefix.
func kubectl(s string, e *Event) (string, bool) {
	name, _, ok := strings.Cut(s[:min(len(s), 300)], "] ")
	if !ok || !strings.HasPrefix(name, "[pod/") {
		return s, false
	}
	e.Attrs.Pod, _, _ = strings.Cut(name[len("[pod/"):], "/")
	return s[len(name)+2:], true
}

// stern reads `pod container `, with the namespace before it or not.
func stern(s string, e *Event) (string, bool) {
	words := strings.SplitN(s[:min(len(s), 300)], " ", 4)
	first := 0
	if len(words) == 4 && !isPod(words[0]) && identifier(words[0]) && isLetter(words[0][0]) && !isTicket(words[0]) {
		first = 1
	}
	if len(words) < first+3 || strings.HasPrefix(words[first+2], "|") || !isPod(words[first]) || !identifier(words[first]) || !identifier(words[first+1]) || !isLetter(words[first+1][0]) || ParseLevel(words[first+1]) != UnknownLevel {
		return s, false
	}
	e.Attrs.Pod = words[first]
	for _, w := range words[:first+2] {
		s = s[len(w)+1:]
	}
	return s, true
}

// syslog reads RFC 5424 and RFC 3164, with a priority or without, and what rsyslog writes with an ISO time.
func syslog(s string, e *Event) (string, bool) {
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
	// A time, a host, a program: anything else is a head of another kind.
	tag, text, ok := strings.Cut(after, ": ")
	if !ok || host == "" || strings.ContainsAny(host, ":[]|()") || ParseLevel(host) != UnknownLevel || len(tag) > 60 || strings.ContainsAny(tag, " |") {
		return s, false
	}
	tag, pid, bracket := strings.Cut(tag, "[")
	if !bracket && len(rest) == len(s) && isDigit(at[0]) {
		return s, false // without a priority and a pid this may be a sentence
	}
	if !identifier(strings.ReplaceAll(strings.ReplaceAll(tag, "/", "_"), ".", "_")) || tag == "curl" || tag == "wget" || dateSize(host) > 0 {
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

// compose reads `name  | `, as docker compose prints; several spaces align the names.
func compose(s string, e *Event) (string, bool) {
	i := strings.Index(s[:min(len(s), 120)], " | ")
	if i <= 0 {
		return s, false
	}
	name := strings.TrimRight(s[:i], " ")
	if name == "" || strings.ContainsAny(name, " :[\"'=") || !strings.ContainsAny(name, "-_") && len(name) == i || name[0] >= 0x80 {
		return s, false
	}
	e.Attrs.Pod = pod(name, e.Attrs.Pod)
	return s[i+3:], true
}

// logfmt reads key=value pairs with a msg among them. Without one it is somebody's statistics, a query log for instance.
func logfmt(s string, e *Event) (string, bool) {
	if i := strings.IndexByte(s, '='); i <= 0 || i > 40 || !identifier(strings.ReplaceAll(s[:i], ".", "_")) {
		return s, false
	}
	inner, text, found := *e, "", false
	for rest := s; rest != ""; {
		key, after, ok := strings.Cut(rest, "=")
		if !ok || key == "" || len(key) > 60 || strings.ContainsAny(key, " \"[") {
			break
		}
		end, value := strings.IndexByte(after, ' '), ""
		if strings.HasPrefix(after, `"`) {
			if end = closing(after); end < 0 {
				inner.Cut = true
			}
		}
		if end < 0 {
			end = len(after)
		}
		value, rest = after[:end], strings.TrimLeft(after[end:], " ")
		if strings.HasPrefix(value, `"`) {
			value = unescape(strings.TrimSuffix(value[1:], `"`))
		}
		switch kindOf(key) {
		case primaryKey:
			text, found = value, true
		case detailKey:
			text += "\n" + value
		case levelKey:
			inner.Level = ParseLevel(value)
		case timeKey:
			inner.At = value
		case podKey:
			inner.Attrs.Pod = value
		}
	}
	if !found {
		return s, false
	}
	*e = inner
	return strings.TrimPrefix(text, "\n"), true
}

// journald reads the export format: a field a line, MESSAGE among them.
func journald(s string, e *Event) (string, bool) {
	if !strings.HasPrefix(s, "__") && !strings.HasPrefix(s, "MESSAGE=") && !strings.HasPrefix(s, "PRIORITY=") && !strings.HasPrefix(s, "_") {
		return s, false
	}
	inner, text, found := *e, "", false
	for line := range strings.SplitSeq(s, "\n") {
		key, value, ok := strings.Cut(line, "=")
		switch {
		case key == "MESSAGE" && ok:
			text, found = value, true
		case key == "PRIORITY" && value != "":
			inner.ship(levelOf(key, value))
		case key == "_PID":
			inner.Attrs.PID = value
		case !ok && found && !strings.Contains(line, "="):
			text += "\n" + line
		}
	}
	if !found {
		return s, false
	}
	*e = inner
	return text, true
}

// nodeman's backend-api logs what an installer reports as Python bytes.
func reportLog(s string, e *Event) (string, bool) {
	_, body, ok := strings.Cut(s[:min(len(s), 400)], "[report_log]: b")
	if !ok || body == "" || body[0] != '\'' && body[0] != '"' {
		return s, false
	}
	quote := body[:1]
	body = s[len(s[:min(len(s), 400)])-len(body)+1:]
	if end := strings.LastIndex(body, quote); end >= 0 {
		body = body[:end]
	}
	// The INFO of the carrying record says nothing about the installer's lines.
	e.Level = UnknownLevel
	return unescape(body), true
}

var (
	// The task engine puts its own fields before what a step says.
	taskEngine = regexp.MustCompile(`^(?:\[[\w:.-]+\])+\s*(?:[\w ]+: )?(?:\w+ -> (?:\[[^\]]*\]|\{.*?\}|[^,{\[]*), )*(?:exc|log|error) -> `)
	workerIP   = regexp.MustCompile(`\bip -> ([0-9A-Fa-f:.]+)`)
	workerSub  = regexp.MustCompile(`\bsub_inst_id -> (\d+)`)
	workerStep = regexp.MustCompile(`'step': '([\w-]+)'`)
)

// task reads `[task_engine][…] sub_inst_id -> 42, exc -> `. It returns the size of what it read.
func task(s string, a *Attrs) int {
	if len(s) == 0 || s[0] != '[' || !strings.Contains(s[:min(len(s), 400)], " -> ") {
		return 0
	}
	n := len(taskEngine.FindString(s[:min(len(s), 4096)]))
	for _, f := range []struct {
		re   *regexp.Regexp
		into *string
	}{{workerSub, &a.SubInstID}, {workerIP, &a.HostIP}, {workerStep, &a.Step}} {
		if m := f.re.FindStringSubmatch(s[:n]); m != nil {
			*f.into = m[1]
		}
	}
	return n
}
