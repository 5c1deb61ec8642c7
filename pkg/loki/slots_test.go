package loki

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

func urgent(ctx context.Context) context.Context {
	p := &logs.Priority{}
	p.Raise()
	return logs.WithPriority(ctx, p)
}

func (s *slots) queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// slow is a Loki that answers one request each time it is told to, and tells which.
func slow(t *testing.T) (c *Client, served chan string, answer func()) {
	t.Helper()
	f := newFake(t, 1)
	served, gate := make(chan string, 1000), make(chan struct{})
	f.before = func(_ http.ResponseWriter, path string, form url.Values) bool {
		if path == "/loki/api/v1/series" {
			served <- form.Get("match[]")
			<-gate
		}
		return false
	}
	closed := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(closed)
	return f.client(Options{Parallel: 2, RequestTimeout: time.Minute}), served, func() { gate <- struct{}{} }
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func TestAnAlertIsServedBeforeFiftyDashboardsThatCameFirst(t *testing.T) {
	c, served, answer := slow(t)
	var running sync.WaitGroup
	ask := func(ctx context.Context, who string) {
		running.Go(func() {
			if _, err := c.Streams(ctx, fmt.Sprintf(`{who=%q}`, who), day, day.Add(time.Hour)); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		})
	}
	for i := range 50 {
		ask(t.Context(), "dashboard")
		waitFor(t, "the dashboard waits", func() bool { return len(served)+c.slots.queued() == i+1 })
	}
	ask(urgent(t.Context()), "alert")
	waitFor(t, "the alert waits", func() bool { return c.slots.queued() == 49 })
	<-served
	<-served
	answer()
	if who := <-served; who != `{who="alert"}` {
		t.Errorf("next was %s, want the alert before 48 dashboards that came first", who)
	}
	for range 50 {
		answer()
	}
	running.Wait()
}

func TestWaitingIsInOrderOfArrivalAndAlertsNeverStopDashboards(t *testing.T) {
	s := newSlots(1)
	if err := s.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order []string
	var running sync.WaitGroup
	join := func(ctx context.Context, who string) {
		before := s.queued()
		running.Go(func() {
			if err := s.acquire(ctx); err != nil {
				t.Error(err)
			}
			mu.Lock()
			order = append(order, who)
			mu.Unlock()
			s.release()
		})
		waitFor(t, who+" waits", func() bool { return s.queued() == before+1 })
	}
	for i := range 3 {
		join(t.Context(), fmt.Sprint("d", i))
	}
	for i := range 2*maxPassed + 1 {
		join(urgent(t.Context()), fmt.Sprint("a", i))
	}
	s.release()
	running.Wait()
	want := make([]string, 0, len(order))
	for i := range 2*maxPassed + 1 {
		if i > 0 && i%maxPassed == 0 {
			want = append(want, fmt.Sprint("d", i/maxPassed-1))
		}
		want = append(want, fmt.Sprint("a", i))
	}
	if want = append(want, "d2"); !slices.Equal(order, want) {
		t.Errorf("served %v\nwant   %v", order, want)
	}
}

func TestAnAlertThatJoinsAWaitingReadLiftsIt(t *testing.T) {
	s := newSlots(1)
	_ = s.acquire(t.Context())
	first, joined := &logs.Priority{}, &logs.Priority{}
	served := make(chan string, 2)
	for _, w := range []struct {
		who      string
		priority *logs.Priority
	}{{"first", first}, {"joined", joined}} {
		before := s.queued()
		go func() {
			_ = s.acquire(logs.WithPriority(t.Context(), w.priority))
			served <- w.who
		}()
		waitFor(t, w.who+" waits", func() bool { return s.queued() == before+1 })
	}
	joined.Raise()
	s.release()
	if who := <-served; who != "joined" {
		t.Errorf("%s was served first", who)
	}
	s.release()
	<-served
}

func TestGivingUpLeavesTheQueueAndLosesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		for range 200 {
			if err := s.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- s.acquire(ctx) }()
			synctest.Wait()
			// Both at once: whichever comes first, the slot must be there afterwards.
			go s.release()
			go cancel()
			if err := <-done; err == nil {
				s.release()
			}
			synctest.Wait()
			if s.free != 1 || s.queued() != 0 {
				t.Fatalf("%d slots free, %d waiting", s.free, s.queued())
			}
		}
		if err := s.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		if s.acquire(dead) == nil {
			t.Error("a slot for a request that nobody waits for")
		}
	})
}
