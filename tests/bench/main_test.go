//go:build integration

// Package bench measures the built plugin end to end: over Grafana's plugin protocol, against a real Loki that holds a
// day of logs. `go tool mage bench` runs it together with the benchmarks beside the code and prints one table; by
// itself it runs with
//
//	go test -tags=integration -run='^$' -bench=. -benchtime=5x -timeout=30m ./tests/bench
//
// Who works on one number may load less with BENCH_LINES, or with BENCH_LOKI="URL END" (END in RFC 3339) measure with the
// Loki of another run. What is published is measured with neither.
package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
	"github.com/blueking/incidents/tools/bench/corpus"
	"github.com/blueking/incidents/tools/lokiserver"
)

// The tenants of the Loki, each with logs of its own.
const (
	day   = "day"   // 5 million lines in 24 h, one in 10,000 a hit
	week  = "week"  // 7 days with the hits of day, and few healthy lines: Loki drops those before we see them
	flood = "flood" // 24 h with 100,000 hits
)

const span = 24 * time.Hour

// loads are what the tenants hold when benchmarks begin. Their ranges end when the load begins; the clock of the plugin is
// the real one, and lines of day go on coming.
func loads(end time.Time) map[string]corpus.Options {
	lines := 5_000_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_LINES")); err == nil {
		lines = n
	}
	return map[string]corpus.Options{
		day:   {Lines: lines, Hits: lines / 10_000, End: end, Span: span},
		week:  {Lines: 200_000, Hits: 3500, End: end, Span: 7 * span},
		flood: {Lines: 200_000, Hits: 100_000, End: end, Span: span},
	}
}

// overrides make Loki answer from its store each time, with the chunk encoding that its Helm chart's examples choose.
// cache_results is off by default; chunks are cached by default. The timeouts are for machines that do much else:
// a benchmark that takes long is one, one that fails is none. So is the grace for lines of the future: with few lines a
// corpus gives some hours early.
const overrides = `
auth_enabled: true
server: {http_server_write_timeout: 10m}
limits_config: {query_timeout: 10m, creation_grace_period: 3h}
chunk_store_config: {chunk_cache_config: {embedded_cache: {enabled: false}}}
query_range: {cache_results: false}
ingester: {chunk_encoding: snappy, max_chunk_age: 24h, chunk_idle_period: 24h}
`

const (
	// chunkHours is how much time a chunk spans, as max_chunk_age has it by default: lines that come as fast as they can
	// be pushed would fill one chunk a stream, and every query of an hour would read all of it.
	chunkHours = 2
	// firstChunk is how much time the first chunks span. Real chunks begin when their stream does. Loki splits a count by
	// hours before the end of its range and a log query at full hours: if chunks ended at either, that query alone would
	// read each chunk once, where a real one reads most of them for two splits.
	firstChunk = 37 * time.Minute
)

// world is what the benchmarks share.
var world struct {
	loki string // its base address
	set  *signature.Set
	end  time.Time // of the logs
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	stop, err := setUp(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "set up:", err)
		return 1
	}
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// setUp starts Loki, loads it, and has lines come from then on.
func setUp(ctx context.Context) (stop func() error, err error) {
	if world.set, err = catalogue.Set(); err != nil {
		return nil, err
	}
	if loaded := os.Getenv("BENCH_LOKI"); loaded != "" {
		address, end, _ := strings.Cut(loaded, " ")
		world.loki = address
		world.end, err = time.Parse(time.RFC3339, end)
		return func() error { return nil }, err
	}
	server, err := lokiserver.Start(ctx, lokiserver.Options{Overrides: overrides, Progress: os.Stderr})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = server.Stop()
		}
	}()
	world.loki, world.end = server.URL(), time.Now().UTC().Truncate(time.Second)
	fmt.Fprintf(os.Stderr, "BENCH_LOKI=%q\n", world.loki+" "+world.end.Format(time.RFC3339))
	for tenant, o := range loads(world.end) {
		if err := load(ctx, tenant, o, nil); err != nil {
			return nil, fmt.Errorf("load %s: %w", tenant, err)
		}
	}
	shipped, err := ship(ctx, world.end)
	if err != nil {
		return nil, fmt.Errorf("ship lines: %w", err)
	}
	return func() error {
		defer func() { _ = server.Stop() }()
		return shipped()
	}, nil
}

// load pushes a corpus by the hour and flushes, so that queries read what Loki's store holds. What is pushed goes through
// change, if there is any.
func load(ctx context.Context, tenant string, o corpus.Options, change func([]logproto.Stream) ([]logproto.Stream, error)) error {
	started := time.Now()
	c, err := corpus.New(world.set, o)
	if err != nil {
		return err
	}
	from := o.End.Add(-o.Span)
	for flushAt := from.Add(firstChunk); from.Before(o.End); flushAt = flushAt.Add(chunkHours * time.Hour) {
		for until := earliest(flushAt, o.End); from.Before(until); { // an hour at a time fits in memory
			to := earliest(from.Add(time.Hour), until)
			streams := c.Between(from, to)
			if change != nil {
				if streams, err = change(streams); err != nil {
					return err
				}
			}
			if err := lokiserver.Push(ctx, world.loki, tenant, streams); err != nil {
				return err
			}
			from = to
		}
		if err := lokiserver.Flush(ctx, world.loki); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %d lines over %s loaded in %s\n", tenant, o.Lines, o.Span, time.Since(started).Round(time.Second))
	return nil
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
