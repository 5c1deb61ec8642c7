package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

func TestConcurrentScansShareOneRead(t *testing.T) {
	var reads atomic.Int32
	release := make(chan struct{})
	m := New(10*time.Minute, 1<<20, unobserved{})
	fetch := func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
		reads.Add(1)
		<-release
		return nil, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: logs.Complete}}}, nil
	}
	var wg sync.WaitGroup
	for i := range 15 {
		wg.Go(func() {
			start := t0.Add(time.Duration(i) * time.Millisecond)
			if _, _, err := m.Read(t.Context(), "x", start, start.Add(24*time.Hour), t0.Add(30*time.Hour), fetch); err != nil {
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
		m := New(10*time.Minute, 1<<20, unobserved{})
		reads := 0
		fetch := func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
			reads++
			return nil, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: state}}}, nil
		}
		for range 2 {
			if _, _, err := m.Read(t.Context(), "x", t0, t0.Add(time.Hour), t0.Add(30*time.Hour), fetch); err != nil {
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
		m := New(10*time.Minute, 1<<20, unobserved{})
		var starts []time.Duration
		read := func() ([]match.Line, *logs.Coverage, error) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			return m.Read(ctx, "x", t0, t0.Add(3*time.Hour), t0.Add(30*time.Hour), func(_ context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
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
