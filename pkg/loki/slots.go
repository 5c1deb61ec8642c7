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

// slots bounds the requests to one Loki. Whoever waits is served in order of arrival, those of alert rules first, and for
// these there is one slot more: a rule that times out behind dashboards tells nobody that something failed, and a request
// that runs is not interrupted.
type slots struct {
	size int

	mu      sync.Mutex
	running int
	waiting []*waiter // in order of arrival
	passed  int       // alerts in a row that passed another
}

// waiter is a request without a slot. ready is closed, by whoever gives it one, after it was taken off the queue.
type waiter struct {
	priority *logs.Priority
	ready    chan struct{}
}

func newSlots(size int) *slots { return &slots{size: size} }

// acquire waits for a slot or for the end of ctx. After nil the caller has to release the slot.
func (s *slots) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{priority: logs.PriorityOf(ctx), ready: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.pass()
	s.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		return s.leave(ctx, w)
	}
}

// leave takes a request that gave up off the queue; a slot that it was given in that moment goes to the next.
func (s *slots) leave(ctx context.Context, w *waiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, w); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		return ctx.Err()
	}
	s.running--
	s.pass()
	return ctx.Err()
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.pass()
}

// pass hands slots to those that wait and may have one. The caller holds mu.
func (s *slots) pass() {
	for {
		i := s.next()
		if i < 0 {
			return
		}
		w := s.waiting[i]
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.running++
		close(w.ready)
	}
}

// next is the place in the queue of who is served next, -1 for nobody: the first alert, or the first of all. Priorities are
// looked at now and not on arrival, because an alert may have joined a read that waits already.
func (s *slots) next() int {
	alert := slices.IndexFunc(s.waiting, func(w *waiter) bool { return w.priority.Urgent() })
	other := slices.IndexFunc(s.waiting, func(w *waiter) bool { return !w.priority.Urgent() })
	turn := alert
	if alert < 0 || other >= 0 && other < alert && s.passed >= maxPassed {
		turn = other
	}
	switch {
	case len(s.waiting) == 0:
		s.passed = 0
		return -1
	case s.running > s.size, turn == other && s.running == s.size:
		return -1
	case turn == other:
		s.passed = 0
	case other >= 0 && other < alert:
		s.passed++
	}
	return turn
}
