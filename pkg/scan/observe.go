package scan

import (
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/blueking/incidents/pkg/logs"
)

// Observer receives what scans cost. It must be safe for concurrent use.
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

// failed marks a span. The error's own text stays out: it may quote what stands at Loki's address.
func failed(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "failed")
	}
}
