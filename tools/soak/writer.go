package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

// written is a line with when it was pushed: between sent and stored nobody knows whether a query sees it.
type written struct {
	at           time.Time
	fails        bool
	sent, stored time.Time // stored is zero until Loki has confirmed
}

// truth is what was logged of every incident so far. It is safe for concurrent use.
type truth struct {
	mu        sync.Mutex
	incidents map[string]*logged // by host
	lines     int
}

// logged is what was logged of one incident, in order of time.
type logged struct {
	incident
	lines []written
}

func newTruth() *truth { return &truth{incidents: map[string]*logged{}} }

// snapshot copies what is known now.
func (t *truth) snapshot() map[string]logged {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]logged, len(t.incidents))
	for host, l := range t.incidents {
		out[host] = logged{l.incident, append([]written(nil), l.lines...)}
	}
	return out
}

// writer pushes the planned lines as their time comes, and healthy ones all the time.
type writer struct {
	url   string
	start time.Time
	truth *truth
	// planned incidents whose lines are not all written, with how many are.
	open []*progress
	next int
	n    int // numbers healthy lines
}

type progress struct {
	incident
	done int
}

// run writes until ctx ends; incidents begin until `until`, so that the last ones are seen to end.
func (w *writer) run(ctx context.Context, until time.Time) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			if err := w.write(ctx, now, until); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

func (w *writer) write(ctx context.Context, now, until time.Time) error {
	for begin := w.start.Add(time.Duration(w.next) * every); !begin.After(now) && begin.Before(until); begin = w.start.Add(time.Duration(w.next) * every) {
		w.open = append(w.open, &progress{incident: plan(w.next)})
		w.next++
	}
	var streams []logproto.Stream
	var confirm []func(stored time.Time)
	left := w.open[:0]
	for _, p := range w.open {
		var entries []logproto.Entry
		for p.done < len(p.lines) {
			l := p.lines[p.done]
			at := w.start.Add(l.at)
			if at.Add(l.delay).After(now) {
				break
			}
			entries = append(entries, logproto.Entry{Timestamp: at, Line: l.text})
			confirm = append(confirm, w.truth.sending(p.incident, at, l.fails))
			p.done++
		}
		if len(entries) > 0 {
			streams = append(streams, logproto.Stream{Labels: fmt.Sprintf(`{source="nodeman", cluster=%q, host=%q}`, cluster, p.host), Entries: entries})
		}
		if p.done < len(p.lines) {
			left = append(left, p)
		}
	}
	w.open = left
	for source, text := range healthy {
		s := logproto.Stream{Labels: fmt.Sprintf(`{source=%q, cluster=%q, host="healthy"}`, source, cluster)}
		for i := range healthyRate {
			w.n++
			s.Entries = append(s.Entries, logproto.Entry{Timestamp: now.Add(time.Duration(i) * time.Microsecond), Line: fmt.Sprintf(text, w.n)})
		}
		streams = append(streams, s)
	}
	if err := lokiserver.Push(ctx, w.url, "", streams); err != nil {
		return err
	}
	stored := time.Now()
	for _, f := range confirm {
		f(stored)
	}
	return nil
}

// sending notes a line that is about to be pushed and returns what notes that it is stored.
func (t *truth) sending(inc incident, at time.Time, fails bool) func(stored time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.incidents[inc.host]
	if l == nil {
		l = &logged{incident: inc}
		t.incidents[inc.host] = l
	}
	l.lines = append(l.lines, written{at: at, fails: fails, sent: time.Now()})
	t.lines++
	i := len(l.lines) - 1
	return func(stored time.Time) {
		t.mu.Lock()
		defer t.mu.Unlock()
		l.lines[i].stored = stored
	}
}
