package match

import (
	"regexp"
	"strings"
)

// Bounds of unwrapping. A line nests carriers at most this deep, and one line yields at most this many messages:
// a report_log batch holds a few dozen, more is not a log line any more.
const (
	maxDepth    = 6
	maxMessages = 256
	// maxSpanning is how long a message over several lines may be, in bytes.
	maxSpanning = 16 << 10
)

var (
	// containerd and CRI-O write `<RFC3339Nano> stdout|stderr F|P <line>`.
	criHead = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP](?::\S*)? `)
	// CSI sequences, and the same after a carrier has replaced or dropped the ESC byte's neighbours.
	ansi = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)`)
	// nodeman's backend-api logs what an installer reports as Python bytes (NM:apps/backend/views.py).
	reportLog = regexp.MustCompile(`\[report_log\]:\s*b(['"])`)
)

// Unwrap returns the messages that a raw line of a source carries. A line that nothing wraps is one message.
func Unwrap(line string) []Message {
	u := unwrapper{}
	u.text(line, Message{}, 0)
	return u.out
}

type unwrapper struct {
	out []Message
}

// text takes one layer off a text and goes on with what is inside.
func (u *unwrapper) text(s string, outer Message, depth int) {
	if len(u.out) >= maxMessages {
		return
	}
	s = strings.TrimPrefix(s, "\ufeff")
	if strings.IndexByte(s, 0x1b) >= 0 {
		s = ansi.ReplaceAllString(s, "")
	}
	if depth < maxDepth {
		if loc := criHead.FindStringIndex(s); loc != nil {
			u.text(s[loc[1]:], outer.in("cri"), depth+1)
			return
		}
		if trimmed := strings.TrimSpace(s); len(trimmed) > 1 && trimmed[0] == '{' && u.json(trimmed, outer, depth) {
			return
		}
		if m := reportLog.FindStringSubmatchIndex(s); m != nil {
			u.report(s[m[1]:], s[m[2]:m[3]], outer, depth)
			return
		}
	}
	u.lines(s, outer)
}

// lines splits what has no further carrier at its line breaks and takes the log head off each line. What is several
// lines is also kept whole, for messages that span lines.
func (u *unwrapper) lines(s string, outer Message) {
	if trimmed := strings.TrimSpace(s); strings.ContainsAny(trimmed, "\r\n") && len(trimmed) <= maxSpanning {
		u.out = append(u.out, parseHead(trimmed, outer))
	}
	carried := outer
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(u.out) >= maxMessages {
			return
		}
		m := parseHead(line, carried)
		u.out = append(u.out, m)
		// What a head says about host and task holds for the lines that follow it; its level does not, because
		// nodeman before 2.2.31 put one INFO head before a batch of installer lines of any level.
		carried.Attrs = m.Attrs.merge(carried.Attrs)
		carried.Attrs.Step = outer.Attrs.Step
	}
}

func (m Message) in(carrier string) Message {
	m.Carrier = append(m.Carrier[:len(m.Carrier):len(m.Carrier)], carrier)
	return m
}
