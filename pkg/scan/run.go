package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan/memory"
	"github.com/blueking/incidents/pkg/signature"
)

// run is the state of one scan.
type run struct {
	*Scanner
	req       Request
	now       time.Time
	selectors []Selector
	// found are the lines with hits by selector, so that a stream that two selectors cover is taken from the first.
	found    [][]match.Line
	from     map[signature.Source]time.Time
	coverage map[signature.Source]*logs.Coverage
	errs     map[signature.Source]error
	live     map[signature.Source]logs.Liveness
	blind    map[signature.Source]error
	lines    []incident.Line
}

// first reads every source as far back as it must be read if it shipped lines all the time, and asks beside it when
// it did. It returns the edges of the sources that were silent: they have to be read from farther back.
func (r *run) first(ctx context.Context, start time.Time) (map[signature.Source]time.Time, error) {
	next := map[signature.Source]time.Time{}
	for _, sel := range r.selectors {
		next[sel.Source] = start.Add(-r.lookback(sel.Source, logs.Liveness{}, start))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.liveness(gctx) })
	var read error
	g.Go(func() error {
		read = r.fetch(gctx, next)
		return read
	})
	if err := g.Wait(); err != nil {
		return nil, cmp.Or(read, err) // when time runs out both end, and liveness says no more than that
	}
	farther := map[signature.Source]time.Time{}
	for source, from := range next {
		if edge := start.Add(-r.lookback(source, r.live[source], start)); edge.Before(from) && r.errs[source] == nil {
			farther[source] = edge
		}
	}
	return farther, nil
}

// track names everything that what is read of a selector depends on; the signatures are the scanner's.
func (r *run) track(sel Selector) string {
	return fmt.Sprintf("%q %q %q %v %q", r.req.Identity, sel.Source, sel.Selector, sel.OnHost, r.req.Matchers)
}

// fetch reads every source from its next edge up to what was read before.
func (r *run) fetch(ctx context.Context, next map[signature.Source]time.Time) error {
	type answer struct {
		found    []match.Line
		coverage *logs.Coverage
		err      error
	}
	answers := make([]answer, len(r.selectors))
	g, gctx := errgroup.WithContext(ctx)
	for i, sel := range r.selectors {
		start, ok := next[sel.Source]
		if !ok || r.errs[sel.Source] != nil {
			continue
		}
		end := r.now
		if from, ok := r.from[sel.Source]; ok {
			end = from
		}
		if !end.After(start) {
			continue
		}
		g.Go(func() error {
			a, err := logs.Guarded(func() (answer, error) {
				var a answer
				a.found, a.coverage, a.err = r.read(gctx, sel, start, end)
				return a, nil
			})
			answers[i] = a
			if err != nil {
				answers[i].err = err
			}
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		for _, a := range answers {
			if a.err != nil && errors.Is(err, context.DeadlineExceeded) {
				err = a.err // says more than that time ran out
				break
			}
		}
		return fmt.Errorf("read logs: %w", err)
	}
	if r.found == nil {
		r.found = make([][]match.Line, len(r.selectors))
	}
	for i, a := range answers {
		source := r.selectors[i].Source
		if r.found[i] == nil {
			r.found[i] = a.found
		} else {
			r.found[i] = append(r.found[i], a.found...)
		}
		if a.coverage != nil {
			total := r.coverage[source]
			if total == nil {
				total = &logs.Coverage{}
				r.coverage[source] = total
			}
			total.Merge(a.coverage)
		}
		if a.err != nil && r.errs[source] == nil {
			r.errs[source] = a.err
		}
	}
	for source, start := range next {
		r.from[source] = start
	}
	return nil
}

// read returns the hits of one selector, from memory where it has them.
func (r *run) read(ctx context.Context, sel Selector, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
	fetch := func(ctx context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
		return r.readSpan(ctx, sel, start, end)
	}
	if r.memory == nil {
		return fetch(ctx, start, end)
	}
	return r.memory.Read(ctx, r.track(sel), start, end, r.o.Clock(), fetch)
}

// fetchSpan matches the lines of one selector as they come in; only hits are kept.
func (r *run) fetchSpan(ctx context.Context, sel Selector, start, end time.Time, watch *stopwatch) ([]match.Line, *logs.Coverage, error) {
	c := collector{matcher: r.matcher, sel: sel}
	req := r.request(sel, r.req.Matchers, start, end)
	req.Sieve = r.matcher.Sieve(sel.Source)
	records, coverage := r.source.Read(ctx, req)
	read := map[string]time.Time{}
	next := memory.PruneAt
	for rec, err := range records {
		if err != nil {
			c.pack()
			return c.found, coverage, err
		}
		if !watch.add(&c, rec) {
			continue
		}
		read[rec.Stream.Key] = rec.Entry.Timestamp
		if len(c.found) >= next {
			c.found = memory.Prune(c.found, start, end, read)
			next = max(memory.PruneAt, 2*len(c.found))
		}
		if c.plainBytes >= packAt {
			c.pack()
		}
	}
	c.found = memory.Prune(c.found, start, end, nil)
	c.pack()
	return c.found, coverage, nil
}

// foundLines yields what was found so far, of a stream that several selectors cover what the first of them gave.
func (r *run) foundLines() iter.Seq[match.Line] {
	type place struct {
		source signature.Source
		stream string
	}
	owner := map[place]int{}
	for i, found := range r.found {
		for _, l := range found {
			if key := (place{r.selectors[i].Source, l.Stream().Key}); owner[key] == 0 {
				owner[key] = i + 1
			}
		}
	}
	return func(yield func(match.Line) bool) {
		for i, found := range r.found {
			for _, l := range found {
				if owner[place{r.selectors[i].Source, l.Stream().Key}] == i+1 && !yield(l) {
					return
				}
			}
		}
	}
}

// build makes incidents of all that was found so far.
func (r *run) build(ctx context.Context) ([]incident.Incident, error) {
	if !logs.PriorityOf(ctx).Urgent() { // an alert's range is short, and it waits for nobody
		select {
		case r.building <- struct{}{}:
			defer func() { <-r.building }()
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another answer: %w", ctx.Err())
		}
	}
	_, span := r.o.Tracer.Start(ctx, "incidents.build")
	defer span.End()
	started := time.Now()
	incidents, lines := incident.BuildWithLines(incident.Input{
		Set: r.o.Set, Settings: r.o.Labels, Lines: r.foundLines(), ReadFrom: r.from, Live: r.live, Now: r.now,
	})
	r.lines = lines
	span.SetAttributes(attribute.Int("incidents", len(incidents)))
	r.o.Observer.Built(len(incidents), time.Since(started))
	return incidents, nil
}

func (r *run) result(incidents []incident.Incident) *Result {
	touching := slices.DeleteFunc(incidents, func(inc incident.Incident) bool {
		return inc.State == incident.Resolved && inc.End.Before(r.req.Start) && inc.Last.Before(r.req.Start)
	})
	lines := slices.DeleteFunc(r.lines, func(l incident.Line) bool {
		return l.Time.Before(r.req.Start) || l.Time.After(r.now)
	})
	return &Result{
		Incidents: touching, Lines: lines, Coverage: r.coverage, Errors: r.errs, Live: r.live, Blind: r.blind, Now: r.now,
		Executed: r.Describe(r.req),
	}
}
