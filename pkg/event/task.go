package event

import "strings"

// maxTask is how much of a line the task engine's fields may take, in bytes.
const maxTask = 4096

// taskBehind looks for the task engine's fields behind tokens that may be head: the fields show that these are. It returns
// the size of all of it.
func taskBehind(line string, h *head, a *Attrs) int {
	for at := h.size; at <= h.end; {
		if n := task(line[at:], a); n > 0 {
			return at + n
		}
		next := strings.IndexByte(line[min(at+1, len(line)):], '[')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return 0
}

// task reads `[task_engine][…] sub_inst_id -> 42, exc -> `, which nodeman puts before what a step says. It returns the size
// of what it read.
func task(s string, a *Attrs) int {
	if len(s) == 0 || s[0] != '[' || !strings.Contains(s[:min(len(s), 400)], " -> ") {
		return 0
	}
	whole := s[:min(len(s), maxTask)]
	rest := whole
	for strings.HasPrefix(rest, "[") {
		name, after, ok := strings.Cut(rest[1:], "]")
		if !ok || !identifierWith(name, ":.") {
			break
		}
		rest = after
	}
	if len(rest) == len(whole) {
		return 0
	}
	rest = strings.TrimLeft(rest, " ")
	if title, after, ok := strings.Cut(rest, ": "); ok && identifierWith(title, " ") { // install failed:
		rest = after
	}
	found := *a
	for {
		name, value, ok := strings.Cut(rest, " -> ")
		if !ok || !identifier(name) {
			return 0
		}
		if name == "exc" || name == "log" || name == "error" {
			*a = found
			return len(whole) - len(value)
		}
		end := strings.Index(value, ", ")
		switch {
		case strings.HasPrefix(value, "["):
			end = strings.IndexByte(value, ']') + 1
		case strings.HasPrefix(value, "{"):
			end = strings.Index(value, "}, ") + 1
		}
		if end < 0 || !strings.HasPrefix(value[end:], ", ") {
			return 0
		}
		switch v := value[:end]; name {
		case "sub_inst_id":
			if digits(v) == len(v) {
				found.SubInstID = v
			}
		case "ip":
			found.HostIP = v
		case "labels":
			if _, step, ok := strings.Cut(v, "'step': '"); ok {
				found.Step, _, _ = strings.Cut(step, "'")
			}
		}
		rest = value[end+2:]
	}
}

// taskEnd returns where the message begins behind the rest of the task engine's fields, zero without one.
func taskEnd(s string) int {
	for _, last := range []string{", log -> ", ", exc -> "} {
		if at := strings.Index(s, last+"["); at >= 0 {
			return at + len(last)
		}
	}
	return 0
}

// InstallerTask returns nodeman's task in the path of an installer's log on a host, /tmp/nm.setup_agent.sh.4711 or
// C:\tmp\nm.setup_agent.bat.4711; "" in any other text.
func InstallerTask(path string) string {
	at := strings.LastIndexAny(path, `/\`)
	if at < 0 || !strings.HasPrefix(path[at+1:], "nm.setup_") {
		return ""
	}
	parts := strings.Split(strings.TrimSuffix(path[at+1:], ".debug"), ".")
	if len(parts) != 4 || !identifier(parts[1]) || !identifier(parts[2]) || !identifier(parts[3]) {
		return ""
	}
	return parts[3]
}
