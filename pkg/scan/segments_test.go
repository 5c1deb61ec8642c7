package scan

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// refreshing returns two scanners over one store and one clock: one with memory, one without.
func refreshing(t *testing.T, m *memory, clock *time.Time) (remembering, fresh *Scanner) {
	t.Helper()
	build := func(bytes int64) *Scanner {
		o := scanner(t, m).o
		o.Lateness, o.MemoryBytes = 10*time.Minute, bytes
		o.Clock = func() time.Time { return *clock }
		return New(&serial{Source: m}, o)
	}
	return build(1 << 20), build(0)
}

func TestRefreshingInStepsGivesWhatAFreshScanGives(t *testing.T) {
	for _, bytes := range []int64{1 << 20, 500} { // with room, and with constant eviction
		rng := rand.New(rand.NewPCG(3, uint64(bytes)))
		m := &memory{}
		clock := t0
		remembering, fresh := refreshing(t, m, &clock)
		remembering.segments.maxBytes = bytes
		for range 120 {
			clock = clock.Add(time.Duration(rng.IntN(300)) * time.Second)
			for range rng.IntN(3) {
				late := time.Duration(rng.IntN(590)) * time.Second // within lateness
				selector, line := "nodeman", "agent failed 1"
				if rng.IntN(4) == 0 {
					selector, line = "agent", "name not resolved"
				}
				m.log(selector, clock.Add(-late).Sub(t0), line)
			}
			clock = clock.Add(tailShared) // the next refresh; within one, the tail is shared
			req := Request{Start: clock.Add(-time.Duration(1+rng.IntN(300)) * time.Minute), End: clock.Add(time.Duration(rng.IntN(2)) * time.Minute)}
			got, err := remembering.Scan(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			want, err := fresh.Scan(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got.Partial() != "" || !equalIncidents(got, want) {
				t.Fatalf("at %s: %d incidents, want %d", clock.Sub(t0), len(got.Incidents), len(want.Incidents))
			}
		}
	}
}

// equalIncidents ignores positions in a read and how lines are packed, which differ when a range is read in pieces.
func equalIncidents(a, b *Result) bool {
	strip := func(r *Result) {
		for i := range r.Incidents {
			for j := range r.Incidents[i].Evidence {
				e := &r.Incidents[i].Evidence[j]
				kind := *e.Kind
				kind.Stream = nil
				e.Kind, e.Entry = &kind, &match.Entry{Time: e.Time, Line: match.PlainText(e.Line.String())}
			}
			for j := range r.Incidents[i].Why {
				w := &r.Incidents[i].Why[j]
				w.Line = match.PlainText(w.Line.String())
			}
		}
	}
	strip(a)
	strip(b)
	return reflect.DeepEqual(a.Incidents, b.Incidents) && len(a.Lines) == len(b.Lines)
}

func TestARefreshReadsOnlyWhatMayBeNew(t *testing.T) {
	m := &memory{}
	m.log("nodeman", 0, "agent failed 1")
	clock := t0.Add(24*time.Hour + 9*time.Minute) // the open end is 19 minutes long
	s, _ := refreshing(t, m, &clock)
	req := func() Request { return Request{Start: clock.Add(-24 * time.Hour), End: clock} }
	if _, err := s.Scan(t.Context(), req()); err != nil {
		t.Fatal(err)
	}
	m.reads = nil
	clock = clock.Add(30 * time.Second)
	if _, err := s.Scan(t.Context(), req()); err != nil {
		t.Fatal(err)
	}
	for _, r := range m.reads {
		if r.End.Sub(r.Start) > 10*time.Minute+30*time.Second { // lateness, and what is new
			t.Errorf("a refresh read %s of %s", r.End.Sub(r.Start), r.Selector)
		}
	}
	m.log("nodeman", 24*time.Hour-5*time.Minute, "agent failed 1") // later than lateness
	clock = clock.Add(5 * time.Minute)                             // its segment is closed now
	if res, err := s.Scan(t.Context(), req()); err != nil || len(res.Lines) != 1 {
		t.Errorf("found %d lines, err %v", len(res.Lines), err)
	}
	m.log("nodeman", 12*time.Hour, "agent failed 1") // very late
	clock = clock.Add(recheck)
	res, err := s.Scan(t.Context(), req())
	if err != nil || len(res.Lines) != 2 { // the first line has left the range
		t.Errorf("the re-check found %d lines, err %v", len(res.Lines), err)
	}
}

func TestConcurrentScansShareOneRead(t *testing.T) {
	var reads atomic.Int32
	release := make(chan struct{})
	m := newSegments(10*time.Minute, 1<<20, unobserved{})
	fetch := func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
		reads.Add(1)
		<-release
		return nil, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: logs.Complete}}}, nil
	}
	var wg sync.WaitGroup
	for i := range 15 {
		wg.Go(func() {
			start := t0.Add(time.Duration(i) * time.Millisecond)
			if _, _, err := m.read(t.Context(), "x", start, start.Add(24*time.Hour), t0.Add(30*time.Hour), fetch); err != nil {
				t.Error(err)
			}
		})
	}
	close(release)
	wg.Wait()
	if n := reads.Load(); n > 2 { // the last panel's range may end one segment later
		t.Errorf("%d reads for 15 panels", n)
	}
}

