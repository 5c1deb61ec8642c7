package loki

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/selector"
)

const (
	// maxTieRequests bounds the requests spent on one instant.
	maxTieRequests = 2000
	// maxTieFilters bounds how often the lines of one stream at one instant are halved.
	maxTieFilters = 24
)

// instant reads all lines at the one nanosecond of the cursor: with the largest limit; if they are still too many,
// stream by stream; and if one stream alone has too many, by what is in the lines. The parts are disjoint, so
// nothing comes twice. It returns false when the iteration is over.
func (s *pager) instant(ctx context.Context, yield func(batch, error) bool) bool {
	t := tie{pager: s, at: s.cursor, yield: yield}
	switch err := t.read(ctx); {
	case errors.Is(err, errStopped):
		return false
	case err != nil:
		yield(batch{}, err)
		return false
	}
	s.cursor, s.seen, s.passed = t.at+1, nil, 0
	return yield(batch{from: t.at, through: t.at + 1, capped: t.capped}, nil)
}

var errStopped = errors.New("the consumer stopped")

type tie struct {
	*pager
	at       int64
	yield    func(batch, error) bool
	requests int
	capped   string
}

func (t *tie) read(ctx context.Context) error {
	p, err := t.page(ctx, t.expression)
	if err != nil {
		return err
	}
	if p.whole() {
		return t.emit(p)
	}
	parts, err := t.streams(ctx)
	if err != nil {
		return err
	}
	if parts == nil {
		return t.undivided(p)
	}
	for _, part := range parts {
		if err := t.part(ctx, part, 0); err != nil {
			return err
		}
	}
	return nil
}

// part reads one part of the instant and halves it while it is too large.
func (t *tie) part(ctx context.Context, e expression, halvings int) error {
	p, err := t.page(ctx, e)
	if err != nil {
		return err
	}
	if p.whole() {
		return t.emit(p)
	}
	regex := ""
	if halvings < maxTieFilters && t.requests < maxTieRequests {
		regex = splitter(p)
	}
	if regex == "" {
		return t.undivided(p)
	}
	if err := t.part(ctx, e.with("|~", regex), halvings+1); err != nil {
		return err
	}
	return t.part(ctx, e.with("!~", regex), halvings+1)
}

// undivided yields a part that cannot be taken apart.
func (t *tie) undivided(p *page) error {
	t.capped = t.client.cappedByTies()
	return t.emit(p)
}

// whole: no line of the instant is missing from the page. A page that only may be cut and holds one entry, however often,
// is whole: a server that sends one line at a time is not worth a request per line.
func (p *page) whole() bool {
	entries := 0
	for _, s := range p.streams {
		entries += len(s.entries)
	}
	return !p.cut || !p.full && entries < 2
}

// page asks for the instant with as many lines as fit in an answer, fewer after a failure, and all of each: what is in
// them decides how they are halved.
func (t *tie) page(ctx context.Context, e expression) (*page, error) {
	for failures := 0; ; failures++ {
		t.requests++
		q := pageQuery{expression: e, start: t.at, end: t.at + 1, limit: t.size.largest()}
		p, err := t.client.fetch(ctx, t.meter, q)
		if err == nil {
			t.capped = cmp.Or(t.capped, t.client.cappedByWarnings(p.warnings))
			t.size.observe(p.lines, p.bytes, p.full)
			return p, nil
		}
		if failures == maxFailures || ctx.Err() != nil || !t.adapt(q, err) {
			return nil, err
		}
	}
}

// emit yields a part, less what was yielded before the instant was taken apart.
func (t *tie) emit(p *page) error {
	b := batch{streams: t.seen.without(p, t.at), from: t.at, through: t.at, bytes: p.bytes, full: true, sifted: -t.passed}
	t.passed = 0
	if !t.yield(b, nil) {
		return errStopped
	}
	return nil
}

// streams returns one expression per stream that may have lines at the instant; nil when they are too many or one
// cannot be named. Bounds of /series are in ms, so it is asked for the ms around.
func (t *tie) streams(ctx context.Context) ([]expression, error) {
	const ms = int64(time.Millisecond)
	sets, err := t.client.series(ctx, t.meter, t.expression.selector, t.at-ms, t.at+ms)
	if err != nil {
		return nil, err
	}
	if len(sets) == 0 || t.requests+len(sets) > maxTieRequests {
		return nil, nil
	}
	names := map[string]bool{}
	for _, set := range sets {
		for name := range set {
			names[string(name)] = true
		}
	}
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	parts := make([]expression, 0, len(sets))
	for _, set := range sets {
		exact, ok := selector.Exactly(set, all)
		if !ok {
			return nil, nil
		}
		parts = append(parts, expression{selector: exact, filters: t.expression.filters})
	}
	slices.SortFunc(parts, func(a, b expression) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(parts, func(a, b expression) bool { return a.String() == b.String() }), nil
}
