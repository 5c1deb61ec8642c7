package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	// maxKeptLine bounds a line that is kept as evidence, in bytes.
	maxKeptLine = 8 << 10
	// maxCapture bounds a captured value, in bytes; it goes into keys and alert labels.
	maxCapture = 2 << 10
)

// run is the state of one scan.
type run struct {
	*Scanner
	req       Request
	now       time.Time
	selectors []Selector
	// found are the raw hits by selector, so that a stream that two selectors cover is taken from the first.
	found    [][]*match.Match
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
	g.Go(func() error { return r.fetch(gctx, next) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	farther := map[signature.Source]time.Time{}
	for source, from := range next {
		if edge := start.Add(-r.lookback(source, r.live[source], start)); edge.Before(from) && r.errs[source] == nil {
			farther[source] = edge
		}
	}
	return farther, nil
}

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

// guarded turns a panic into an error: one line that breaks the matcher must not end the process of all data sources.
func guarded[T any](do func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrPanic, p)
		}
	}()
	return do()
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

// track names everything that what is read of a selector depends on; the signatures are the scanner's.
func (r *run) track(sel Selector) string {
	return fmt.Sprintf("%q %q %q %v %q", r.req.Identity, sel.Source, sel.Selector, sel.OnHost, r.req.Matchers)
}

// fetch reads every source from its next edge up to what was read before.
func (r *run) fetch(ctx context.Context, next map[signature.Source]time.Time) error {
	type answer struct {
		found    []*match.Match
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
			a, err := guarded(func() (answer, error) {
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
		return fmt.Errorf("read logs: %w", err)
	}
	if r.found == nil {
		r.found = make([][]*match.Match, len(r.selectors))
	}
	for i, a := range answers {
		source := r.selectors[i].Source
		r.found[i] = append(r.found[i], a.found...)
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
func (r *run) read(ctx context.Context, sel Selector, start, end time.Time) ([]*match.Match, *logs.Coverage, error) {
	fetch := func(ctx context.Context, start, end time.Time) ([]*match.Match, *logs.Coverage, error) {
		return r.readSpan(ctx, sel, start, end)
	}
	if r.segments == nil {
		return fetch(ctx, start, end)
	}
	return r.segments.read(ctx, r.track(sel), start, end, r.o.Clock(), fetch)
}

// fetchSpan matches the lines of one selector as they come in; only hits are kept.
func (r *run) fetchSpan(ctx context.Context, sel Selector, start, end time.Time, watch *stopwatch) ([]*match.Match, *logs.Coverage, error) {
	var found []*match.Match
	req := r.request(sel, r.req.Matchers, start, end)
	req.Sieve = r.matcher.Sieve(sel.Source)
	records, coverage := r.source.Read(ctx, req)
	read := map[string]time.Time{}
	var intern match.Interner
	seq, next := 0, pruneAt
	for rec, err := range records {
		if err != nil {
			return found, coverage, err
		}
		seq++
		hits := watch.match(r.Scanner, sel, rec, seq)
		if len(hits) == 0 {
			continue
		}
		for _, h := range hits {
			intern.Hit(&h.Hit)
		}
		found = append(found, hits...)
		read[rec.Stream.Key] = rec.Entry.Timestamp
		if len(found) >= next {
			found = prune(found, start, end, read)
			next = max(pruneAt, 2*len(found))
		}
	}
	return prune(found, start, end, nil), coverage, nil
}

// Match returns the hits of one record as matches, shortened and without secrets. It keeps nothing of the record.
func (s *Scanner) Match(sel Selector, rec logs.Record, seq int) []*match.Match {
	hits := s.matcher.Line(sel.Source, rec.Entry.Line)
	if len(hits) == 0 {
		return nil
	}
	line := redact.Text(shorten(rec.Entry.Line))
	out := make([]*match.Match, len(hits))
	for i, hit := range hits {
		for name, value := range hit.Captures {
			hit.Captures[name] = redact.Text(bounded(value, maxCapture))
		}
		hit.Message = "" // the line says it all; a hundred thousand of them must fit
		out[i] = &match.Match{Hit: hit, Time: rec.Entry.Timestamp, Stream: rec.Stream, OnHost: sel.OnHost, Seq: seq, Line: line}
	}
	return out
}

// shorten clones a line, cut at a rune within the limit.
func shorten(line string) string {
	if len(line) <= maxKeptLine {
		return strings.Clone(line)
	}
	return bounded(line, maxKeptLine)
}

// bounded cuts a text at a rune and says so; what was cut is no valid host, path or URL any more.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return s[:limit] + "…"
}

// build joins adjacent lines and makes incidents of all that was found so far.
func (r *run) build(ctx context.Context) []incident.Incident {
	_, span := r.o.Tracer.Start(ctx, "incidents.build")
	defer span.End()
	started := time.Now()
	type place struct {
		source signature.Source
		stream string
	}
	owner := map[place]int{}
	n := 0
	for _, found := range r.found {
		n += len(found)
	}
	all := make([]*match.Match, 0, n)
	for i, found := range r.found {
		for _, m := range found {
			key := place{r.selectors[i].Source, m.Stream.Key}
			if first, ok := owner[key]; ok && first != i {
				continue
			}
			owner[key] = i
			all = append(all, m)
		}
	}
	incidents, lines := incident.BuildWithLines(incident.Input{
		Set: r.o.Set, Settings: r.o.Labels, Matches: match.Join(all, false), ReadFrom: r.from, Live: r.live, Now: r.now,
	})
	r.lines = lines
	span.SetAttributes(attribute.Int("matches", len(all)), attribute.Int("incidents", len(incidents)))
	r.o.Observer.Built(len(incidents), time.Since(started))
	return incidents
}

// edges returns, for every source with an incident of the range that may have begun before what was read, the next
// edge: twice as far back, up to the cap.
func (r *run) edges(incidents []incident.Incident, start time.Time) map[signature.Source]time.Time {
	next := map[signature.Source]time.Time{}
	farthest := start.Add(-r.o.LookbackMax)
	for i := range incidents {
		inc := &incidents[i]
		source := inc.Evidence[0].Term.Source
		from := r.from[source]
		if inc.StartKnown || !from.After(farthest) || inc.EndOr(r.now).Before(r.req.Start) || r.errs[source] != nil {
			continue
		}
		edge := start.Add(-2 * start.Sub(from))
		if edge.Before(farthest) {
			edge = farthest
		}
		next[source] = edge
	}
	for i := range incidents {
		if inc := &incidents[i]; !inc.EndOr(r.now).Before(r.req.Start) || !inc.Last.Before(r.req.Start) {
			r.causeEdges(inc, farthest, next)
		}
	}
	return next
}

// causeEdges lowers the edges of the sources in which an incident's causes would have been logged: a verdict must not
// depend on the range that is asked for.
func (r *run) causeEdges(inc *incident.Incident, farthest time.Time, next map[signature.Source]time.Time) {
	for _, rel := range inc.Signature.Cause {
		cause, ok := r.o.Set.Get(rel.Signature)
		if !ok {
			continue
		}
		source := cause.Terms[cause.Detect.TermNames()[0]].Source
		edge := inc.Start.Add(-rel.Within.D())
		if edge.Before(farthest) {
			edge = farthest
		}
		planned, planning := next[source]
		if from, read := r.from[source]; read && r.errs[source] == nil && edge.Before(from) && (!planning || edge.Before(planned)) {
			next[source] = edge
		}
	}
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
