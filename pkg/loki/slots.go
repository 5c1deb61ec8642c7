package loki

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// slots bounds the requests to one Loki. Whoever waits is served in order of arrival, those of alert rules first, and while
// an alert is being answered, also between two of its requests, no other is: Loki answers the alert as fast as if nobody
// else asked, once what runs is done. A rule that times out behind dashboards tells nobody that something failed. One
// request that stood aside for asideMax runs beside alerts, so that neither a long range of an alert nor rules that are
// evaluated all the time make dashboards stand still.
//
// A request that runs is not interrupted: Loki goes on with it, and the connections over which its queriers get their work
// break with it, so that for four seconds it answers nobody (seen on 3.7.8 in one process). Queries are short instead, see
// span.
type slots struct {
	size int

	mu      sync.Mutex
	waiting []*slot // in order of arrival
	running map[*slot]bool
	rest    time.Time   // when the last request of an alert ended, plus asideRest
	look    *time.Timer // calls pass, while somebody waits
	// alerts are those that have asked for something and are not answered yet.
	alerts map[*logs.Priority]bool
}

const (
	// asideMax is how long a request stands aside for alerts. They have 30 s in Grafana.
	asideMax = 20 * time.Second
	// asideRest is how long others stand aside after the last request of an alert: rules of a group are evaluated one
	// after the other.
	asideRest = 300 * time.Millisecond
	// lookEvery is how often the priorities of those that wait are looked at.
	lookEvery = 20 * time.Millisecond
)

// slot is that of one request. ready is closed, by whoever gives it, after it was taken off the queue.
type slot struct {
	priority *logs.Priority
	ready    chan struct{}
	aside    time.Time // since when it stands aside for alerts
}

func newSlots(size int) *slots {
	return &slots{size: size, running: map[*slot]bool{}, alerts: map[*logs.Priority]bool{}}
}

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
	delete(s.running, w)
	if w.priority.Urgent() {
		s.rest = time.Now().Add(asideRest)
	}
	s.pass()
}

// pass hands slots to those that wait and may have one. The caller holds mu.
func (s *slots) pass() {
	for i := s.next(); i >= 0; i = s.next() {
		w := s.waiting[i]
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.running[w] = true
		close(w.ready)
	}
	if len(s.waiting) > 0 {
		s.lookAgain()
	}
}

// lookAgain calls pass in a while: nobody tells that an alert has its answer, or that one has joined a read that waits.
func (s *slots) lookAgain() {
	if s.look != nil {
		return
	}
	s.look = time.AfterFunc(lookEvery, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.look = nil
		s.pass()
	})
}

// next is the place in the queue of who is served next, -1 for nobody. Priorities are looked at now and not on arrival,
// because an alert may have joined a read that waits or runs already, or have got its answer.
func (s *slots) next() int {
	alert, other := -1, -1
	for i, w := range s.waiting {
		if answered := w.priority.Alert(); answered != nil {
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
	others, free := s.others(), s.size-len(s.running)
	switch answering := len(s.alerts) > 0 || time.Now().Before(s.rest); {
	case alert >= 0 && free >= 0 && len(s.running)-others < s.size:
		return alert // one more than size: it does not wait for the end of what others ask
	case other < 0 || free < 0 || !answering && free == 0:
		return -1
	case !answering:
		return other
	}
	w := s.waiting[other]
	if w.aside.IsZero() {
		w.aside = time.Now()
	}
	if others == 0 && time.Since(w.aside) > asideMax {
		return other
	}
	return -1
}

// others counts the running requests that no alert waits for.
func (s *slots) others() int {
	n := 0
	for w := range s.running {
		if !w.priority.Urgent() {
			n++
		}
	}
	return n
}
