package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
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
	// found are the lines with hits by selector, so that a stream that two selectors cover is taken from the first, and
	// from is since when.
	found    [][]match.Line
	from     []time.Time
	lanes    []*lane
	coverage map[signature.Source]*logs.Coverage
	errs     map[signature.Source]error
	// asked are the selectors that were asked when they shipped lines, ships what they answered.
	asked []bool
	ships []logs.Shipping
	// hosts and small are answers for units that were asked for by name.
	hosts, small map[unitKey]logs.Liveness
	owner        map[place]int
	units        map[unitKey]*incident.Unit
	live         map[signature.Source]logs.Liveness
	blind        map[signature.Source]error
	lines        []incident.Line
}

func (s *Scanner) newRun(req Request, now time.Time, selectors []Selector) *run {
	r := &run{
		Scanner: s, req: req, now: now, selectors: selectors,
		found: make([][]match.Line, len(selectors)), from: make([]time.Time, len(selectors)), ships: make([]logs.Shipping, len(selectors)),
		coverage: map[signature.Source]*logs.Coverage{}, errs: map[signature.Source]error{},
		hosts: map[unitKey]logs.Liveness{}, small: map[unitKey]logs.Liveness{}, units: map[unitKey]*incident.Unit{},
		live: map[signature.Source]logs.Liveness{}, blind: map[signature.Source]error{},
	}
	r.asked = r.heard()
	return r
}

// first reads every selector as far back as it must be read if its units shipped lines all the time, and asks beside it
// when they did. Then it reads farther back what was silent.
func (r *run) first(ctx context.Context, start time.Time) error {
	next := map[int]time.Time{}
	for i, sel := range r.selectors {
		next[i] = start.Add(-r.enough(sel.Source))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.liveness(gctx) })
	var read error
	g.Go(func() error {
		read = r.fetch(gctx, next)
		return read
	})
	if err := g.Wait(); err != nil {
		return cmp.Or(read, err) // when time runs out both end, and liveness says no more than that
	}
	return r.fetch(ctx, r.silences(start))
}

// track names everything that what is read of a selector depends on; the signatures are the scanner's.
func (r *run) track(sel Selector, matchers []logs.Matcher) string {
	return memory.Family(fmt.Sprintf("%q %q %v", sel.Source, sel.Selector, sel.OnHost)) + fmt.Sprintf("%q %q", r.req.Identity, matchers)
}

// span is a part of a selector to be read, of all its units or of a lane.
type span struct {
	selector   int
	matchers   []logs.Matcher
	start, end time.Time
	into       *[]match.Line
}

// spans are what has to be read: each selector from its next edge up to what was read before, and new lanes.
func (r *run) spans(next map[int]time.Time) []span {
	var out []span
	add := func(s span) {
		if s.end.After(s.start) && r.errs[r.selectors[s.selector].Source] == nil {
			out = append(out, s)
		}
	}
	for i, start := range next {
		end := r.now
		if !r.from[i].IsZero() {
			end = r.from[i]
		}
		add(span{i, r.req.Matchers, start, end, &r.found[i]})
	}
	for _, l := range r.lanes {
		if !l.read {
			l.read = true
			add(span{l.selector, l.matchers, l.from, r.from[l.selector], &l.found})
		}
	}
	return out
}

// fetch reads what the next edges ask for, and new lanes.
func (r *run) fetch(ctx context.Context, next map[int]time.Time) error {
	type answer struct {
		found    []match.Line
		coverage *logs.Coverage
		err      error
	}
	spans := r.spans(next)
	answers := make([]answer, len(spans))
	g, gctx := errgroup.WithContext(ctx)
	for i, s := range spans {
		g.Go(func() error {
			a, err := logs.Guarded(func() (answer, error) {
				var a answer
				a.found, a.coverage, a.err = r.read(gctx, r.selectors[s.selector], s.matchers, s.start, s.end)
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
	for i, a := range answers {
		source := r.selectors[spans[i].selector].Source
		if into := spans[i].into; *into == nil {
			*into = a.found
		} else {
			*into = append(*into, a.found...)
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
	for i, start := range next {
		r.from[i] = start
	}
	return nil
}

// foundLines yields what was found so far, of a stream that several selectors cover what the first of them gave.
func (r *run) foundLines() iter.Seq[match.Line] {
	parts := r.parts()
	return func(yield func(match.Line) bool) {
		for _, part := range parts {
			source := r.selectors[part.selector].Source
			for _, l := range part.found {
				if r.owner[place{source, l.Stream().Key}] == part.selector && !yield(l) {
					return
				}
			}
		}
	}
}

// build makes incidents of all that was found so far.
func (r *run) build(ctx context.Context) ([]incident.Incident, error) {
	if err := r.stand(ctx); err != nil {
		return nil, err
	}
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
	incidents, lines, err := incident.BuildWithLines(ctx, incident.Input{
		Set: r.set, Settings: r.o.Labels, Lines: r.foundLines(), Live: r.live, Unit: r.unit, Now: r.now,
	})
	if err != nil {
		return nil, err
	}
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
		Incidents: touching, Lines: lines, Coverage: r.coverage, Errors: r.errs, Units: r.seen(touching), Lost: r.standing.lost(r), Blind: r.blind, Now: r.now,
		Executed: r.Describe(r.req),
	}
}

// seen are the units that were asked for, and those on which an active incident stands.
func (r *run) seen(incidents []incident.Incident) []Unit {
	standing := map[*incident.Unit]bool{}
	for i := range incidents {
		for _, u := range incidents[i].Units {
			standing[u] = standing[u] || incidents[i].State == incident.Active
		}
	}
	var out []Unit
	for i, s := range r.ships {
		if !r.asked[i] || !s.All.Known {
			continue
		}
		if len(s.Units) == 0 {
			out = append(out, Unit{Unit: incident.Unit{Source: r.selectors[i].Source, Live: s.All}, Late: r.late(i, "")})
		}
		for cluster, live := range s.Units {
			u := Unit{Unit: incident.Unit{Source: r.selectors[i].Source, Cluster: cluster, Live: live}, Late: r.late(i, cluster)}
			if known := r.units[unitKey{selector: i, cluster: cluster}]; known != nil {
				u.Standing = standing[known]
			}
			out = append(out, u)
		}
	}
	for key, u := range r.units {
		if key.host != "" && !u.ByTime && standing[u] {
			out = append(out, Unit{Unit: *u, Standing: true})
		}
	}
	slices.SortFunc(out, func(a, b Unit) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Host, b.Host), strings.Compare(string(a.Source), string(b.Source)))
	})
	return out
}

// late is by how much the newest lines of a selector's unit came late.
func (r *run) late(selector int, unit string) time.Duration {
	if r.memory == nil {
		return 0
	}
	return r.memory.Late(r.track(r.selectors[selector], r.req.Matchers), unit, r.o.Clock())
}
