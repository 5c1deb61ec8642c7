package scan

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// shippers is a store that tells truly when sources shipped lines, and notes what it was asked.
type shippers struct {
	fakeStore
	truth map[string][]logs.Window

	mu    sync.Mutex
	asked map[string]time.Duration
}

func (s *shippers) Live(_ context.Context, selector string, _ []logs.Matcher, start, end time.Time) (logs.Liveness, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]time.Duration{}
	}
	s.asked[selector] += end.Sub(start)
	return logs.NewLiveness(slices.Collect(logs.Liveness{Windows: s.truth[selector]}.Clip(start, end))), nil
}

func watching(t *testing.T, store *shippers, clock *time.Time, memory int64) *Scanner {
	t.Helper()
	o := scanner(t, &store.fakeStore).o
	o.Clock, o.Lateness, o.MemoryBytes = func() time.Time { return *clock }, 10*time.Minute, memory
	return New(&serial{Source: store}, o)
}

// A source of errors only counts as shipping while it or any other source ships, whatever was asked of the store for it
// and whatever of that was remembered.
func TestErrorsCountAsShippedWhileAnySourceShips(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for round := range 40 {
		store := &shippers{truth: map[string][]logs.Window{}}
		for _, name := range []string{"nodeman", "agent"} {
			for at := t0.Add(-30 * time.Hour); at.Before(t0.Add(3 * time.Hour)); {
				at = at.Add(time.Duration(rng.IntN(1+round*10)) * time.Minute)
				w := logs.Window{Start: at, End: at.Add(time.Duration(10+rng.IntN(1000)) * time.Minute)}
				store.truth[name] = append(store.truth[name], w)
				at = w.End
			}
		}
		want := logs.NewLiveness(append(append([]logs.Window{}, store.truth["nodeman"]...), store.truth["agent"]...))
		clock := t0
		for _, memory := range []int64{0, 1 << 20} {
			s := watching(t, store, &clock, memory)
			for refresh := range 20 {
				clock = t0.Add(time.Duration(refresh) * 7 * time.Minute)
				res, err := s.Scan(t.Context(), Request{Start: clock.Add(-time.Hour), End: clock})
				if err != nil {
					t.Fatal(err)
				}
				for at := clock.Add(-25 * time.Hour); at.Before(clock); at = at.Add(10 * time.Minute) {
					end := at.Add(10 * time.Minute)
					if clock.Before(end) {
						end = clock
					}
					if got, want := res.Live[signature.Agent].Within(at, at.Add(10*time.Minute)), want.Within(at, end); got != want {
						t.Fatalf("round %d, refresh %d, memory %d: %s shipped from %s on, want %s", round, refresh, memory, got, at, want)
					}
				}
			}
		}
	}
}

func TestTheStoreIsAskedForErrorsOnlyWhereNoOtherSourceShips(t *testing.T) {
	busy := []logs.Window{{Start: t0.Add(-20 * time.Hour), End: t0.Add(-3 * time.Hour)}, {Start: t0.Add(-2 * time.Hour), End: t0.Add(time.Hour)}}
	store := &shippers{truth: map[string][]logs.Window{"nodeman": busy}}
	clock := t0
	s := watching(t, store, &clock, 1<<20)
	scan := func() {
		t.Helper()
		if _, err := s.Scan(t.Context(), Request{Start: clock.Add(-time.Hour), End: clock}); err != nil {
			t.Fatal(err)
		}
	}
	scan()
	if store.asked["nodeman"] != 25*time.Hour || store.asked["agent"] != 6*time.Hour {
		t.Errorf("asked for %s", store.asked)
	}
	clock = clock.Add(30 * time.Second)
	scan()
	if store.asked["agent"] != 6*time.Hour {
		t.Errorf("a refresh asked again: %s", store.asked)
	}

	store = &shippers{truth: store.truth}
	s = watching(t, store, &clock, 0)
	s.o.Selectors = s.o.Selectors[1:]
	scan()
	if store.asked["agent"] != 25*time.Hour {
		t.Errorf("the only source was asked for %s", store.asked["agent"])
	}
}
