package memory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// shipping is a source that ships lines in even hours.
func shipping(start, end time.Time) []logs.Window {
	var out []logs.Window
	for at := start.Truncate(5 * time.Minute); at.Before(end); at = at.Add(5 * time.Minute) {
		if at.Hour()%2 == 0 {
			out = append(out, logs.Window{Start: at, End: at.Add(5 * time.Minute), State: logs.Complete})
		}
	}
	return out
}

func TestARefreshAsksOnlyForRecentLiveness(t *testing.T) {
	m := New(10*time.Minute, 1<<20, unobserved{})
	var asked []time.Duration
	ask := func(_ context.Context, start, end time.Time) (logs.Shipping, error) {
		asked = append(asked, end.Sub(start))
		return logs.Shipping{All: logs.NewLiveness(shipping(start, end))}, nil
	}
	for refresh := range 100 {
		now := t0.Add(time.Duration(refresh) * 30 * time.Second)
		for _, span := range []time.Duration{48 * time.Hour, 25 * time.Hour} { // a dashboard, and an alert rule
			start := now.Add(-span)
			live, err := m.Live(t.Context(), "x", start, now, now, ask)
			if err != nil {
				t.Fatal(err)
			}
			want := logs.NewLiveness(shipping(start, now))
			for at := start.Truncate(time.Hour).Add(time.Hour); at.Before(now.Add(-time.Hour)); at = at.Add(time.Hour) {
				if got, want := live.All.Within(at, at.Add(time.Hour)), want.Within(at, at.Add(time.Hour)); got != want {
					t.Fatalf("refresh %d: %s of %s live, want %s", refresh, got, at, want)
				}
			}
		}
	}
	whole := 0
	for _, d := range asked {
		if d > 2*settled {
			whole++
		}
	}
	if whole > 2 || len(asked) > 101 { // again when it ships after a silence: it may bring a backlog

		t.Errorf("asked %d times, %d times for all of it", len(asked), whole)
	}
	later := t0.Add(Recheck + time.Minute)
	if _, err := m.Live(t.Context(), "x", later.Add(-48*time.Hour), later, later, ask); err != nil || asked[len(asked)-1] != 48*time.Hour {
		t.Errorf("after an hour %s was asked for, err %v", asked[len(asked)-1], err)
	}
}

// lateLine is a line: when it was logged, and when the store got it.
type lateLine struct{ at, got time.Time }

// stepped answers as Loki does at an instant from the lines that it got: a step of 5 minutes with a line counts as a whole,
// up to the end of the range.
func stepped(lines []lateLine, start, end, now time.Time) logs.Liveness {
	const step = 5 * time.Minute
	var windows []logs.Window
	holds := time.Time{}
	for _, l := range lines {
		if from := l.at.Truncate(step); !l.at.Before(start) && l.at.Before(end) && l.got.Before(now) {
			windows = append(windows, logs.Window{Start: latest(from, start), End: earliest(from.Add(step), end)})
			if !from.Add(step).Before(end) {
				holds = from.Add(step)
			}
		}
	}
	live := logs.NewLiveness(windows)
	live.Holds = holds
	return live
}

// What is said without asking is what the store would have said: a source that stops is seen to stop in the same refresh,
// lines that come late are seen when they come.
func TestAStepThatShipsIsNotAskedForAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for round := range 10 {
		var lines []lateLine
		for at := t0.Add(-4 * time.Hour); at.Before(t0.Add(4 * time.Hour)); at = at.Add(10 * time.Second) {
			if round > 0 && rng.IntN(1000) == 0 { // a silence
				at = at.Add(time.Duration(rng.IntN(1+10*round)) * time.Minute)
			}
			got := at
			if round > 0 && at.Minute() > 50 && at.Hour()%2 == 0 { // late
				got = at.Add(20 * time.Minute)
			}
			lines = append(lines, lateLine{at, got})
		}
		m := New(10*time.Minute, 1<<20, unobserved{})
		refreshes, asked := 480, 0
		for refresh := range refreshes {
			now := t0.Add(time.Duration(refresh) * 30 * time.Second)
			start := now.Add(-3 * time.Hour)
			got, err := m.Live(t.Context(), "x", start, now, now, func(_ context.Context, start, end time.Time) (logs.Shipping, error) {
				asked++
				return logs.Shipping{All: stepped(lines, start, end, now)}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := stepped(lines, start, now, now)
			from := now.Add(-2 * time.Hour)
			if g, w := after(got.All, from), after(want, from); !reflect.DeepEqual(g, w) {
				t.Fatalf("round %d, refresh %d at %s: %v, want %v", round, refresh, now, g, w)
			}
		}
		if round == 0 && asked > refreshes/8 { // a step has ten refreshes
			t.Errorf("asked %d times in %d refreshes", asked, refreshes)
		}
	}
}

func after(l logs.Liveness, from time.Time) (out [][2]time.Time) {
	for _, w := range l.Windows {
		if w.End.After(from) {
			out = append(out, [2]time.Time{latest(w.Start, from), w.End})
		}
	}
	return out
}

func TestLivenessIsRememberedOfABoundedNumberOfTracks(t *testing.T) {
	m := New(10*time.Minute, 1<<20, unobserved{})
	asked := 0
	ask := func(_ context.Context, start, end time.Time) (logs.Shipping, error) {
		asked++
		return logs.Shipping{All: logs.NewLiveness(shipping(start, end))}, nil
	}
	live := func(track string, now time.Time) {
		if _, err := m.Live(t.Context(), track, now.Add(-time.Hour), now, now, ask); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 * maxAlive {
		live(fmt.Sprint("filter ", i), t0.Add(time.Duration(i)*time.Millisecond))
	}
	if len(m.alive) > maxAlive {
		t.Errorf("%d tracks are remembered", len(m.alive))
	}
	asked = 0
	live(fmt.Sprint("filter ", 2*maxAlive-1), t0.Add(2*time.Second))
	if asked != 0 {
		t.Error("the track asked for last was forgotten")
	}
}

// Panels of one page look at the clock before they wait for each other: who waits may be older than what it waits for.
func TestPanelsThatWaitedForEachOtherShareWhatWasRead(t *testing.T) {
	m := New(10*time.Minute, 1<<20, unobserved{})
	var reads []logs.Window
	var hits []match.Line
	asked, at := 0, t0.Add(4*time.Minute)
	ask := func(_ context.Context, start, end time.Time) (logs.Shipping, error) {
		asked++
		return logs.Shipping{All: logs.NewLiveness([]logs.Window{{Start: start, End: end}})}, nil
	}
	for n, now := range []time.Time{at, at.Add(-3 * time.Millisecond), at.Add(3 * time.Millisecond)} {
		if _, _, err := m.Read(t.Context(), "x", at.Add(-time.Hour), now, now, reading(&reads, &hits)); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Live(t.Context(), "x", at.Add(-time.Hour), now, now, ask); err != nil {
			t.Fatal(err)
		}
		if len(reads) != 2 || asked != 1 { // closed segments and the open end
			t.Errorf("panel %d: %d reads, liveness asked %d times, want what the first panel read: %v", n, len(reads), asked, reads)
		}
	}
}
