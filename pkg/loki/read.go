package loki

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// earliest is the first instant that we ask for, in ns since 1970: Loki takes a number of ten digits or fewer for
// seconds (pkg/loghttp/params.go parseTimestamp).
const earliest = int64(10 * time.Second)

// Read yields the lines of a request, each exactly once, ordered by time within a stream. Records are valid until the
// next step. The iterator is for one use, and the Coverage is filled when it has ended: windows read to the end are
// Complete; what a cap on lines, bytes or the context's deadline left out is Capped, and no error; what Loki refused
// is Failed, and the error is yielded last.
func (c *Client) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	cover := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		*cover = logs.Coverage{}
		r := reader{client: c, cover: cover, meter: &meter{}, req: req, yield: yield}
		r.run(ctx)
		cover.Bytes, cover.Requests = r.meter.bytes.Load(), int(r.meter.requests.Load())
	}, cover
}

// reader yields the lines of one request and keeps its coverage.
type reader struct {
	client *Client
	cover  *logs.Coverage
	meter  *meter
	req    logs.Request
	yield  func(logs.Record, error) bool

	// [mark, done) was read completely and is not in cover yet; both in ns since 1970.
	mark, done, end int64
	bytes           int64
}

func (r *reader) run(ctx context.Context) {
	c := r.client
	r.mark, r.end = clamp(r.req.Start), clamp(r.req.End)
	if r.mark >= r.end {
		return
	}
	r.done = r.mark
	e, err := newExpression(r.req)
	if err != nil {
		r.fail(ctx, err)
		return
	}
	limits, err := c.current(ctx)
	if err != nil {
		r.fail(ctx, err)
		return
	}
	if back := limits.MaxLookback; back > 0 {
		r.skip(c.now().Add(-back).UnixNano(), c.cappedByLookback(back))
	}
	if r.req.Rare {
		switch empty, err := c.empty(ctx, r.meter, e.selector, r.done, r.end); {
		case err != nil:
			r.fail(ctx, err)
			return
		case empty:
			r.close(r.end)
			return
		}
	}
	s := &pager{
		client: c, meter: r.meter, expression: e, cursor: r.done, end: r.end, size: c.sizer(r.req.Selector),
		sieve: r.req.Sieve,
		span:  span{width: firstSpan, probe: probeSpan, max: limits.MaxLength, timeout: c.timeout},
	}
	s.size.setMax(c.limits.maxEntries())
	for b, err := range r.batches(ctx, s) {
		if err != nil {
			r.fail(ctx, err)
			return
		}
		if !r.take(ctx, b) {
			return
		}
	}
	r.close(r.end)
}

// checkEvery is how many lines are yielded between two looks at the context: a line may cost its reader milliseconds.
const checkEvery = 64

// take yields a batch; false ends the reading.
func (r *reader) take(ctx context.Context, b batch) bool {
	for _, s := range b.streams {
		for i, entry := range s.entries {
			if i%checkEvery == checkEvery-1 && ctx.Err() != nil {
				r.done = max(r.done, b.from)
				r.fail(ctx, transportError(ctx, ctx.Err()))
				return false
			}
			if r.req.MaxLines > 0 && r.cover.Lines >= int64(r.req.MaxLines) {
				r.cap(b.from, r.client.cappedByLines(r.req.MaxLines))
				return false
			}
			r.cover.Lines++
			if !r.yield(logs.Record{Stream: s.stream, Entry: entry}, nil) {
				r.cap(b.from, r.client.cappedByCaller())
				return false
			}
		}
	}
	r.cover.Lines += int64(b.sifted)
	r.bytes += b.bytes
	if b.capped != "" {
		r.close(b.from)
		r.skip(b.through, b.capped)
	}
	r.done = max(r.done, b.through)
	if r.req.MaxLines > 0 && r.cover.Lines > int64(r.req.MaxLines) && r.done < r.end {
		r.cap(r.done, r.client.cappedByLines(r.req.MaxLines))
		return false
	}
	if r.req.MaxBytes > 0 && r.bytes >= r.req.MaxBytes && r.done < r.end {
		r.cap(r.done, r.client.cappedByBytes(r.req.MaxBytes))
		return false
	}
	return true
}

// fail records that the rest failed, and yields the error; a deadline is a cap on time and no error, unless the time went
// by in waiting for a Loki that answers with errors, or not at all.
func (r *reader) fail(ctx context.Context, err error) {
	e := (*Error)(nil)
	typed := errors.As(err, &e)
	waited := typed && e.Kind != logs.KindTimeout && e.Kind != logs.KindCanceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !waited {
		r.cap(r.done, r.client.cappedByTime())
		return
	}
	r.close(r.done)
	reason := err.Error()
	if typed {
		reason = e.Message(r.client.language)
	}
	r.add(r.done, r.end, logs.Failed, reason)
	r.yield(logs.Record{}, err)
}

// cap records that everything from here on is missing, or may be.
func (r *reader) cap(from int64, reason string) {
	r.close(from)
	r.add(from, r.end, logs.Capped, reason)
}

// skip records that [done, to) is missing and goes on behind it.
func (r *reader) skip(to int64, reason string) {
	if to = min(to, r.end); to <= r.done {
		return
	}
	r.add(r.done, to, logs.Capped, reason)
	r.mark, r.done = to, to
}

// close records that everything up to here was read.
func (r *reader) close(to int64) {
	r.add(r.mark, to, logs.Complete, "")
	r.mark, r.done = max(r.mark, to), max(r.done, to)
}

func (r *reader) add(from, to int64, state logs.State, reason string) {
	if from < to {
		r.cover.Add(logs.Window{Start: time.Unix(0, from).UTC(), End: time.Unix(0, to).UTC(), State: state, Reason: reason})
	}
}

// clamp returns t in ns since 1970, within what Loki and an int64 can hold.
func clamp(t time.Time) int64 {
	switch {
	case t.Unix() < int64(10):
		return earliest
	case t.Unix() > 9_000_000_000:
		return 9_000_000_000 * int64(time.Second)
	default:
		return t.UnixNano()
	}
}
