package scan

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// liveness asks when every source shipped lines, as far back as the look-back may go.
func (r *run) liveness(ctx context.Context) error {
	start := r.req.Start.Add(-r.o.LookbackMax)
	answers := make([]logs.Liveness, len(r.selectors))
	failed := make([]error, len(r.selectors))
	g, gctx := errgroup.WithContext(ctx)
	for i, sel := range r.selectors {
		g.Go(func() error {
			live, err := guarded(func() (logs.Liveness, error) { return r.liveAt(gctx, sel, start) })
			if err != nil {
				live = logs.Liveness{}
			}
			answers[i], failed[i] = live, err
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("ask when sources shipped lines: %w", err)
	}
	for _, source := range signature.Sources() {
		live, asked := r.livenessOf(source, answers)
		if !asked {
			continue
		}
		r.live[source] = live
		for i, sel := range r.selectors {
			if !live.Known && failed[i] != nil && (sel.Source == source || source.ErrorsOnly()) {
				r.blind[source] = failed[i]
			}
		}
	}
	return nil
}

// livenessOf joins the answers of a source's selectors. A source of errors only counts as shipping while any other
// source does: its own silence is what health looks like, and an incident in it must be able to end.
func (r *run) livenessOf(source signature.Source, answers []logs.Liveness) (live logs.Liveness, asked bool) {
	var windows []logs.Window
	known := !source.ErrorsOnly()
	for i, sel := range r.selectors {
		switch {
		case sel.Source == source:
			asked = true
			if !source.ErrorsOnly() {
				known = known && answers[i].Known
			}
			windows = append(windows, answers[i].Windows...)
		case source.ErrorsOnly() && !sel.Source.ErrorsOnly() && answers[i].Known:
			known = true
			windows = append(windows, answers[i].Windows...)
		}
	}
	if !known {
		return logs.Liveness{}, asked
	}
	return logs.NewLiveness(windows), asked
}

// liveAt asks when the streams of a selector shipped lines, once for all panels of a refresh.
func (r *run) liveAt(ctx context.Context, sel Selector, start time.Time) (logs.Liveness, error) {
	ask := func(start, end time.Time) (logs.Liveness, error) {
		return r.source.Live(ctx, sel.Selector, r.req.Matchers, start, end)
	}
	if r.segments == nil {
		return ask(start, r.now)
	}
	return r.segments.live(ctx, r.track(sel), start, r.now, r.o.Clock(), ask)
}
