package match

import (
	"cmp"
	"regexp"
	"strings"
)

const (
	levelWords = `(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FAIL|FATAL|CRITICAL|SEVERE|EXCEPTION)`
	// when is a time of any format, or what people put in its place when they paste a line into a ticket. It is
	// deliberately not "anything": a sentence before a level word is a quotation, not a log head.
	when = `(?:[\d\s:.,/TZ+\-年月日时分秒]*` + leftOut + `?[\s.…]*)`
	// leftOut stands for a time that somebody cut out of a pasted line.
	leftOut = `(?:时间略|时间|略|省略|time)`
)

// head is a log head: what its groups mean, and whether it is only taken off in some carriers.
type head struct {
	name string
	re   *regexp.Regexp
	set  func(m *Message, g []string)
}

// heads are tried in this order, again and again until none fits. Their sources are the emitters: nodeman's LogMaker
// and task engine, setup_agent.sh and .bat, setup_pagent.py, and the logback patterns of bk-job by version.
var heads = []head{
	{"logback", regexp.MustCompile(`^(?:\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{3}(?:Z|[+-]\d\d:?\d\d)?\]?|` + leftOut + `)\s+` + levelWords +
		`\s+\[[^\]]*\]\s+\d*\s*---\s+(?:\[[^\]]*\]\s+){1,3}\S+\s*: `), setLevel},
	{"logback", regexp.MustCompile(`^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}\](?:\[[^\]]*\]){1,3}\s*` + levelWords + `\s+\S+\s+-\s+`), setLevel},
	{"execution-log", regexp.MustCompile(`^\[` + when + levelWords + `\]\s*`), setLevel},
	{"execution-log", regexp.MustCompile(`^` + when + `\[` + levelWords + `\]\s*`), setLevel},
	{"installer", regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+` + levelWords + `\s+([A-Za-z][\w-]*)\s+` + statusWords + `(?:\s+|$)`), setInstaller},
	{"installer", regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+` + levelWords + `\s+([A-Za-z]+(?:[_-][A-Za-z]+)+)()\s+`), setInstaller},
	{"installer", regexp.MustCompile(`^(?:\S{2,9}\s+)?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\s+(?:\S{2,9}\s+)?\d{1,2}:\d\d:\d\d[.,]\d{1,3}\s+` + levelWords + `\s+([A-Za-z][\w-]*)\s+` + statusWords + `\s+`), setInstaller},
	{"python", regexp.MustCompile(`^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?\s+\[?` + levelWords + `\]?\s+(?:[|:-]\s+)?`), setLevel},
	{"request-id", regexp.MustCompile(`^(?:[0-9a-fA-F][0-9a-fA-F-]{7,63}|None)?\s*\|\s+`), func(*Message, []string) {}},
	{"task-engine", regexp.MustCompile(`^(?:\[[\w:.-]+\])+\s*(?:[\w ]+: )?(?:\w+ -> (?:\[[^\]]*\]|\{.*?\}|[^,{\[]*), )*(?:exc|log|error) -> `), setWorker},
	{"tag", regexp.MustCompile(`^\[(?:script|job|proxy)\]\s*(?:\[([A-Za-z][\w-]*)\]\s*)?(?:\((?:-|[A-Z]+)\)\s+)?`), setTag},
}

const statusWords = `(-|START|DONE|SUCCESS|DOWNLOADING|INFO|FAILED|FAIL)`

var exceptionClass = regexp.MustCompile(`^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Lost|Denied)?: `)

// nodemanText is how nodeman's own exceptions begin; another exception's class belongs to its message.
var nodemanText = regexp.MustCompile(`^(?:\[|Command returned|Authentication failed|Remote connection failed|Connect timeout)`)

// parseHead takes all log heads off one physical line.
func parseHead(line string, outer Message) Message {
	m := outer
	m.Text = line
	quoted := false
	for range maxDepth {
		h, g := findHead(m.Text)
		if h == nil {
			break
		}
		rest := m.Text[len(g[0]):]
		h.set(&m, g)
		m.Text = rest
		m = m.in(h.name)
		quoted = h.name == "installer"
	}
	// A traceback's last line names the exception's class before the text.
	if len(m.Carrier) > 0 {
		if loc := exceptionClass.FindStringIndex(m.Text); loc != nil && nodemanText.MatchString(m.Text[loc[1]:]) {
			m.Text = m.Text[loc[1]:]
		}
	}
	m.Text = strings.TrimSpace(m.Text)
	if n := len(m.Text); quoted && n > 1 && m.Text[0] == '"' && m.Text[n-1] == '"' {
		m.Text = m.Text[1 : n-1]
	}
	return m
}

func findHead(s string) (*head, []string) {
	for i := range heads {
		if g := heads[i].re.FindStringSubmatch(s); g != nil && g[0] != "" {
			return &heads[i], g
		}
	}
	return nil, nil
}

func setLevel(m *Message, g []string) {
	if level := ParseLevel(g[1]); level != UnknownLevel {
		m.Level = level
	}
}

func setInstaller(m *Message, g []string) {
	setLevel(m, g)
	m.Attrs.Step = g[2]
	if g[3] == "FAILED" || g[3] == "FAIL" {
		m.Level = Error
	}
}

// setTag reads `[script] [step]`. nodeman prints whole batches of installer lines under one INFO head, so an INFO
// before the tag is the batch's, not the line's.
func setTag(m *Message, g []string) {
	if m.Level == Info {
		m.Level = UnknownLevel
	}
	m.Attrs.Step = cmp.Or(g[1], m.Attrs.Step)
}

func setWorker(m *Message, g []string) {
	if s := workerSub.FindStringSubmatch(g[0]); s != nil {
		m.Attrs.SubInstID = s[1]
	}
	if s := workerIP.FindStringSubmatch(g[0]); s != nil {
		m.Attrs.HostIP = s[1]
	}
	if s := workerStep.FindStringSubmatch(g[0]); s != nil {
		m.Attrs.Step = cmp.Or(m.Attrs.Step, s[1])
	}
}
