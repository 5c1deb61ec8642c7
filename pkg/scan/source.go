package scan

import (
	"context"
	"iter"

	"github.com/blueking/incidents/pkg/logs"
)

// Source is a log store. pkg/loki and pkg/samples are Sources, and the CLI reads files through one.
type Source interface {
	// Read yields the lines of a request, ordered by time within a stream (not across streams), each exactly
	// once. An error ends the iteration. The Coverage is filled when the iteration has ended.
	Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage)
	// Live reports in which steps of a range streams shipped any line.
	Live(ctx context.Context, req logs.LiveRequest) (logs.Shipping, error)
	// Describe returns what a request asks of the store, for people: LogQL for Loki.
	Describe(req logs.Request) string
}
