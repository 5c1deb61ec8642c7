package main

import (
	"fmt"
	"time"
)

const (
	// settle is how long after Loki's confirmation a line may be missing from an answer: the plugin shares the open end
	// of a range for 5 s (pkg/scan tailShared).
	settle = 7 * time.Second
	// edge is how near to the moment of a change nobody is told which of both is right.
	edge = 2 * time.Second
	// closedFor is how long an alert row stays at 0.
	closedFor = 15 * time.Minute
)

// seen is an incident as the plugin answers it.
type seen struct {
	id, fingerprint, signature, host, state, reason string
	since, end                                      time.Time
	count                                           int64
}

// expectation is what an incident has to look like in an answer.
type expectation struct {
	// known is false while nobody can tell, because a line was pushed a moment ago.
	known       bool
	exists      bool
	state       string
	reason      string
	since, last time.Time
	end         time.Time
	count       int64
}

// expect says what an answer that was asked for at `asked` has to say of an incident as of `now`.
func (l logged) expect(asked, now time.Time) expectation {
	e := expectation{known: true, state: "active"}
	var recovered time.Time
	for _, w := range l.lines {
		if w.at.After(now) {
			continue
		}
		if w.stored.IsZero() || w.stored.Add(settle).After(asked) || now.Sub(w.at) < edge {
			e.known = false
			continue
		}
		if !w.fails {
			recovered = w.at
			continue
		}
		if !e.exists {
			e.exists, e.since = true, w.at
		}
		e.count++
		e.last = w.at
	}
	if !e.exists {
		return e
	}
	over := e.last.Add(quiet)
	switch {
	case recovered.After(e.last):
		e.state, e.reason, e.end = "resolved", "recovered", recovered
	case l.kind == goesQuiet && now.After(over):
		e.state, e.reason, e.end = "resolved", "quiet", over
	}
	if l.kind == goesQuiet && now.Sub(over).Abs() < edge {
		e.known = false
	}
	return e
}

// checker compares answers with the truth and remembers what must not change. It is used by one goroutine at a time.
type checker struct {
	truth  *truth
	ids    map[string]string // by fingerprint
	prints map[string]string // fingerprint by host
	found  map[string]bool   // hosts that were seen resolved
	checks int
}

func newChecker(t *truth) *checker {
	return &checker{truth: t, ids: map[string]string{}, prints: map[string]string{}, found: map[string]bool{}}
}

// incidents returns what is wrong with an answer for [from, now] that was asked for at `asked`.
func (c *checker) incidents(answer []seen, asked, from, now time.Time) []string {
	known := c.truth.snapshot()
	var wrong []string
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	byHost := map[string][]seen{}
	for _, s := range answer {
		byHost[s.host] = append(byHost[s.host], s)
		l, planned := known[s.host]
		switch {
		case !planned:
			complain("an incident that nobody logged: %s on %s", s.signature, s.host)
		case l.signature != s.signature:
			complain("%s: signature %s, want %s", s.host, s.signature, l.signature)
		}
		if id, before := c.ids[s.fingerprint]; before && id != s.id {
			complain("%s: the id changed from %s to %s", s.host, id, s.id)
		}
		if old, before := c.prints[s.host]; before && old != s.fingerprint {
			complain("%s: the fingerprint changed from %s to %s", s.host, old, s.fingerprint)
		}
		c.ids[s.fingerprint], c.prints[s.host] = s.id, s.fingerprint
	}
	for host, l := range known {
		c.checks++
		e := l.expect(asked, now)
		rows := byHost[host]
		if len(rows) > 1 {
			complain("%s: %d incidents of one failure", host, len(rows))
			continue
		}
		gone := e.state == "resolved" && e.end.Before(from.Add(time.Minute)) // may have left the range
		if len(rows) == 0 {
			if e.exists && !gone {
				complain("%s (kind %d): missing; first line at %s, asked at %s", host, l.kind, clock(e.since), clock(asked))
			}
			continue
		}
		if !e.known {
			continue
		}
		s := rows[0]
		if !e.exists {
			complain("%s: an incident before its first line", host)
			continue
		}
		if s.state != e.state || s.reason != e.reason {
			complain("%s (kind %d): %s %s, want %s %s; asked at %s", host, l.kind, s.state, s.reason, e.state, e.reason, clock(asked))
		}
		if s.count != e.count {
			complain("%s (kind %d): %d lines, want %d", host, l.kind, s.count, e.count)
		}
		if d := s.since.Sub(e.since).Abs(); d > time.Millisecond {
			complain("%s: since %s, want %s", host, clock(s.since), clock(e.since))
		}
		if d := s.end.Sub(e.end).Abs(); e.state == "resolved" && d > time.Millisecond {
			complain("%s (kind %d): ended at %s, want %s", host, l.kind, clock(s.end), clock(e.end))
		}
		if s.state == "resolved" {
			c.found[host] = true
		}
	}
	return wrong
}

// alerts returns what is wrong with the rows of an alert query, value by fingerprint.
func (c *checker) alerts(rows map[string]float64, asked, now time.Time) []string {
	var wrong []string
	for host, l := range c.truth.snapshot() {
		fingerprint, named := c.prints[host]
		e := l.expect(asked, now)
		if !named || !e.known || !e.exists {
			continue
		}
		c.checks++
		value, there := rows[fingerprint]
		closed := now.Sub(e.end)
		switch {
		case e.state == "active" && (!there || value != 1):
			wrong = append(wrong, fmt.Sprintf("%s (kind %d): the alert is %v (row: %v) while the incident is active", host, l.kind, value, there))
		case e.state == "resolved" && there && value != 0:
			wrong = append(wrong, fmt.Sprintf("%s (kind %d): the alert fires %s after the end", host, l.kind, closed))
		case e.state == "resolved" && !there && closed < closedFor-edge:
			wrong = append(wrong, fmt.Sprintf("%s (kind %d): no row %s after the end", host, l.kind, closed))
		case e.state == "resolved" && there && closed > closedFor+edge:
			wrong = append(wrong, fmt.Sprintf("%s (kind %d): still a row %s after the end", host, l.kind, closed))
		}
	}
	return wrong
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
