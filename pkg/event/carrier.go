package event

import (
	"cmp"
	"strings"
)

// carriers take what a collector or a viewer put in front of a line. Each returns what is behind it, or false.
var carriers = []struct {
	name string
	take func(s string, e *Event) (string, bool)
}{
	{"cri", cri}, {"labels", labelled}, {"timestamps", timestamps}, {"kubectl", kubectl}, {"stern", stern}, {"syslog", syslog}, {"compose", compose},
	{"fields", tabular}, {"logfmt", pairs}, {"xml", xml}, {"html", markup}, {"csv", values}, {"output", output}, {"fluent-bit", fluentBit}, {"report_log", reportLog},
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

// kubectl reads `[pod/name/container] `, by --prefix, and kail's `namespace/pod[container]: `.
func kubectl(s string, e *Event) (string, bool) {
	name, _, ok := strings.Cut(s[:min(len(s), 300)], "]: ")
	if place, container, found := strings.Cut(name, "["); ok && found && identifier(container) && strings.IndexByte(place, '/') > 0 && identifierWith(place, "/.") {
		e.Attrs.Pod = place[strings.IndexByte(place, '/')+1:]
		return s[len(name)+3:], true
	}
	name, _, ok = strings.Cut(s[:min(len(s), 300)], "] ")
	if !ok || !strings.HasPrefix(name, "[pod/") {
		return s, false
	}
	e.Attrs.Pod, _, _ = strings.Cut(name[len("[pod/"):], "/")
	return s[len(name)+2:], true
}

// stern reads `pod container `, with the namespace before it or not.
func stern(s string, e *Event) (string, bool) {
	if strings.Contains(s[:min(len(s), 300)], " › ") {
		s = strings.Replace(s, " › ", " ", 1)
	}
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

// compose reads `name  | `, as docker compose prints; several spaces align the names.
func compose(s string, e *Event) (string, bool) {
	i := strings.Index(s[:min(len(s), 120)], " | ")
	if i <= 0 {
		return s, false
	}
	name := strings.TrimRight(s[:i], " ")
	if name == "" || strings.ContainsAny(name, " :[\"'=<>{}(),") || !strings.ContainsAny(name, "-_") && len(name) == i || name[0] >= 0x80 {
		return s, false
	}
	e.Attrs.Pod = pod(name, e.Attrs.Pod)
	return s[i+3:], true
}

// labelled reads `{pod="a"} `, with the time before it or not, as logcli and Promtail print.
func labelled(s string, e *Event) (string, bool) {
	n := timeSize(s)
	rest := strings.TrimLeft(s[n:], " \t")
	if !strings.HasPrefix(rest, "{") {
		return s, false
	}
	rest, pod := rest[1:], e.Attrs.Pod
	for !strings.HasPrefix(rest, "}") {
		name, after, ok := strings.Cut(rest, `="`)
		if !ok || !identifier(name) {
			return s, false
		}
		size := closing(`"` + after)
		if size < 0 {
			return s, false
		}
		if kindOf(name) == podKey {
			pod = after[:size-2]
		}
		rest = strings.TrimLeft(after[size-1:], ", ")
	}
	text := strings.TrimLeft(rest[1:], " \t")
	if text == "" || strings.IndexByte("|!=~", text[0]) >= 0 || n == 0 && pod == e.Attrs.Pod {
		return s, false // a query
	}
	e.Attrs.Pod = pod
	return text, true
}

// output reads a line that names the program or the host and its output behind it: of supervisord, tail, Ansible, Salt,
// .NET, java.util.logging.
func output(s string, e *Event) (string, bool) {
	line, rest, ok := strings.Cut(s, "\n")
	line = strings.TrimRight(line, "\r")
	if ok && strings.HasPrefix(line, "==> ") && strings.HasSuffix(line, " <==") {
		return rest, true
	}
	if ok && (prompted(line) || len(line) > 10 && strings.HasPrefix(line, "-----") && strings.HasSuffix(line, "-----")) {
		return rest, true
	}
	if ok && strings.HasSuffix(line, " >>") && strings.Contains(line, " | rc=") {
		return rest, true
	}
	if ok && strings.HasSuffix(line, ":") && identifierWith(line[:len(line)-1], ".") && strings.HasPrefix(rest, "    ") {
		return strings.ReplaceAll(rest[4:], "\n    ", "\n"), true
	}
	if level, category, found := strings.Cut(line, ": "); ok && found && ParseLevel(level) != UnknownLevel && strings.HasSuffix(category, "]") && strings.HasPrefix(rest, "      ") { // .NET
		e.Level = ParseLevel(level)
		return strings.ReplaceAll(rest[6:], "\n      ", "\n"), true
	}
	n := timeSize(line)
	if !ok || n == 0 {
		return s, false
	}
	if strings.HasSuffix(line, " stdout output:") || strings.HasSuffix(line, " stderr output:") {
		return rest, true
	}
	class, method, ok := strings.Cut(strings.TrimSpace(line[n:]), " ")
	at := strings.IndexAny(rest[:min(len(rest), 20)], ":：")
	if !ok || at < 0 || !identifierWith(class, ".$") || !identifierWith(method, "$<>") {
		return s, false
	}
	level := cmp.Or(ParseLevel(rest[:at]), levelNames[rest[:at]])
	if level == UnknownLevel {
		return s, false
	}
	e.At, e.Level, e.Attrs.Logger = line[:n], level, class
	return strings.TrimLeft(strings.TrimPrefix(rest[at:], "："), ": "), true
}

// prompted reports a command behind the prompt of a shell, user@host: what follows it is its output.
func prompted(line string) bool {
	prompt, _, ok := strings.Cut(line, "# ")
	if user, _, found := strings.Cut(line, "$ "); found && (!ok || len(user) < len(prompt)) {
		prompt, ok = user, true
	}
	user, place, at := strings.Cut(strings.Trim(prompt, "[]"), "@")
	return ok && at && identifierWith(user, ".") && place != "" && len(prompt) < maxBracket && strings.Count(place, " ") < 2
}

// fluentBit reads `[0] tag: [[time, {}], {…}]`, as its output to the terminal is.
func fluentBit(s string, _ *Event) (string, bool) {
	if tag, rest, ok := strings.Cut(s[:min(len(s), 300)], ": ["); ok && strings.HasPrefix(tag, "[") && strings.Count(tag, " ") == 1 {
		if at := strings.TrimLeft(rest, "[0123456789., {}]"); strings.HasPrefix(at, `"`) && len(at) < len(rest) {
			return "{" + s[min(len(s), 300)-len(at):], true
		}
	}
	return s, false
}

// nodeman's backend-api logs what an installer reports as Python bytes.
func reportLog(s string, e *Event) (string, bool) {
	before, body, ok := strings.Cut(s[:min(len(s), 400)], "[report_log]: b")
	if !ok || body == "" || body[0] != '\'' && body[0] != '"' || strings.Contains(before, "{\"") {
		return s, false // inside JSON it is read when that is taken off
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
