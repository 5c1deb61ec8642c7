package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

// Near is a term of which a line has a literal, and which it is not.
type Near struct {
	Signature *signature.Signature
	Term      *signature.Term
	// Why it is not the term, and the values that this speaks of.
	Why  signature.Phrase
	Args []any
	// share of the way that the message got.
	share int
}

// Message says in a language why the line is not the term.
func (n Near) Message(lang signature.Lang) string { return n.Why.In(string(lang), n.Args...) }

// What keeps a line from being a term.
var (
	otherText  = signature.Phrase{EN: "the message is not “%s”", ZH: "消息不是“%s”"}
	otherForm  = signature.Phrase{EN: "the form %s does not read the message", ZH: "消息不符合格式 %s"}
	quotation  = signature.Phrase{EN: "it is a quotation: %s", ZH: "这是引用：%s"}
	otherLevel = signature.Phrase{EN: "the level %s does not count (it counts: %s)", ZH: "不计级别 %s（计入：%s）"}
)

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
		near.Why, near.Args = otherText, []any{c.what.Text.Raw}
	case len(readings) == 0:
		near.Why, near.Args = otherForm, []any{c.what.Form}
	default:
		near.share, near.Why, near.Args = c.what.Misses(readings[0])
		near.share++
	}
	if near.Why.EN == "" {
		if stance, why := e.Around(readings[0].Start, readings[0].End); stance == event.Quoted {
			near.share, near.Why, near.Args = 9, quotation, []any{why}
			return near, true
		}
		if levelCounts(c.term, e) {
			return near, false
		}
		near.share, near.Why, near.Args = 9, otherLevel, []any{e.Level, strings.Join(c.term.Levels, ", ")}
	}
	return near, true
}
