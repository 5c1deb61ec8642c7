// Package match turns log lines into matches of signatures' terms: it takes the message out of whatever carries it,
// filters by literals, confirms by regex and types the captures.
package match

import "strings"

// Level is the log level of a message.
type Level string

// The levels. Unknown is a message whose carrier states none.
const (
	UnknownLevel Level = ""
	Debug        Level = "debug"
	Info         Level = "info"
	Warning      Level = "warning"
	Error        Level = "error"
)

// ParseLevel reads the level words that BlueKing's components and their carriers print.
func ParseLevel(word string) Level {
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "TRACE", "DEBUG":
		return Debug
	case "INFO", "NOTICE":
		return Info
	case "WARN", "WARNING":
		return Warning
	case "ERROR", "ERR", "FAIL", "FATAL", "CRITICAL", "SEVERE":
		return Error
	}
	return UnknownLevel
}

// Message is what a program said, without what carried it.
type Message struct {
	// Text is the message proper: no log head, no tag, no step, no ANSI, no trailing line break.
	Text string
	// Level is the innermost level that is stated.
	Level Level
	// Attrs are what the carrier says about the message: host_ip, sub_inst_id, task_id, step.
	Attrs Attrs
	// Carrier names the layers that were taken off, outermost first, for `explain`.
	Carrier []string
}

// Attrs are what a carrier says about a message; "" is unknown.
type Attrs struct {
	HostIP, SubInstID, TaskID, Step string
}

// Get returns an attribute by its capture name.
func (a Attrs) Get(name string) string {
	switch name {
	case "host_ip":
		return a.HostIP
	case "sub_inst_id":
		return a.SubInstID
	case "task_id":
		return a.TaskID
	case "step":
		return a.Step
	}
	return ""
}

// clone copies the values out of the line that they point into.
func (a Attrs) clone() Attrs {
	return Attrs{HostIP: strings.Clone(a.HostIP), SubInstID: strings.Clone(a.SubInstID), TaskID: strings.Clone(a.TaskID), Step: strings.Clone(a.Step)}
}

// merge fills what is unknown from an outer carrier.
func (a Attrs) merge(outer Attrs) Attrs {
	if a.HostIP == "" {
		a.HostIP = outer.HostIP
	}
	if a.SubInstID == "" {
		a.SubInstID = outer.SubInstID
	}
	if a.TaskID == "" {
		a.TaskID = outer.TaskID
	}
	if a.Step == "" {
		a.Step = outer.Step
	}
	return a
}
