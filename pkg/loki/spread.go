package loki

import (
	"context"
	"iter"
	"sync"
	"time"
)

const (
	// spreadPages is how many pages, going by the last one, a part has at least. A range with few pages is one query
	// that Loki splits better than we do.
	spreadPages = 3
	// spreadParts is how many parts there are for each that is read at a time: lines come in bursts, and small parts
	// even that out.
	spreadParts = 4
	// spreadAhead is how many batches of a part wait for their turn. Together with the one in flight they bound the
	// memory: parallel * (spreadAhead + 1) * pageBytes.
	spreadAhead = 1
)

// batches yields the batches of a pager in order of time. It begins with one request after the other; when the pages
// turn out full, it reads the rest of the range in parts side by side.
func (r *reader) batches(ctx context.Context, s *pager) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		for b, err := range s.batches(ctx) {
			if !yield(b, err) || err != nil {
				return
			}
			if parts := r.divide(s, b); parts != nil {
				side(ctx, parts, r.client.slots.size, yield)
				return
			}
		}
	}
}

// divide cuts what is left of a pager into parts, or returns nil when that is not worth it.
func (r *reader) divide(s *pager, last batch) []*pager {
	width := last.through - last.from
	if !last.full || width <= 0 || r.client.slots.size < 2 {
		return nil
	}
	if left := int64(r.req.MaxLines) - r.cover.Lines; r.req.MaxLines > 0 && left < int64(2*spreadPages*s.size.limit()) {
		return nil
	}
	n := min((s.end-s.cursor)/width/spreadPages, int64(spreadParts*r.client.slots.size))
	if n < 2 {
		return nil
	}
	length := (s.end - s.cursor) / n
	if hour := int64(time.Hour); length > 2*hour {
		length -= length % hour
	}
	var parts []*pager
	for from := s.cursor; from < s.end; {
		to := from + length
		if hour := int64(time.Hour); length > hour {
			to -= to % hour
		}
		if s.end-to < length/2 {
			to = s.end
		}
		part := *s
		part.cursor, part.end = from, to
		if len(parts) > 0 {
			part.seen, part.passed = nil, 0
		}
		parts = append(parts, &part)
		from = to
	}
	return parts
}

// result is what a part hands over.
type result struct {
	batch batch
	err   error
}

// side reads parts side by side, at most width at a time, and yields their batches in the order of the parts. Every
// part has a goroutine that alone sends on its channel and closes it; side ends them all before it returns.
func side(ctx context.Context, parts []*pager, width int, yield func(batch, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()

	ahead := make([]chan result, len(parts))
	start := func(i int) {
		if i >= len(parts) {
			return
		}
		out := make(chan result, spreadAhead)
		ahead[i] = out
		running.Add(1)
		go func() {
			defer running.Done()
			defer close(out)
			for b, err := range parts[i].batches(ctx) {
				select {
				case out <- result{b, err}:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	for i := range min(width, len(parts)) {
		start(i)
	}
	for i := range parts {
		for got := range ahead[i] {
			if !yield(got.batch, got.err) || got.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(batch{}, transportError(ctx, err))
			return
		}
		start(i + width)
	}
}
