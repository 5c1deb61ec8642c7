package loki

import (
	"sync"
	"time"
)

const (
	// pageBytes is what an answer aims at: some twelve of them are in memory when a range full of hits is read. A
	// sub-query's answer above 4 MiB never arrives: Loki's gRPC limit (server.grpc_server_max_recv_msg_size) makes the
	// client hang until the timeout (loki #6568).
	pageBytes = 1 << 20
	// probeLimit is the page that tells how long lines are: few enough for lines of Loki's largest size (max_line_size
	// 256 KB). An ingester sends up to 128 lines at once, and when those exceed the gRPC limit, Loki answers with success
	// and without them (seen on 3.7.8); nothing in such an answer tells that lines are missing.
	probeLimit = 15
	// trustedLines is how many lines an answer needs for its size to tell theirs, and cautious how much longer than the few
	// lines of a smaller one the next may be.
	trustedLines = 8
	cautious     = 8
	// floorLimit lines of Loki's largest size (max_line_size 256 KB) stay below pageBytes.
	floorLimit = 10
	// shrinkBy divides limit and window after a request that did not come back: each such failure costs a whole
	// request timeout, so few have to do.
	shrinkBy = 4
	// forgetAfter is how long a failure holds pages small.
	forgetAfter = 10 * time.Minute
)

// sizer chooses the lines a page so that answers stay near pageBytes. It is shared by the reads of one query.
type sizer struct {
	mu    sync.Mutex
	fixed int // from the settings, the most lines a page; 0 = by bytes alone
	max   int // the server's limit
	// average is the bytes a line seen so far; 0 = none seen. Until trusted, it is from so few lines that the next page
	// leaves room for longer ones.
	average float64
	trusted bool
	// ceiling holds the limit down after a failure; 0 = no failure. Every good full page doubles it, up to half of
	// failed, the smallest limit that failed: to try that again would cost another request timeout. Both are
	// forgotten at forget, as the cause may be gone.
	ceiling, failed int
	forget          time.Time
	now             func() time.Time
	// last is the size of the last answer in bytes.
	last int64
}

// limit is the lines to ask for next.
func (s *sizer) limit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}

// probes reports whether the next page is small because nothing is known of the lines.
func (s *sizer) probes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.average == 0 && (s.fixed == 0 || s.fixed > probeLimit)
}

func (s *sizer) current() int {
	n := probeLimit
	if s.average > 0 {
		n = s.fitting()
	}
	if s.fixed > 0 {
		n = min(n, s.fixed)
	}
	return s.bound(n)
}

// fitting is how many lines an answer of pageBytes holds. The caller holds mu, and average is known.
func (s *sizer) fitting() int {
	if !s.trusted {
		return max(probeLimit, int(pageBytes/(cautious*s.average)))
	}
	return max(floorLimit, int(pageBytes/s.average))
}

func (s *sizer) bound(n int) int {
	if s.failed > 0 && s.now().After(s.forget) {
		s.ceiling, s.failed = 0, 0
	}
	if s.ceiling > 0 {
		n = min(n, s.ceiling)
	}
	if s.failed > 0 {
		n = min(n, max(floorLimit, s.failed/2))
	}
	return max(1, min(n, s.max))
}

// largest is the most lines that fit an answer, whatever page size the settings fix.
func (s *sizer) largest() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.max
	if s.average > 0 {
		n = min(n, s.fitting())
	}
	return s.bound(n)
}

// expect is the size of the next answer in bytes: about that of the last one.
func (s *sizer) expect() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(min(s.last+s.last/8, maxBody)) + 512
}

