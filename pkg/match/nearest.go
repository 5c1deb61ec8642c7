package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

// Near is a term of which a line has a literal, and which it is not.
type Near struct {
	Signature *signature.Signature
	Term      *signature.Term
	// Why it is not the term.
	Why string
	// share of the way that the message got.
	share int
}

// Nearest returns the terms of failures of which a line has a literal and which it is not, the nearest first.
func (m *Matcher) Nearest(source signature.Source, line string) []Near {
	src := m.sources[source]
	if src == nil {
		return nil
	}
	var out []Near
	for _, id := range src.wanted(line) {
		c := &src.candidates[id]
		if c.role != Detects {
			continue
		}
		for _, e := range event.Read(line) {
			if near, ok := m.near(c, &e); ok {
				out = append(out, near)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Near) int { return cmp.Compare(b.share, a.share) })
	seen := map[*signature.Term]bool{}
	return slices.DeleteFunc(out, func(n Near) bool {
		known := seen[n.Term]
		seen[n.Term] = true
		return known
	})
}

// near tells how far an event is from a candidate; false when it is the term.
func (m *Matcher) near(c *candidate, e *event.Event) (Near, bool) {
	near := Near{Signature: c.sig, Term: c.term}
	readings := m.reader(e).Of(c.what.Read)
	switch {
	case len(readings) == 0 && c.what.Form == "":
		near.Why = fmt.Sprintf("the message is not “%s”", c.what.Text.Raw)
	case len(readings) == 0:
		near.Why = fmt.Sprintf("the form %s does not read the message", c.what.Form)
	default:
		near.share, near.Why = c.what.Misses(readings[0])
		near.share++
	}
	if near.Why == "" {
		if stance, why := e.Around(readings[0].Start, readings[0].End); stance == event.Quoted {
			near.share, near.Why = 9, fmt.Sprintf("it is a quotation: %s", why)
			return near, true
		}
		if levelCounts(c.term, e.Level) {
			return near, false
		}
		near.share, near.Why = 9, fmt.Sprintf("the level %s does not count (it counts: %s)", e.Level, strings.Join(c.term.Levels, ", "))
	}
	return near, true
}
