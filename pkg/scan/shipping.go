package scan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan/memory"
	"github.com/blueking/incidents/pkg/signature"
)

// pastFor is how long ago a unit may have shipped its last line and still count as one that should ship: long enough for
// a collector that died before a week of holidays, short enough that a cluster that was taken down is forgotten.
const pastFor = 8 * 24 * time.Hour

const (
	// sharpenBack and sharpenOver are how much before and after a coarse answer's last lines is asked for finely: what the end
	// of a failure is told by, and one step of that answer.
	sharpenBack = 8 * time.Hour
	sharpenOver = 4 * time.Hour
	// mostSharpened bounds the silences of a track that are asked for finely; of more, hours are known.
	mostSharpened = 6
)

// beats reports whether streams log all the time while all is well, so that their silence means that nobody collects them.
// Logs of errors do not, and what installers write on hosts neither.
func beats(sel Selector) bool { return !sel.OnHost && !sel.Source.ErrorsOnly() }

// heard returns which selectors are asked when they shipped lines: those that log all the time, or all where none does.
func (r *run) heard() []bool {
	out := make([]bool, len(r.selectors))
	some := false
	for i, sel := range r.selectors {
		out[i] = beats(sel)
		some = some || out[i]
	}
	for i := range out {
		out[i] = out[i] || !some
	}
	return out
}

// liveness asks when the units of every selector shipped lines.
func (r *run) liveness(ctx context.Context) error {
	failed := make([]error, len(r.selectors))
	g, gctx := errgroup.WithContext(ctx)
	for i, sel := range r.selectors {
		if !r.asked[i] {
			continue
		}
		g.Go(func() error {
			streams, _ := sel.Narrow(r.req.Matchers) // volumes know labels only
			live, err := r.shipping(gctx, r.track(sel, streams), logs.LiveRequest{Selector: sel.Selector, Matchers: streams, By: r.o.Labels.ClusterLabel})
			r.ships[i], failed[i] = live, err
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("ask when sources shipped lines: %w", err)
	}
	for i, sel := range r.selectors {
		if failed[i] != nil && !sel.Source.ErrorsOnly() {
			r.blind[sel.Source] = failed[i]
		}
	}
	whole := logs.Liveness{}
	for i := range r.selectors {
		whole = whole.Either(r.ships[i].All)
	}
	for i, sel := range r.selectors {
		switch live, seen := r.live[sel.Source]; {
		case sel.Source.ErrorsOnly():
			r.live[sel.Source] = whole
			r.blindIf(sel.Source, !whole.Known, failed)
		case r.asked[i] && !r.ships[i].All.Known:
			r.live[sel.Source] = logs.Liveness{}
		case r.asked[i] && (!seen || live.Known):
			r.live[sel.Source] = live.Either(r.ships[i].All)
		case !seen: // on hosts only: the others tell of their silence
			r.live[sel.Source] = whole
			r.blindIf(sel.Source, !whole.Known, failed)
		}
	}
	return nil
}

// blindIf notes the first failure for a source that depends on the answers for others.
func (r *run) blindIf(source signature.Source, unknown bool, failed []error) {
	for _, err := range failed {
		if unknown && err != nil && r.blind[source] == nil {
			r.blind[source] = err
		}
	}
}

// shipping asks when streams shipped lines, once for all panels of a refresh: finely as far back as logs are read, and
// coarsely before that, to know what has been silent for longer.
func (r *run) shipping(ctx context.Context, track string, req logs.LiveRequest) (logs.Shipping, error) {
	start := r.req.Start.Add(-r.o.LookbackMax)
	asker := func(coarse bool) memory.Asker {
		return func(ctx context.Context, start, end time.Time) (logs.Shipping, error) {
			return logs.Guarded(func() (logs.Shipping, error) {
				asked := req
				asked.Start, asked.End, asked.Coarse = start, end, coarse
				return r.source.Live(ctx, asked)
			})
		}
	}
	finely, coarsely := asker(false), asker(true)
	earliest := r.now.Add(-pastFor)
	if !earliest.Before(start) {
		return r.recent(ctx, track, start, finely)
	}
	var recent, past logs.Shipping
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		recent, err = r.recent(gctx, track, start, finely)
		return err
	})
	g.Go(func() (err error) {
		past, err = r.past(gctx, track, earliest, func(ctx context.Context, from, to time.Time) (logs.Shipping, error) {
			live, err := coarsely(ctx, from, to)
			if err != nil || !live.All.Known {
				return live, err
			}
			return sharpen(ctx, live, from, start.Add(memory.Recheck), finely)
		})
		return err
	})
	if err := g.Wait(); err != nil || !recent.All.Known || !past.All.Known {
		return logs.Shipping{}, err
	}
	return past.Join(recent, start), nil
}

