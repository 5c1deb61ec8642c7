// Package pushdown finds, for the literals that signatures look for, the smallest filter that a log store can apply
// before it sends lines: it must let every wanted line pass, and it should be cheap for the store. It knows what a
// literal costs Loki and what healthy lines look like, and nothing of signatures.
package pushdown

import "github.com/blueking/incidents/pkg/logs"

// Filters returns what is pushed down for some literals: a line that has one of them passes each filter. Some lines
// pass that have none; the reader drops them. None asks for every line, which is what hundreds of different literals get.
//
// Where it pays there are two: a coarse one of few short pieces, which some percent of healthy lines pass, and one that
// hardly any healthy line passes and that is tried on those only.
func Filters(literals []string) []logs.Filter {
	literals = minimal(literals)
	exact := cover(literals)
	if len(exact) == 0 {
		return nil
	}
	if few := coarse(literals, exact); few != nil {
		return []logs.Filter{few, exact}
	}
	return []logs.Filter{exact}
}
