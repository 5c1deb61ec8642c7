package loki

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// pager pages through [cursor, end) of one expression. It belongs to one goroutine.
type pager struct {
	client     *Client
	meter      *meter
	expression expression
	cursor     int64 // everything before it was yielded, in ns since 1970
	end        int64
	// seen are the entries at cursor that were yielded.
	seen seen
	// passed is how many lines at cursor a sieve left out that were counted.
	passed int
	sieve  logs.Sieve
	size   *sizer
	span   span
}

// batch is a stretch [from, through) of a pager with all its lines that no earlier batch had. It may hold lines at
// through itself; then more of that instant may follow in the next batch, whose from is that instant.
type batch struct {
	streams       []pageStream
	from, through int64
	bytes         int64
	// sifted counts further lines that were received and that the sieve left out. It is negative where lines that were
	// counted so are now in streams.
	sifted int
	// full: the page was cut by its limit, so there is as much again where it came from. Not set by a probe, whose limit
	// says nothing of how many lines there are.
	full bool
	// capped says why lines of [from, through) are missing; "" when none are.
	capped string
}

// maxFailures bounds how often in a row a request may be made smaller.
const maxFailures = 16

// batches yields the pager's batches in order of time. An error ends it.
//
// The rule that makes paging loss-free and free of duplicates: after a page that may be cut go on at its last timestamp,
// inclusive, and drop what was seen there. Such a page that holds nothing but that timestamp goes to ties.go, unless
// it has one line only, which cannot be taken apart.
func (s *pager) batches(ctx context.Context) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		failures := 0
		for s.cursor < s.end {
			probe := s.size.probes()
			q := pageQuery{expression: s.expression, start: s.cursor, end: s.span.until(s.cursor, s.end, probe), limit: s.size.limit()}
			q.size, q.sieve = s.size.expect(), s.sieve
			started := time.Now()
			p, err := s.client.fetch(ctx, s.meter, q)
			if err != nil {
				if failures++; failures <= maxFailures && ctx.Err() == nil && s.adapt(q, err) {
					continue
				}
				yield(batch{}, err)
				return
			}
			failures = 0
			s.size.observe(p.lines, p.bytes, p.full)
			s.span.observe(time.Since(started), p.full)
			if p.cut && p.last == s.cursor && (p.full || p.lines > 1) {
				if !s.instant(ctx, yield) {
					return
				}
				continue
			}
			b := s.take(p, q)
			b.full = p.full && !probe
			if !yield(b, nil) {
				return
			}
		}
	}
}

// take turns a page into a batch and moves the cursor behind it.
func (s *pager) take(p *page, q pageQuery) batch {
	b := batch{from: s.cursor, through: q.end, bytes: p.bytes, capped: s.client.cappedByWarnings(p.warnings)}
	more := p.cut && p.last > s.cursor
	if more {
		b.through = p.last
	}
	b.streams = s.seen.without(p, s.cursor)
	b.sifted = p.sifted.lines - min(s.passed, p.sifted.at(s.cursor))
	s.seen, s.passed = nil, 0
	if more {
		s.seen, s.passed = seen{}, p.sifted.at(p.last)
		s.seen.add(b.streams, p.last)
	}
	s.cursor = b.through
	return b
}

// adapt makes the next request smaller in the way the error asks for; false when nothing is left to try.
func (s *pager) adapt(q pageQuery, err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	asked := time.Duration(q.end - q.start)
	switch e.Retry {
	case RetrySmaller:
		// Too many bytes and too much time look the same from here, a cut connection: do something about both.
		fewer := s.size.shrink(q.limit)
		shorter := s.span.narrow(asked, shrinkBy)
		return fewer || shorter
	case RetryNarrower:
		return s.span.narrow(asked, 2)
	case RetryLearned:
		s.client.limits.learn(e)
		if e.MaxEntries > 0 {
			s.size.setMax(e.MaxEntries)
			return e.MaxEntries < q.limit
		}
		s.span.max = e.fits(asked)
		return s.span.max > 0 && s.span.max < asked
	default:
		return false
	}
}
