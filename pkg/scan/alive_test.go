package scan

import (
	"fmt"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
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
	m := newSegments(10*time.Minute, 1<<20, unobserved{})
	var asked []time.Duration
	ask := func(start, end time.Time) (logs.Liveness, error) {
		asked = append(asked, end.Sub(start))
		return logs.NewLiveness(shipping(start, end)), nil
	}
	for refresh := range 100 {
		now := t0.Add(time.Duration(refresh) * 30 * time.Second)
		for _, span := range []time.Duration{48 * time.Hour, 25 * time.Hour} { // a dashboard, and an alert rule
			start := now.Add(-span)
			live, err := m.live(t.Context(), "x", start, now, now, ask)
			if err != nil {
				t.Fatal(err)
			}
			want := logs.NewLiveness(shipping(start, now))
			for at := start.Truncate(time.Hour).Add(time.Hour); at.Before(now.Add(-time.Hour)); at = at.Add(time.Hour) {
				if got, want := live.Within(at, at.Add(time.Hour)), want.Within(at, at.Add(time.Hour)); got != want {
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
	if whole != 1 || len(asked) > 101 {
		t.Errorf("asked %d times, %d times for all of it", len(asked), whole)
	}
	later := t0.Add(recheck + time.Minute)
	if _, err := m.live(t.Context(), "x", later.Add(-48*time.Hour), later, later, ask); err != nil || asked[len(asked)-1] != 48*time.Hour {
		t.Errorf("after an hour %s was asked for, err %v", asked[len(asked)-1], err)
	}
}

func TestLivenessIsRememberedOfABoundedNumberOfTracks(t *testing.T) {
	m := newSegments(10*time.Minute, 1<<20, unobserved{})
	asked := 0
	ask := func(start, end time.Time) (logs.Liveness, error) {
		asked++
		return logs.NewLiveness(shipping(start, end)), nil
	}
	live := func(track string, now time.Time) {
		if _, err := m.live(t.Context(), track, now.Add(-time.Hour), now, now, ask); err != nil {
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
