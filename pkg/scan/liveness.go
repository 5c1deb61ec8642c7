package scan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan/memory"
	"github.com/blueking/incidents/pkg/signature"
)

// liveness asks when every source shipped lines, as far back as the look-back may go. Sources of errors only are asked
// last, as they matter only where no other source ships.
func (r *run) liveness(ctx context.Context) error {
	start := r.req.Start.Add(-r.o.LookbackMax)
	answers := make([]logs.Liveness, len(r.selectors))
	failed := make([]error, len(r.selectors))
	for _, errorsOnly := range []bool{false, true} {
		var others []logs.Liveness
		if errorsOnly {
			others = slices.Clone(answers)
		}
		g, gctx := errgroup.WithContext(ctx)
		for i, sel := range r.selectors {
			if sel.Source.ErrorsOnly() != errorsOnly {
				continue
			}
			g.Go(func() error {
				live, err := logs.Guarded(func() (logs.Liveness, error) { return r.liveAt(gctx, sel, start, others) })
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

// liveAt asks when the streams of a selector shipped lines, once for all panels of a refresh. What others are known to
// have shipped is taken over and not asked for.
func (r *run) liveAt(ctx context.Context, sel Selector, start time.Time, others []logs.Liveness) (logs.Liveness, error) {
	ask := func(start, end time.Time) (logs.Liveness, error) {
		return between(others, start, end, func(start, end time.Time) (logs.Liveness, error) {
			return r.source.Live(ctx, sel.Selector, r.req.Matchers, start, end)
		})
	}
	if r.memory == nil {
		return ask(start, r.now)
	}
	return r.memory.Live(ctx, r.track(sel), start, r.now, r.o.Clock(), ask)
}

const (
	// shortGap is a gap that is not asked for: panels of one refresh share answers whose ends differ by as much.
	shortGap = memory.TailShared
	// mostGaps bounds the questions: sources with more gaps ship little, and one question over all of them reads little.
	mostGaps = 4
)

// between joins what others shipped in [start, end) with the answers for the gaps between. When one of those is not
// known, neither is the whole.
func between(others []logs.Liveness, start, end time.Time, ask memory.Asker) (logs.Liveness, error) {
	var windows []logs.Window
	var holds time.Time
	for _, o := range others {
		windows = slices.AppendSeq(windows, o.Clip(start, end))
	}
	for _, gap := range gaps(logs.NewLiveness(windows).Windows, start, end) {
		live, err := ask(gap.Start, gap.End)
		if err != nil || !live.Known {
			return live, err
		}
		windows = append(windows, live.Windows...)
		if gap.End.Equal(end) {
			holds = live.Holds
		}
	}
	live := logs.NewLiveness(windows)
	live.Holds = holds
	return live, nil
}

// gaps returns what windows, which are sorted and disjoint, leave of [start, end): at most mostGaps spans.
func gaps(windows []logs.Window, start, end time.Time) []logs.Window {
	var out []logs.Window
	add := func(to time.Time) {
		if to.Sub(start) > shortGap || len(windows) == 0 {
			out = append(out, logs.Window{Start: start, End: to})
		}
	}
	for _, w := range windows {
		add(w.Start)
		start = w.End
	}
	add(end)
	if len(out) > mostGaps {
		return []logs.Window{{Start: out[0].Start, End: out[len(out)-1].End}}
	}
	return out
}
