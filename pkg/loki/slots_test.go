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

func TestAnAlertRunsBesideFiftyDashboardsThatCameFirst(t *testing.T) {
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
	<-served
	<-served
	ask(urgent(t.Context()), "alert")
	if who := <-served; who != `{who="alert"}` {
		t.Errorf("next was %s, want the alert before 48 dashboards that came first", who)
	}
	if len(served) > 0 {
		t.Errorf("%s runs, too, in the slot of alerts", <-served)
	}
	for range 51 {
		answer()
	}
	running.Wait()
}

// Alerts pass those that came first, but not for ever.
func TestWaitingIsInOrderOfArrivalAndAlertsNeverStopDashboards(t *testing.T) {
	for _, running := range []int{0, 1} { // with all slots free, and with all but that of alerts taken
		s := newSlots(1)
		s.running = running
		var names []string
		join := func(priority *logs.Priority, who string) {
			s.waiting = append(s.waiting, &waiter{priority: priority})
			names = append(names, who)
		}
		alert := &logs.Priority{}
		alert.Raise()
		for i := range 3 {
			join(&logs.Priority{}, fmt.Sprint("d", i))
		}
		for i := range 2*maxPassed + 1 {
			join(alert, fmt.Sprint("a", i))
		}
		var order, want []string
		for len(s.waiting) > 0 {
			i := s.next()
			if i < 0 {
				order = append(order, "wait")
				s.running = 0 // the next slot that is free is for who has waited
				continue
			}
			order = append(order, names[i])
			s.waiting, names = slices.Delete(s.waiting, i, i+1), slices.Delete(names, i, i+1)
			s.running = running
		}
		wait := func() {
			if running > 0 {
				want = append(want, "wait")
			}
		}
		for i := range 2*maxPassed + 1 {
			if i > 0 && i%maxPassed == 0 {
				wait()
				want = append(want, fmt.Sprint("d", i/maxPassed-1))
			}
			want = append(want, fmt.Sprint("a", i))
		}
		wait()
		if want = append(want, "d2"); !slices.Equal(order, want) {
			t.Errorf("served %v\nwant   %v", order, want)
		}
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
			if s.running != 0 || s.queued() != 0 {
				t.Fatalf("%d slots taken, %d waiting", s.running, s.queued())
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
