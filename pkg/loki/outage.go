package loki

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

const (
	// outageAt is the sum of failures in a row, weighed, from which on Loki counts as down.
	outageAt = 12
	// outagePause is the time between two requests to a Loki that is down: at most 15 a minute, and the first answer at
	// most so long after it is back.
	outagePause = 4 * time.Second
	// outageTurns is how many pauses a request waits before it fails like those before it.
	outageTurns = 2
	// outageKnock is how long a request that is sent in an outage may take, but for every third one: requests that hang
	// must not keep those out that would find Loki back.
	outageKnock = 4 * time.Second
	// outageGlimpse is how short a request was that says nothing of Loki when its caller's time ran out.
	outageGlimpse = 100 * time.Millisecond
	// outageHang is how long a request must have hung to speak for an outage.
	outageHang = 5 * time.Second
)

// weights say how much a failure speaks for Loki being down. No connection says it clearly; an error inside Loki may be
// the fault of one query, a dropped connection that of a page too large, and a request that hangs that of a slow query.
// A Loki that has no room for more queries is left alone like one that is down.
var weights = map[logs.Kind]int{
	logs.KindDNS: 4, logs.KindRefused: 4, logs.KindTLS: 4, logs.KindNotReady: 4, logs.KindRateLimited: 2, logs.KindTimeout: 2, logs.KindServer: 1, logs.KindDropped: 1,
}

// speaks returns how much a failure speaks for Loki being down, 0 when it says nothing of it.
func speaks(err *Error, took time.Duration) int {
	if err.Kind == logs.KindTimeout && (err.Status != 0 || took < outageHang && !err.knocked) {
		return 0 // it answers, or the query had no time left
	}
	return weights[err.Kind]
}

// outage holds requests back while Loki is down. All queries of a data source share it: else six rules and ten dashboards
// send a thousand requests a minute to a server that tries to start. Meanwhile one request goes out every outagePause, and
// the others wait for what becomes of it: an answer ends the outage, a failure is theirs as well.
type outage struct {
	mu       sync.Mutex
	failures int
	last     *Error
	noted    int // counts failures of an outage
	turns    int // counts requests that were sent in it
	next     time.Time
	waiting  map[*context.CancelFunc]bool // wakes those that wait
}

// wait returns when a request may go out, or the error to answer with instead. Only turn goes out in an outage.
func (o *outage) wait(ctx context.Context, now func() time.Time, sleep func(context.Context, time.Duration) error) (turn bool, held *Error) {
	for range outageTurns {
		pause, noted, turn := o.queue(now())
		if pause <= 0 {
			return turn, nil
		}
		woken, wake := context.WithCancel(ctx)
		o.mark(&wake, true)
		_ = sleep(woken, pause) // why it ended shows below
		o.mark(&wake, false)
		wake()
		held := o.since(noted)
		if held == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			held = o.since(-1) // the time ran out because of what Loki answered last
		}
		if held != nil || ctx.Err() != nil {
			return false, held
		}
	}
	return false, o.since(-1)
}

// queue returns how long to wait, 0 for a request that may go out; in an outage that is its turn, and the next is later.
func (o *outage) queue(now time.Time) (pause time.Duration, noted int, turn bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failures < outageAt {
		return 0, 0, false
	}
	pause = o.next.Sub(now)
	if pause <= 0 || pause > outagePause { // the latter when the clock was set back
		o.next = now.Add(outagePause)
		o.turns++
		return 0, 0, true
	}
	return pause, o.noted, false
}

// pass gives the turn of a request whose time ran out as it was sent to one of those that wait.
func (o *outage) pass(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = now
	o.turns--
	for wake := range o.waiting {
		(*wake)()
		break
	}
}

// patience returns how long a request may take whose turn it is.
func (o *outage) patience(timeout time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turns%3 == 0 {
		return timeout
	}
	return min(timeout, outageKnock)
}

func (o *outage) mark(wake *context.CancelFunc, waits bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting == nil {
		o.waiting = map[*context.CancelFunc]bool{}
	}
	if waits {
		o.waiting[wake] = true
	} else {
		delete(o.waiting, wake)
	}
}

// since returns how the last request failed, if that was after so many failures and the outage goes on.
func (o *outage) since(noted int) *Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failures < outageAt || o.noted == noted {
		return nil
	}
	held := *o.last
	held.Retry, held.held = RetryNever, true
	return &held
}

// hangs turns the error of a request that got no answer into that of a Loki that answers none: nothing shorter would help.
func (e *Error) hangs() {
	if e.Kind == logs.KindTimeout && e.Status == 0 {
		e.Kind, e.Retry = logs.KindHangs, RetryNever
	}
}

// note learns from a request that was sent; nil is an answer.
func (o *outage) note(err *Error, took time.Duration, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	weight := 0
	if err != nil {
		weight = speaks(err, took)
	}
	switch {
	case weight > 0:
		o.failures += weight
		o.noted++
		o.last, o.next = err, now.Add(outagePause)
		if o.failures >= outageAt {
			err.hangs()
		}
	case err == nil, err.Status == 200, err.Status >= 400 && err.Status < 500 && err.Kind != logs.KindNotLoki:
		o.failures = 0
	default:
		return // says nothing about it
	}
	for wake := range o.waiting {
		(*wake)()
	}
}
