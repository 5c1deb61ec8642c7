package scan

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// Observer is told what scans cost. It must be safe for concurrent use.
type Observer interface {
	// Remembered: of what a read needed, so much was in memory ("segment", "tail", "liveness") and so much was not.
	Remembered(kind string, hits, misses int)
	// Read: what a read of a source received, whether it failed, and an estimate of the time spent on matching.
	Read(source string, cov *logs.Coverage, failed bool, matching time.Duration)
	// Built: the incidents of a scan and the time to make them.
	Built(incidents int, took time.Duration)
}

// unobserved is the Observer of those who did not ask.
type unobserved struct{}

func (unobserved) Remembered(string, int, int)                      {}
func (unobserved) Read(string, *logs.Coverage, bool, time.Duration) {}
func (unobserved) Built(int, time.Duration)                         {}

// timedEvery is the share of lines whose matching is timed: reading the clock costs about as much as refusing a line.
const timedEvery = 64

// stopwatch estimates the time spent on matching.
type stopwatch struct{ spent time.Duration }

// add is collector.add, timed every so often.
func (w *stopwatch) add(c *collector, rec logs.Record) bool {
	if c.seq%timedEvery != 0 {
		return c.add(rec)
	}
	started := time.Now()
	hit := c.add(rec)
	w.spent += timedEvery * time.Since(started)
	return hit
}

// readSpan is fetchSpan with a span of the trace, and told to the Observer.
func (r *run) readSpan(ctx context.Context, sel Selector, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
	ctx, span := r.o.Tracer.Start(ctx, "incidents.read", trace.WithAttributes(
		attribute.String("source", string(sel.Source)), attribute.String("from", start.UTC().Format(time.RFC3339)), attribute.String("to", end.UTC().Format(time.RFC3339)),
	))
	defer span.End()
	var watch stopwatch
	hits, cov, err := r.fetchSpan(ctx, sel, start, end, &watch)
	r.o.Observer.Read(string(sel.Source), cov, err != nil, watch.spent)
	span.SetAttributes(attribute.Int("matches", len(hits)))
	if cov != nil {
		state, _ := cov.Worst()
		span.SetAttributes(attribute.Int64("lines", cov.Lines), attribute.Int64("bytes", cov.Bytes), attribute.Int("requests", cov.Requests), attribute.String("coverage", string(state)))
	}
	failed(span, err)
	return hits, cov, err
}

// failed marks a span. The error's own text stays out: it may quote what stands at Loki's address.
func failed(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "failed")
	}
}
