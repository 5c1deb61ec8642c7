package main

import (
	"fmt"
	"sync"
	"time"
)

const (
	// progressAfter is how long work takes before a person wants to know how far it is.
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
	eraseLine     = "\r\x1b[K"
)

// progress shows on a terminal how far long work is, in one line that is overwritten. Elsewhere it shows nothing.
type progress struct {
	c     console
	mu    sync.Mutex
	next  time.Time
	shown bool
}

func newProgress(c console) *progress { return &progress{c: c, next: time.Now().Add(progressAfter)} }

// say shows a text when it is time to.
func (p *progress) say(format string, args ...any) {
	if !p.c.terminal {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(progressEvery), true
	fmt.Fprint(p.c.screen, eraseLine)
	fmt.Fprintf(p.c.err, format, args...)
}

// bytes shows how much of a file has been read.
func (p *progress) bytes(file string, read, size int64) {
	const mega = 1 << 20
	if size > 0 {
		p.say("%s: %d of %d MiB", file, read/mega, size/mega)
		return
	}
	p.say("%s: %d MiB", file, read/mega)
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.c.screen, eraseLine)
		p.shown = false
	}
}

// note tells something on a line of its own.
func (p *progress) note(format string, args ...any) {
	p.clear()
	p.c.note(format, args...)
}