func TestAFailedOrCappedReadIsNotRemembered(t *testing.T) {
	for _, state := range []logs.State{logs.Failed, logs.Capped} {
		m := newSegments(10*time.Minute, 1<<20, unobserved{})
		reads := 0
		fetch := func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
			reads++
			return nil, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: state}}}, nil
		}
		for range 2 {
			if _, _, err := m.read(t.Context(), "x", t0, t0.Add(time.Hour), t0.Add(30*time.Hour), fetch); err != nil {
				t.Fatal(err)
			}
		}
		if reads != 2 || len(m.byKey) != 0 {
			t.Errorf("%s: %d reads, %d segments remembered", state, reads, len(m.byKey))
		}
	}
}

// A range that takes longer than a query may has to be answered in the end: each try goes on where the last one ended.
func TestWhatWasReadBeforeTimeRanOutIsRemembered(t *testing.T) {
	for name, broken := range map[string]error{"out of time": nil, "refused": errors.New("refused")} {
		m := newSegments(10*time.Minute, 1<<20, unobserved{})
		var starts []time.Duration
		read := func() ([]match.Line, *logs.Coverage, error) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			return m.read(ctx, "x", t0, t0.Add(3*time.Hour), t0.Add(30*time.Hour), func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
				starts = append(starts, start.Sub(t0))
				var hits []match.Line
				for at := start; at.Before(end); at = at.Add(segmentLength) {
					hits = append(hits, match.Line{Finding: &match.Finding{Kinds: []*match.Kind{{}}}, Entry: &match.Entry{Time: at}})
				}
				reached := start.Add(65 * time.Minute)
				if !reached.Before(end) {
					return hits, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: logs.Complete}}}, nil
				}
				cancel()
				state := logs.Capped
				if broken != nil {
					state = logs.Failed
				}
				return hits, &logs.Coverage{Windows: []logs.Window{
					{Start: start, End: start.Add(30 * time.Minute), State: logs.Complete}, {Start: start.Add(30 * time.Minute), End: reached, State: logs.Complete},
					{Start: reached, End: end, State: state},
				}}, broken
			})
		}
		for range 2 {
			if _, cov, err := read(); !errors.Is(err, broken) || complete(cov) {
				t.Fatalf("%s: half an answer is told as whole: %v", name, err)
			}
		}
		hits, cov, err := read()
		if err != nil || !complete(cov) || len(hits) != 18 {
			t.Errorf("%s: %d hits, %v, want 18", name, len(hits), err)
		}
		if want := []time.Duration{0, time.Hour, 2 * time.Hour}; !slices.Equal(starts, want) {
			t.Errorf("%s: read from %v, want %v", name, starts, want)
		}
	}
}

func TestIdentitiesDoNotShare(t *testing.T) {
	m := &memory{}
	m.log("nodeman", 0, "agent failed 1")
	clock := t0.Add(5 * time.Hour)
	s, _ := refreshing(t, m, &clock)
	for _, who := range []string{"a", "b"} {
		m.reads = nil
		if _, err := s.Scan(t.Context(), Request{Start: t0.Add(-time.Hour), End: t0.Add(time.Hour), Identity: who}); err != nil {
			t.Fatal(err)
		}
		if len(m.reads) == 0 {
			t.Errorf("%s was answered from another's memory", who)
		}
	}
}