// sharpen asks finely when the units shipped their last lines that shipped none since a time: since when a collector is dead is
// what people on call are told. from is the start of what was asked for coarsely.
func sharpen(ctx context.Context, live logs.Shipping, from, since time.Time, ask memory.Asker) (logs.Shipping, error) {
	silent := map[time.Time]bool{}
	for _, l := range append(slices.Collect(maps.Values(live.Units)), live.All) {
		if last := l.Last(); !last.IsZero() && last.Before(since) {
			silent[last] = true
		}
	}
	lasts := slices.SortedFunc(maps.Keys(silent), func(a, b time.Time) int { return b.Compare(a) })
	for _, last := range lasts[:min(len(lasts), mostSharpened)] {
		start := last.Add(-sharpenBack)
		if start.Before(from) {
			start = from
		}
		fine, err := ask(ctx, start, last.Add(sharpenOver))
		if err != nil || !fine.All.Known {
			return fine, err
		}
		sharp := func(l, of logs.Liveness) logs.Liveness {
			if !l.Last().Equal(last) || len(of.Windows) == 0 { // too few lines to show in short steps
				return l
			}
			return l.Join(of, start)
		}
		live.All = sharp(live.All, fine.All)
		for unit, l := range live.Units {
			live.Units[unit] = sharp(l, fine.Of(unit))
		}
	}
	return live, nil
}

func (r *run) recent(ctx context.Context, track string, start time.Time, ask memory.Asker) (logs.Shipping, error) {
	if r.memory == nil {
		return ask(ctx, start, r.now)
	}
	return r.memory.Live(ctx, track, start, r.now, r.o.Clock(), ask)
}

func (r *run) past(ctx context.Context, track string, start time.Time, ask memory.Asker) (logs.Shipping, error) {
	if r.memory == nil {
		return ask(ctx, start, r.now)
	}
	return r.memory.Past(ctx, track, start, r.now, r.o.Clock(), ask)
}

// cluster returns when anything of a cluster shipped lines, or anything at all where the cluster has no unit of its own.
func (r *run) cluster(name string) logs.Liveness {
	var own, whole logs.Liveness
	for _, s := range r.ships {
		if _, named := s.Units[name]; named {
			own = own.Either(s.Units[name])
		}
		whole = whole.Either(s.All)
	}
	if own.Known {
		return own
	}
	return whole
}

// reach returns from when on a unit must be read so that it shipped lines for a time before start.
func (r *run) reach(live logs.Liveness, start time.Time, enough time.Duration) time.Time {
	edge := start.Add(-enough)
	if !live.Known || live.Within(edge, start) >= enough {
		return edge
	}
	left := enough
	for n := len(live.Windows) - 1; n >= 0; n-- {
		w := live.Windows[n]
		if w.End.After(start) {
			w.End = start
		}
		if span := w.End.Sub(w.Start); span >= left {
			return w.End.Add(-left)
		} else if span > 0 {
			left -= span
			edge = w.Start
		}
	}
	return edge
}
