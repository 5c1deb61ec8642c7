//go:build integration

package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/tools/bench/corpus"
	"github.com/blueking/incidents/tools/lokiserver"
)

// ahead is how long there are lines of day to ship.
const ahead = 3 * time.Hour

// ship pushes the lines of day as their time comes, until stop, which tells when it had ended before. What a refresh costs
// depends on where Loki has the last minutes: in the ingester, and nothing after them.
func ship(ctx context.Context, from time.Time) (stop func() error, err error) {
	c, err := corpus.New(world.set, shipped(from))
	if err != nil {
		return nil, err
	}
	push := func(ctx context.Context) error {
		to := time.Now().UTC()
		err := lokiserver.Push(ctx, world.loki, day, c.Between(from, to))
		from = to
		return err
	}
	if err := push(ctx); err != nil { // what became due during the load
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var g errgroup.Group
	g.Go(func() error {
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-second.C:
			case <-ctx.Done():
				return nil
			}
			if err := push(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("the benchmarks ran on after shipping failed: %w", err)
			}
		}
	})
	return func() error {
		cancel()
		return g.Wait()
	}, nil
}

// shipped is a day's corpus that begins when the loaded one ends.
func shipped(from time.Time) corpus.Options {
	o := loads(from)[day]
	share := func(n int) int { return n * int(ahead/time.Minute) / int(o.Span/time.Minute) }
	return corpus.Options{Lines: share(o.Lines), Hits: share(o.Hits), End: from.Add(ahead), Span: ahead}
}
