// Package event turns the entries of a log store into events: what a program said, whoever carried it here. It is the
// only place that knows how messages travel. Read takes off envelopes (CRI, JSON, syslog, …) and heads (times, levels,
// loggers, …), splits what holds several records, and judges whether the program says a thing of itself.
package event

import (
	"slices"
	"strings"
)

// Event is one record of a program, without what carried it.
type Event struct {
	// Text is the message proper, of one or more lines: no envelope, no head, no colours, no CR.
	Text string
	// Level is the innermost level that is stated.
	Level Level
	// At is the time as the head printed it, "" without one.
	At    string
	Attrs Attrs
	// Envelopes are what was taken off, outermost first.
	Envelopes []string
	// Head is what stood on the line in front of Text and says nothing by itself.
	Head string
	// Failed is what a script ended with, which nodeman repeats as a warning.
	Failed bool
	// Folded is an installer line in a batch of any level under one INFO head: that INFO says nothing about it.
	Folded bool
	// Continues is a text that begins without head and level: it may belong to the record before it.
	Continues bool
	// Cut is half of a record that a collector split.
	Cut bool
	// Garbled is a text whose words beyond ASCII were lost on the way.
	Garbled bool
	Stance  Stance
	// Why gives the reason for a stance that is not Stated.
	Why Reason

	// shipped is a level that the collector gave to the line, not the program: every line of a record has it.
	shipped bool
}

// ship takes over the priority of syslog and journald. Info is what they give to any output.
func (e *Event) ship(level Level) {
	if level != UnknownLevel && level != Info {
		e.Level, e.shipped = level, true
	}
}

// Stance says whose words a text is.
type Stance string

// The stances.
const (
	// Stated is what a program says of itself.
	Stated Stance = "stated"
	// Quoted is what somebody asks about, cites or looks for. It never counts.
	Quoted Stance = "quoted"
	// Unclear may be either: what counts by it is suspected at most.
	Unclear Stance = "unclear"
)

// Level is the log level of an event.
type Level string

// The levels. UnknownLevel is an event that states none.
const (
	UnknownLevel Level = ""
	Debug        Level = "debug"
	Info         Level = "info"
	Warning      Level = "warning"
	Error        Level = "error"
)

// ParseLevel reads the level words that programs and their carriers print.
func ParseLevel(word string) Level {
	if len(word) > 12 {
		return UnknownLevel
	}
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "TRACE", "DEBUG", "DBG", "VERBOSE", "TRC", "DEBU", "TRAC":
		return Debug
	case "INFO", "NOTICE", "INF", "INFORMATION", "INFORMATIONAL":
		return Info
	case "WARN", "WARNING", "WRN":
		return Warning
	case "ERROR", "ERR", "FAIL", "FATAL", "CRITICAL", "CRIT", "SEVERE", "EXCEPTION", "ALERT", "EMERG", "PANIC", "ERRO", "FATA", "PANI":
		return Error
	}
	return UnknownLevel
}

// Attrs are what envelope and head say about an event; "" is unknown.
type Attrs struct {
	HostIP, Pod, RequestID, TaskID, SubInstID, Step, PID, Thread, Logger string
	// Tag is whose output nodeman prints: "script", "job" or "proxy".
	Tag string
}

// AttrNames are the names by which captures take attributes.
func AttrNames() []string {
	return []string{"host_ip", "pod", "request_id", "task_id", "sub_inst_id", "step", "pid", "tid", "logger", "tag"}
}

// Get returns an attribute by its name.
func (a Attrs) Get(name string) string {
	if i := slices.Index(AttrNames(), name); i >= 0 {
		return *a.all()[i]
	}
	return ""
}

func (a *Attrs) all() []*string {
	return []*string{&a.HostIP, &a.Pod, &a.RequestID, &a.TaskID, &a.SubInstID, &a.Step, &a.PID, &a.Thread, &a.Logger, &a.Tag}
}

// Or fills what is unknown from an outer carrier or another line of the record.
func (a Attrs) Or(outer Attrs) Attrs {
	from := outer.all()
	for i, v := range a.all() {
		if *v == "" {
			*v = *from[i]
		}
	}
	return a
}

// Clone copies the values out of the line that they point into.
func (a Attrs) Clone() Attrs {
	for _, v := range a.all() {
		*v = strings.Clone(*v)
	}
	return a
}
