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
}

// Prepare compiles the terms of a set and derives the smallest sound filter for each source.
func Prepare(set *signature.Set) *Prepared {
	p := &Prepared{set: set, matcher: match.New(set), filters: map[signature.Source][]logs.Filter{}}
	for _, source := range signature.Sources() {
		p.filters[source] = pushdown.Filters(p.matcher.Literals(source))
	}
	return p
}
