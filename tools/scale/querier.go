package scale

import (
	"context"
)

// split is an hour of a query, as Loki's frontend cuts it.
type split struct{ from, to int64 }

// splits cuts a range at full hours.
func (c *Cluster) splits(from, to int64) []split {
	var out []split
	for at := from; at < to; {
		end := min(at-at%int64(c.Split)+int64(c.Split), to)
		out = append(out, split{at, end})
		at = end
	}
	return out
}

// scan takes the time that a query for lines takes. Splits are worked on side by side, their answers are taken in order,
// and when a page is full the rest is dropped (splitByInterval.Process).
func (l *Loki) scan(ctx context.Context, a asked, lines []line, full bool) {
	ctx, drop := context.WithCancel(ctx)
	defer drop()
	all := l.cluster.splits(a.from, a.to)
	last := len(all) - 1
	if full {
		for last > 0 && all[last].from > lines[len(lines)-1].at {
			last--
		}
	}
	answered := make([]chan struct{}, len(all))
	for i := range answered {
		answered[i] = make(chan struct{})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		parallel := make(chan struct{}, l.cluster.Parallel)
		sideBySide(ctx, len(all), l.cluster.SplitsAhead, func(i int) {
			l.scanSplit(ctx, a, all[i], lines, parallel)
			close(answered[i])
		})
	}()
	for i := 0; i <= last; i++ {
		select {
		case <-answered[i]:
		case <-ctx.Done():
		}
	}
	drop()
	<-ended
}

// scanSplit takes the time of one split, shard by shard.
func (l *Loki) scanSplit(ctx context.Context, a asked, s split, lines []line, parallel chan struct{}) {
	shards := l.cluster.shards(a, s)
	passed := 0
	for _, hit := range lines {
		if hit.at >= s.from && hit.at < s.to {
			passed++
		}
	}
	bytes, each := l.cluster.subQuery(a, s, shards, passed)
	l.ledger.note(func(b *Books) { b.Splits++ })
	sideBySide(ctx, shards, l.cluster.Parallel, func(int) {
		select {
		case parallel <- struct{}{}:
			defer func() { <-parallel }()
		case <-ctx.Done():
			return
		}
		worked, queued := l.querier.work(ctx, each)
		l.ledger.note(func(b *Books) {
			b.SubQueries++
			b.Core += worked
			b.Queued += queued
			b.Scanned += bytes * float64(worked) / float64(each)
		})
	})
}
