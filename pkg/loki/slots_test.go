package loki

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
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
	alert := urgent(t.Context())
	ask(alert, "alert")
	if who := <-served; who != `{who="alert"}` {
		t.Errorf("next was %s, want the alert before 48 dashboards that came first", who)
	}
	if len(served) > 0 {
		t.Errorf("%s runs, too, while the alert is answered", <-served)
	}
	logs.PriorityOf(alert).End()
	for range 51 {
		answer()
	}
	running.Wait()
}

// While an alert is being answered, also between two of its requests and between two alerts of a group, others stand aside.
// One runs when it has waited for long, and they have all slots afterwards. Nothing that runs is interrupted.
func TestOthersStandAsideWhileAnAlertIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(4)
		var mu sync.Mutex
		running := map[string]int{}
		var all sync.WaitGroup
		finish := map[string]chan struct{}{"alert": make(chan struct{}), "other": make(chan struct{})}
		ask := func(who string, p *logs.Priority) {
			all.Go(func() {
				slot, err := s.acquire(logs.WithPriority(t.Context(), p))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				running[who]++
				mu.Unlock()
				<-finish[who]
				mu.Lock()
				running[who]--
				mu.Unlock()
				s.release(slot)
			})
			synctest.Wait()
		}
		run := func(when string, alerts, others int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if running["alert"] != alerts || running["other"] != others {
				t.Errorf("%s: %d requests of alerts and %d of others run, want %d and %d", when, running["alert"], running["other"], alerts, others)
			}
		}
		one := func(who string) { finish[who] <- struct{}{}; synctest.Wait() }
		for range 20 {
			ask("other", nil)
		}
		run("dashboards alone", 0, 4)
		alert := func() *logs.Priority {
			p := &logs.Priority{}
			p.Raise()
			return p
		}
		first := alert()
		ask("alert", first)
		run("an alert comes", 1, 4)
		for range 4 {
			one("other")
		}
		run("those that ran are done", 1, 0)
		one("alert")
		time.Sleep(2 * asideRest)
		run("between two requests of the alert", 0, 0)
		for range 6 {
			ask("alert", first)
		}
		run("an alert that asks for much", 4, 0)
		time.Sleep(asideMax)
		run("dashboards have waited for long", 4, 1)
		one("other")
		for range 6 {
			one("alert")
		}
		first.End()
		run("the next rule of the group comes in a moment", 0, 0)
		second := alert()
		ask("alert", second)
		run("the second alert", 1, 0)
		one("alert")
		second.End()
		time.Sleep(asideRest + 2*lookEvery)
		run("the alerts are answered", 0, 4)
		for range 15 {
			one("other")
		}
		all.Wait()
	})
}

// Rules are evaluated for weeks while nobody looks at a dashboard.
func TestAnsweredAlertsAreForgotten(t *testing.T) {
	s := newSlots(2)
	for range 100 {
		ctx := urgent(t.Context())
		slot, err := s.acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s.release(slot)
		logs.PriorityOf(ctx).End()
	}
	if len(s.alerts) > 1 {
		t.Errorf("%d alerts are remembered, want the last at most", len(s.alerts))
	}
}

// Who waits for other dashboards does not stand aside for alerts by that.
func TestALongQueueIsNoReasonToRunBesideAnAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		running, err := s.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan *slot, 1)
		go func() {
			waiting, _ := s.acquire(t.Context())
			served <- waiting
		}()
		time.Sleep(2 * asideMax)
		ctx := urgent(t.Context())
		alert, err := s.acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s.release(running)
		time.Sleep(asideMax / 2)
		if len(served) > 0 {
			t.Error("one that had waited for another dashboard ran beside the alert at once")
		}
		s.release(alert)
		logs.PriorityOf(ctx).End()
		s.release(<-served)
	})
}

// A dashboard that reads what an alert needs, too, is urgent for that part only.
func TestAPartThatAnAlertWaitsForIsUrgentAlone(t *testing.T) {
	whole := logs.WithPriority(t.Context(), &logs.Priority{})
	ctx, part := logs.WithPart(whole)
	part.Raise()
	if !logs.PriorityOf(ctx).Urgent() || logs.PriorityOf(whole).Urgent() {
		t.Error("the part is not urgent, or the whole is")
	}
	if part.End(); part.Urgent() {
		t.Error("urgent when it is read")
	}
	alert := &logs.Priority{}
	alert.Raise()
	_, part = logs.WithPart(logs.WithPriority(t.Context(), alert))
	if part.Alert() != alert {
		t.Error("a part of an alert is not the alert's")
	}
}

func TestAnAlertThatJoinsAWaitingReadLiftsIt(t *testing.T) {
	s := newSlots(1)
	other, _ := s.acquire(t.Context())
	held, _ := s.acquire(urgent(t.Context()))
	first, joined := &logs.Priority{}, &logs.Priority{}
	served := make(chan string, 2)
	for _, w := range []struct {
		who      string
		priority *logs.Priority
	}{{"first", first}, {"joined", joined}} {
		before := s.queued()
		go func() {
			slot, _ := s.acquire(logs.WithPriority(t.Context(), w.priority))
			served <- w.who
			s.release(slot)
		}()
		waitFor(t, w.who+" waits", func() bool { return s.queued() == before+1 })
	}
	joined.Raise()
	s.release(held)
	if who := <-served; who != "joined" {
		t.Errorf("%s was served first", who)
	}
	s.release(other)
	<-served
}

func TestGivingUpLeavesTheQueueAndLosesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		for range 200 {
			held, err := s.acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			var late *slot
			go func() {
				var err error
				late, err = s.acquire(ctx)
				done <- err
			}()
			synctest.Wait()
			// Both at once: whichever comes first, the slot must be there afterwards.
			go s.release(held)
			go cancel()
			if err := <-done; err == nil {
				s.release(late)
			}
			synctest.Wait()
			if len(s.running) != 0 || s.queued() != 0 {
				t.Fatalf("%d slots taken, %d waiting", len(s.running), s.queued())
			}
		}
		if _, err := s.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.acquire(dead); err == nil {
			t.Error("a slot for a request that nobody waits for")
		}
	})
}
