package scan

import (
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
)

// Prepared is a set of signatures, ready to be looked for in any store. It is immutable: scanners of the same set share
// one, because its filters take a fifth of a second for the shipped catalogue.
type Prepared struct {
	set     *signature.Set
	matcher *match.Matcher
	filters map[signature.Source][]logs.Filter
	// marks are the revisions of the sources' literals.
	marks map[signature.Source]string
}

// Prepare compiles the terms of a set and derives the smallest sound filter for each source.
func Prepare(set *signature.Set) *Prepared {
	p := &Prepared{set: set, matcher: match.New(set), filters: map[signature.Source][]logs.Filter{}, marks: map[signature.Source]string{}}
	for _, source := range signature.Sources() {
		literals := p.matcher.Literals(source)
		p.filters[source], p.marks[source] = pushdown.Filters(literals), pushdown.Revision(literals)
	}
	return p
}
