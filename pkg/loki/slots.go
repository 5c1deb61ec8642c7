package loki

import (
	"context"
	"slices"
	"sync"

	"github.com/blueking/incidents/pkg/logs"
)

// slots bounds the requests to one Loki. Whoever waits is served in order of arrival, those of alert rules first. While an
// alert is being answered, also between two of its requests, all others share one slot: Loki answers the alert nearly as
// fast as if nobody else asked, and dashboards are slow then and never still. A rule that times out behind dashboards
// tells nobody that something failed. A request that runs is not interrupted.
type slots struct {
	size int

	mu      sync.Mutex
	waiting []*slot // in order of arrival
	// urgent and others are the requests that run, by what they were when they began. There is one slot more than size,
	// so that each kind has one when the other has all it may have.
	urgent, others int
	// alerts are those that have asked for something and are not answered yet.
	alerts map[*logs.Priority]bool
}

// slot is that of one request. ready is closed, by whoever gives it, after it was taken off the queue.
type slot struct {
	priority *logs.Priority
	ready    chan struct{}
	urgent   bool
}

func newSlots(size int) *slots { return &slots{size: size, alerts: map[*logs.Priority]bool{}} }

// acquire waits for a slot or for the end of ctx. Without an error the caller has to release it.
func (s *slots) acquire(ctx context.Context) (*slot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &slot{priority: logs.PriorityOf(ctx), ready: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.pass()
	s.mu.Unlock()

	select {
	case <-w.ready:
		return w, nil
	case <-ctx.Done():
		s.leave(w)
		return nil, ctx.Err()
	}
}

// leave takes a request that gave up off the queue; a slot that it was given in that moment goes to the next.
func (s *slots) leave(w *slot) {
	s.mu.Lock()
	if i := slices.Index(s.waiting, w); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.release(w)
}

func (s *slots) release(w *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.urgent {
		s.urgent--
	} else {
		s.others--
	}
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
		if w.urgent {
			s.urgent++
		} else {
			s.others++
		}
		close(w.ready)
	}
}

// next is the place in the queue of who is served next, -1 for nobody. Priorities are looked at now and not on arrival,
// because an alert may have joined a read that waits already, or have got its answer. Nobody needs to be told that an alert
// has ended: others have a slot all the while, and whoever releases it looks here.
func (s *slots) next() int {
	alert, other := -1, -1
	for i, w := range s.waiting {
		answered := w.priority.Alert()
		if w.urgent = answered != nil; w.urgent {
			s.alerts[answered] = true
			if alert < 0 {
				alert = i
			}
		} else if other < 0 {
			other = i
		}
	}
	for a := range s.alerts {
		if !a.Urgent() {
			delete(s.alerts, a)
		}
	}
	room := s.urgent+s.others <= s.size
	switch {
	case alert >= 0 && room && s.urgent < s.size:
		return alert
	case other >= 0 && room && s.others < s.size && (s.others == 0 || len(s.alerts) == 0 && s.urgent+s.others < s.size):
		return other
	}
	return -1
}
