package scan

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan/memory"
)

// read returns the hits of one selector, from memory where it has them.
func (r *run) read(ctx context.Context, sel Selector, matchers []logs.Matcher, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
	found, coverage, err := r.readParts(ctx, sel, matchers, func(ctx context.Context, matchers []logs.Matcher) ([]match.Line, *logs.Coverage, error) {
		fetch := func(ctx context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
			return r.readSpan(ctx, sel, matchers, start, end)
		}
		if r.memory == nil {
			return fetch(ctx, start, end)
		}
		return r.memory.Read(ctx, r.track(sel, matchers), start, end, r.o.Clock(), fetch)
	})
	if sel.Marked {
		found = memory.Prune(found, start, end, nil)
	}
	return found, coverage, err
}

// readSpan is fetchSpan with a span of the trace, and told to the Observer.
func (r *run) readSpan(ctx context.Context, sel Selector, matchers []logs.Matcher, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
	ctx, span := r.o.Tracer.Start(ctx, "incidents.read", trace.WithAttributes(
		attribute.String("source", string(sel.Source)), attribute.String("from", start.UTC().Format(time.RFC3339)), attribute.String("to", end.UTC().Format(time.RFC3339)),
	))
	defer span.End()
	var watch stopwatch
	hits, cov, err := r.fetchSpan(ctx, sel, matchers, start, end, &watch)
	r.o.Observer.Read(string(sel.Source), cov, err != nil, watch.spent)
	span.SetAttributes(attribute.Int("matches", len(hits)))
	if cov != nil {
		state, _ := cov.Worst()
		span.SetAttributes(attribute.Int64("lines", cov.Lines), attribute.Int64("bytes", cov.Bytes), attribute.Int("requests", cov.Requests), attribute.String("coverage", string(state)))
	}
	failed(span, err)
	return hits, cov, err
}

// fetchSpan matches the lines of one selector as they come in; only hits are kept.
func (r *run) fetchSpan(ctx context.Context, sel Selector, matchers []logs.Matcher, start, end time.Time, watch *stopwatch) ([]match.Line, *logs.Coverage, error) {
	c := collector{matcher: r.matcher, sel: sel}
	req := r.request(sel, matchers, start, end)
	req.Sieve = r.matcher.Sieve(sel.Source)
	records, coverage := r.source.Read(ctx, req)
	read := map[string]time.Time{}
	next := memory.PruneAt
	for rec, err := range records {
		if err != nil {
			c.pack()
			return c.found, coverage, err
		}
		if sel.Marked {
			rec.Stream = r.streams.unmarked(rec.Stream)
		}
		if !watch.add(&c, rec) {
			continue
		}
		read[rec.Stream.Key] = rec.Entry.Timestamp
		if len(c.found) >= next && !sel.Marked { // what a line is near may be in the other part
			c.found = memory.Prune(c.found, start, end, read)
			next = max(memory.PruneAt, 2*len(c.found))
		}
		if c.plainBytes >= packAt {
			c.pack()
		}
	}
	if !sel.Marked {
		c.found = memory.Prune(c.found, start, end, nil)
	}
	c.pack()
	return c.found, coverage, nil
}