// observe learns from an answer. Answers of few lines say more about their envelope (3.4 KB of statistics in JSON)
// than about lines: they bound the size of a line and count only until there is a better one.
func (s *sizer) observe(lines int, bytes int64, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = bytes
	size := float64(bytes) / float64(max(1, lines))
	switch {
	case lines >= trustedLines:
		if s.trusted && size < s.average {
			size = 0.75*s.average + 0.25*size
		}
		s.average, s.trusted = size, true
	case lines > 0 && !s.trusted:
		s.average = max(s.average, size)
	}
	if !full || s.failed == 0 {
		return
	}
	if s.ceiling *= 2; s.ceiling >= s.failed/2 {
		s.ceiling = 0
	}
}

// shrink holds the limit down after a request for asked lines failed; false when that was the floor already. Requests
// of other parts may have failed at the same time, so it is asked that counts and not what limit returns now.
func (s *sizer) shrink(asked int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == 0 || asked < s.failed {
		s.failed = asked
		by := shrinkBy
		if s.average == 0 {
			by = 10 // a small page tells the size of a line, and with it the right limit
		}
		s.ceiling = max(min(asked, floorLimit), asked/by)
	}
	s.forget = s.now().Add(forgetAfter)
	return s.current() < asked
}

// setMax takes over the server's limit.
func (s *sizer) setMax(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.max = max(1, n)
}

const (
	// firstSpan is the window of a read's first request. Loki splits it by the hour itself.
	firstSpan = 6 * time.Hour
	// probeSpan is the window of a first page of probeLimit lines, one of Loki's splits: Loki reads several side by side and
	// throws away what a small page has no room for.
	probeSpan    = time.Hour
	maxProbeSpan = 12 * time.Hour
	floorSpan    = time.Minute
	// quickAnswer, briskAnswer and slowAnswer are how long a request took whose window may grow by much, grow and has to
	// shrink. Loki splits a query by the hour and works on all parts side by side, so longer windows are hardly faster, and
	// an alert that comes meanwhile has to share Loki with what runs.
	quickAnswer = 40 * time.Millisecond
	briskAnswer = 150 * time.Millisecond
	slowAnswer  = 10 * time.Second
)

// span chooses how much time one request covers, so that it stays well below the request timeout. Windows end on
// full hours, where Loki's own splits end (split_queries_by_interval): its cache of empty splits then fits.
type span struct {
	width   time.Duration
	probe   time.Duration // the most for a page that probes; it grows while such pages have room
	max     time.Duration // max_query_length, 0 = none
	timeout time.Duration
	// failed is the shortest window that was too long, 0 = none; windows then stay below half of it.
	failed time.Duration
}

// until returns the end of the window that starts at from, in ns since 1970, at most end.
func (s *span) until(from, end int64, probing bool) int64 {
	width := s.width
	if probing {
		width = min(width, s.probe)
	}
	if s.max > 0 {
		width = min(width, s.max)
	}
	if int64(width) >= end-from {
		return end
	}
	to := from + int64(width)
	hour := int64(time.Hour)
	if full := to - to%hour; full > from && (int64(width) > hour || probing) {
		return full
	}
	return to
}

// observe grows the window while answers are quick, and narrows it before they are too slow.
func (s *span) observe(took time.Duration, full bool) {
	if !full {
		s.probe = min(4*s.probe, maxProbeSpan)
	}
	switch {
	case full:
		// A full page ended early; it says nothing about the window.
	case took < quickAnswer:
		s.width *= 4
	case took < briskAnswer:
		s.width *= 2
	case took > min(s.timeout*3/5, slowAnswer):
		s.width = max(floorSpan, s.width/2)
	}
	s.width = min(s.width, 10*365*24*time.Hour)
	if s.failed > 0 {
		s.width = min(s.width, max(floorSpan, s.failed/2))
	}
}

// narrow divides the window that was just asked for; false when it is at the floor already.
func (s *span) narrow(asked time.Duration, by int) bool {
	if asked <= floorSpan {
		return false
	}
	s.width = max(floorSpan, min(s.width, asked)/time.Duration(by))
	if s.failed == 0 || asked < s.failed {
		s.failed = asked
	}
	return true
}
