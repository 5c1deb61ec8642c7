package scale

import (
	"context"
	"math"
	"sync"
	"time"
)

// Rates are what Loki's work costs, in processor time of one core.
type Rates struct {
	// Byte is for unpacking and walking lines, Literal what each literal of the filter adds to it, in ns a byte.
	Byte, Literal float64
	// Pass is the share of lines that pass a filter and meet the next.
	Pass float64
	// Line is for handing a line over.
	Line time.Duration
	// SubQuery is for planning and moving one sub-query.
	SubQuery time.Duration
	// Chunk is for getting a chunk out of the store, Overlap what each other that begins in its time adds to it.
	Chunk, Overlap time.Duration
	// Open is for looking at one stream in an ingester.
	Open time.Duration
	// Series is for looking at one stream in the index, once for each step of a volume.
	Series time.Duration
}

// DefaultRates were measured with Loki 3.7.8 on two cores, except SubQuery and Pass, which are assumed.
//
// Byte and Literal: 72 MB of 180-byte lines took 0.28 s with one literal, 1.6 s with a hundred, 7.5 s with five hundred.
// Line: 5,000 lines took 0.25 to 0.3 s more than none. Chunk and Overlap: streams of 4 kB in half an hour, flushed, a filter
// with one literal, seconds of processor time: 5,000 streams 1.0 for the hour and 0.18 for a minute of it, 10,000 streams 5
// and 0.5, 20,000 streams some 25 and as 32 sub-queries 1. Loki goes over chunks in batches of 50 and in each over all
// before that overlap it. Open: 20,000 streams that were not flushed took 0.2 to 0.4 s with 80 MB of lines. Series:
// Index.Volume over 100,000 streams, 67 to 77 ms a step.
func DefaultRates() Rates {
	return Rates{
		Byte: 7.4, Literal: 0.37, Pass: 0.05, Line: 55 * time.Microsecond, SubQuery: 20 * time.Millisecond, Chunk: 20 * time.Microsecond,
		Overlap: 40 * time.Nanosecond, Open: 5 * time.Microsecond, Series: 700 * time.Nanosecond,
	}
}

// filtering is what a byte costs, in ns.
func (r *Rates) filtering(filters [][]string) float64 {
	sum, meet := r.Byte, 1.0
	for _, literals := range filters {
		sum += meet * r.Literal * float64(len(literals))
		meet *= r.Pass
	}
	return sum
}

// Cluster is a distributed Loki: its size, limits and rates. The limits are the defaults of Loki 3.7.8.
type Cluster struct {
	// Cores of the queriers, and of the index gateways.
	Cores, IndexCores int
	// Split is split_queries_by_interval; SplitsAhead of them are worked on side by side (max_query_parallelism), and
	// Parallel sub-queries of one query (tsdb_max_query_parallelism).
	Split                 time.Duration
	SplitsAhead, Parallel int
	// ShardBytes is tsdb_max_bytes_per_shard.
	ShardBytes float64
	// QueryTimeout is query_timeout, MaxEntries max_entries_limit_per_query.
	QueryTimeout time.Duration
	MaxEntries   int
	// ChunkBytes of logs fill a chunk, and ChunkAge closes it, which is assumed (chunk_idle_period 30 min, max_chunk_age 2 h).
	ChunkBytes float64
	ChunkAge   time.Duration
	Rates      Rates
}

// DefaultCluster has 64 cores in queriers and 8 in index gateways, which is assumed.
func DefaultCluster() Cluster {
	return Cluster{
		Cores: 64, IndexCores: 8, Split: time.Hour, SplitsAhead: 32, Parallel: 128, ShardBytes: 600 << 20,
		QueryTimeout: time.Minute, MaxEntries: 5000, ChunkBytes: 10e6, ChunkAge: time.Hour, Rates: DefaultRates(),
	}
}

// shards is how many sub-queries Loki makes of a split, by its bytes: powers of two (sharding.GuessShardFactor), each with
// whole streams.
func (c *Cluster) shards(a asked, s split) int {
	bytes := a.rate() * time.Duration(s.to-s.from).Seconds()
	n := math.Pow(2, math.Ceil(math.Log2(bytes/c.ShardBytes)))
	return int(max(1, min(n, a.streams())))
}

// subQuery is what one of the shards of a split reads, and how long it takes. A chunk is read as a whole.
func (c *Cluster) subQuery(a asked, s split, shards, lines int) (bytes float64, takes time.Duration) {
	n := a.streams() / float64(shards)
	rate := a.rate() / float64(shards)
	span := time.Duration(s.to - s.from)
	takes = c.Rates.SubQuery + time.Duration(lines)*c.Rates.Line/time.Duration(shards)
	if bytes = rate * span.Seconds(); time.Since(time.Unix(0, s.from)) <= c.ChunkAge {
		takes += time.Duration(n * float64(c.Rates.Open))
	} else {
		age := min(c.ChunkAge.Seconds(), c.ChunkBytes*n/rate)
		begin := n * span.Seconds() / age
		bytes += rate * age
		takes += time.Duration((n+begin)*float64(c.Rates.Chunk) + begin*min(begin, n)*float64(c.Rates.Overlap))
	}
	return bytes, takes + time.Duration(bytes*c.Rates.filtering(a.filters))
}

// cores are processors that serve who waits in order of arrival.
type cores struct{ free chan struct{} }

func newCores(n int) *cores { return &cores{make(chan struct{}, n)} }

// work holds a core for d or until ctx ends; it returns how long it did, and how long it waited.
func (c *cores) work(ctx context.Context, d time.Duration) (worked, queued time.Duration) {
	arrived := time.Now()
	select {
	case c.free <- struct{}{}:
	case <-ctx.Done():
		return 0, time.Since(arrived)
	}
	defer func() { <-c.free }()
	queued = time.Since(arrived)
	timer := time.NewTimer(d)
	defer timer.Stop()
	started := time.Now()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return time.Since(started), queued
}

// sideBySide runs do(0) … do(n-1), at most width at a time and begun in this order, and returns when all have ended.
// Those that ctx ends before they began are left out.
func sideBySide(ctx context.Context, n, width int, do func(i int)) {
	next := make(chan int)
	var running sync.WaitGroup
	for range min(n, width) {
		running.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	running.Wait()
}
