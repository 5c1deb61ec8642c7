package scan

import (
	"context"
	"iter"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// Source is a log store. pkg/loki and pkg/samples are Sources, and the CLI reads files through one.
type Source interface {
	// Read yields the lines of a request, ordered by time within a stream (not across streams), each exactly
	// once. An error ends the iteration. The Coverage is filled when the iteration has ended.
	Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage)
	// Live tells in which steps of [start, end) the streams of a selector shipped any line.
	Live(ctx context.Context, selector string, matchers []logs.Matcher, start, end time.Time) (logs.Liveness, error)
	// Describe returns what a request asks of the store, for people: LogQL for Loki.
	Describe(req logs.Request) string
}
