package scan

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan/memory"
	"github.com/blueking/incidents/pkg/signature"
)

// refreshing returns two scanners over one store and one clock: one with memory, one without.
func refreshing(t *testing.T, m *fakeStore, clock *time.Time) (remembering, fresh *Scanner) {
	t.Helper()
	return refreshingWithin(t, m, clock, 1<<20)
}

// refreshingWithin bounds the memory, in bytes.
func refreshingWithin(t *testing.T, m *fakeStore, clock *time.Time, most int64) (remembering, fresh *Scanner) {
	t.Helper()
	build := func(bytes int64) *Scanner {
		o := scanner(t, m).o
		o.Lateness, o.MemoryBytes = 10*time.Minute, bytes
		o.Clock = func() time.Time { return *clock }
		return New(&serial{Source: m}, o)
	}
	return build(most), build(0)
}

func TestRefreshingInStepsGivesWhatAFreshScanGives(t *testing.T) {
	for _, bytes := range []int64{1 << 20, 500} { // with room, and with constant eviction
		rng := rand.New(rand.NewPCG(3, uint64(bytes)))
		m := &fakeStore{}
		clock := t0
		remembering, fresh := refreshingWithin(t, m, &clock, bytes)
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
			clock = clock.Add(memory.TailShared) // the next refresh; within one, the tail is shared
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
			// Two loads of one catalogue have the same signatures, but their forms hold functions, which never compare equal.
			r.Incidents[i].Signature = &signature.Signature{ID: r.Incidents[i].Signature.ID}
			for j := range r.Incidents[i].Evidence {
				e := &r.Incidents[i].Evidence[j]
				kind := *e.Kind
				kind.Stream, kind.Signature, kind.Term = nil, &signature.Signature{ID: kind.Signature.ID}, &signature.Term{Name: kind.Term.Name}
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
	m := &fakeStore{}
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
	clock = clock.Add(memory.Recheck)
	res, err := s.Scan(t.Context(), req())
	if err != nil || len(res.Lines) != 2 { // the first line has left the range
		t.Errorf("the re-check found %d lines, err %v", len(res.Lines), err)
	}
}

func TestIdentitiesDoNotShare(t *testing.T) {
	m := &fakeStore{}
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
