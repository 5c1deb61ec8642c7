//go:build integration

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/blueking/incidents/tools/bench/corpus"
	"github.com/blueking/incidents/tools/lokiserver"
)

// ahead is how long there are lines of day to ship.
const ahead = 3 * time.Hour

// shipper pushes the lines of day as their time comes, in a goroutine that stop ends. What a refresh costs depends on where
// Loki has the last minutes: in the ingester, and nothing after them.
type shipper struct {
	cancel context.CancelFunc
	done   chan error
}

func ship(ctx context.Context, from time.Time) (*shipper, error) {
	c, err := corpus.New(world.set, shipped(from))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &shipper{cancel, make(chan error, 1)}
	push := func() error {
		to := time.Now().UTC()
		err := lokiserver.Push(ctx, world.loki, day, c.Between(from, to))
		from = to
		return err
	}
	if err := push(); err != nil { // what became due during the load
		cancel()
		return nil, err
	}
	go func() {
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-second.C:
			case <-ctx.Done():
				s.done <- nil
				return
			}
			if err := push(); err != nil && ctx.Err() == nil {
				s.done <- err
				return
			}
		}
	}()
	return s, nil
}

// stop ends the shipping and tells when it had ended before.
func (s *shipper) stop() error {
	s.cancel()
	if err := <-s.done; err != nil {
		return fmt.Errorf("the benchmarks ran on after shipping failed: %w", err)
	}
	return nil
}

// shipped is a day's corpus that begins when the loaded one ends.
func shipped(from time.Time) corpus.Options {
	o := loads(from)[day]
	share := func(n int) int { return n * int(ahead/time.Minute) / int(o.Span/time.Minute) }
	return corpus.Options{Lines: share(o.Lines), Hits: share(o.Hits), End: from.Add(ahead), Span: ahead}
}
