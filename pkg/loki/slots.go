package loki

import (
	"context"
	"slices"
	"sync"

	"github.com/blueking/incidents/pkg/logs"
)

// maxPassed is how many alerts in a row may pass a request that has waited longer; the next slot is then its, so that
// dashboards are slow under a storm of alerts and never still.
const maxPassed = 8

// slots bounds the requests to one Loki. Whoever waits is served in order of arrival, those of alert rules first:
// a rule that times out behind dashboards tells nobody that something failed. A request that runs is not interrupted,
// so an alert waits at most for the next of them to end.
type slots struct {
	size int

	mu      sync.Mutex
	free    int
	waiting []*waiter // in order of arrival
	passed  int       // alerts in a row that passed another
}

// waiter is a request without a slot. ready is closed, by whoever gives it one, after it was taken off the queue.
type waiter struct {
	priority *logs.Priority
	ready    chan struct{}
}

func newSlots(size int) *slots { return &slots{size: size, free: size} }

// acquire waits for a slot or for the end of ctx. After nil the caller has to release the slot.
func (s *slots) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	w := &waiter{priority: logs.PriorityOf(ctx), ready: make(chan struct{})}
	s.waiting = append(s.waiting, w)
	s.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		s.leave(w)
		return ctx.Err()
	}
}

// leave takes a request that gave up off the queue; a slot that it was given in that moment goes to the next.
func (s *slots) leave(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, w); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		return
	}
	s.pass()
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass()
}

// pass hands a slot to the next that waits. The caller holds mu.
func (s *slots) pass() {
	if len(s.waiting) == 0 {
		s.free++
		s.passed = 0
		return
	}
	i := s.next()
	w := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	close(w.ready)
}

// next is the place in the queue of who is served next: the first alert, or the first of all. Priorities are looked at
// now and not on arrival, because an alert may have joined a read that waits already.
func (s *slots) next() int {
	first := slices.IndexFunc(s.waiting, func(w *waiter) bool { return w.priority.Urgent() })
	other := slices.IndexFunc(s.waiting, func(w *waiter) bool { return !w.priority.Urgent() })
	switch {
	case first < 0:
		s.passed = 0
		return 0
	case other < 0 || other > first:
		return first
	case s.passed >= maxPassed:
		s.passed = 0
		return other
	default:
		s.passed++
		return first
	}
}
