package memory

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// reading answers every read with what lies in it of some hits.
func reading(reads *[]logs.Window, hits *[]match.Line) Fetcher {
	var mu sync.Mutex // spans are read side by side
	return func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
		mu.Lock()
		*reads = append(*reads, logs.Window{Start: start, End: end})
		mu.Unlock()
		var out []match.Line
		for _, h := range *hits {
			if !h.Time.Before(start) && h.Time.Before(end) {
				out = append(out, h)
			}
		}
		return out, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: logs.Complete}}}, nil
	}
}

func hitAt(at time.Time) match.Line {
	return match.Line{Finding: &match.Finding{Kinds: []*match.Kind{{}}}, Entry: &match.Entry{Time: at}}
}

// A year that somebody looks at holds little, and does not push out the segments that rules read.
func TestAYearOfSilenceDoesNotPushOutTheLastHour(t *testing.T) {
	m := New(10*time.Minute, 256<<10, unobserved{})
	var reads []logs.Window
	var hits []match.Line
	fetch := reading(&reads, &hits)
	read := func(track string, start, end time.Time) {
		t.Helper()
		if _, cov, err := m.Read(t.Context(), track, start, end, t0, fetch); err != nil || !complete(cov) {
			t.Fatal(err)
		}
	}
	read("rule", t0.Add(-2*time.Hour), t0.Add(-time.Hour))
	before := m.Size()
	read("viewer", t0.Add(-365*24*time.Hour), t0.Add(-time.Hour))
	if more := m.Size() - before; more > 150<<10 {
		t.Errorf("a year of silence holds %d bytes", more)
	}
	reads = nil
	read("rule", t0.Add(-2*time.Hour), t0.Add(-time.Hour))
	if len(reads) > 0 {
		t.Errorf("the rule has to read %v again", reads)
	}
	reads = nil
	read("viewer", t0.Add(-365*24*time.Hour), t0.Add(-time.Hour))
	var again time.Duration
	for _, w := range reads {
		again += w.End.Sub(w.Start)
	}
	if again > 2*day {
		t.Errorf("the viewer's refresh reads %s again", again)
	}
}

// The books agree with what is held, and the bound holds, whatever is read.
func TestTheBoundHoldsAndTheBooksAgree(t *testing.T) {
	m := New(10*time.Minute, 64<<10, unobserved{})
	var reads []logs.Window
	var hits []match.Line
	for at := t0.Add(-20 * day); at.Before(t0); at = at.Add(7 * time.Minute) {
		hits = append(hits, hitAt(at))
	}
	for n, span := range []time.Duration{time.Hour, 10 * day, 3 * time.Hour, 20 * day, time.Hour} {
		if _, _, err := m.Read(t.Context(), "x", t0.Add(-span), t0, t0.Add(time.Duration(n)*time.Second), reading(&reads, &hits)); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for _, s := range m.byKey {
			total += s.bytes
		}
		if total != m.bytes || m.bytes > m.maxBytes || m.order.Len() != len(m.byKey) {
			t.Fatalf("%d bytes in %d entries, %d in order; the books say %d, the bound is %d", total, len(m.byKey), m.order.Len(), m.bytes, m.maxBytes)
		}
	}
}

// A clock that was hours ahead for one query must not hide for hours what is logged meanwhile.
func TestWhatWasReadInTheFutureIsNotBelieved(t *testing.T) {
	m := New(10*time.Minute, 1<<20, unobserved{})
	var reads []logs.Window
	var hits []match.Line
	fetch := reading(&reads, &hits)
	if _, _, err := m.Read(t.Context(), "x", t0.Add(-time.Hour), t0.Add(3*time.Hour), t0.Add(3*time.Hour), fetch); err != nil {
		t.Fatal(err)
	}
	hits = append(hits, hitAt(t0.Add(5*time.Minute)))
	now := t0.Add(20 * time.Minute)
	if got, _, err := m.Read(t.Context(), "x", t0.Add(-time.Hour), now, now, fetch); err != nil || len(got) != 1 {
		t.Errorf("%d hits, %v, want the one that was logged since", len(got), err)
	}
}

// A backlog that reaches the store after its time was read is found within two evaluations, whoever asks.
func TestABacklogIsReadWhenVolumesGrow(t *testing.T) {
	for name, late := range map[string]time.Duration{"after an outage": 20 * time.Hour, "a collector that is late": 25 * time.Minute} {
		m := New(10*time.Minute, 1<<20, unobserved{})
		var reads []logs.Window
		var hits []match.Line
		arrived := false
		ask := func(_ context.Context, start, end time.Time) (logs.Shipping, error) {
			windows := []logs.Window{{Start: start, End: t0.Add(-late)}}
			if arrived {
				windows = []logs.Window{{Start: start, End: end}}
			}
			return logs.Shipping{All: logs.NewLiveness(windows)}, nil
		}
		evaluate := func(identity string, now time.Time) int {
			t.Helper()
			track := Family("nodeman") + identity
			got, _, err := m.Read(t.Context(), track, now.Add(-24*time.Hour), now, now, reading(&reads, &hits))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Live(t.Context(), track, now.Add(-25*time.Hour), now, now, ask); err != nil {
				t.Fatal(err)
			}
			return len(got)
		}
		evaluate("rule", t0)
		evaluate("viewer", t0)
		hits, arrived = []match.Line{hitAt(t0.Add(-late + 2*time.Minute))}, true
		evaluate("rule", t0.Add(time.Minute))
		evaluate("viewer", t0.Add(time.Minute))
		for _, who := range []string{"rule", "viewer"} {
			if got := evaluate(who, t0.Add(2*time.Minute)); got != 1 {
				t.Errorf("%s: the second evaluation of the %s finds %d hits", name, who, got)
			}
		}
	}
}
