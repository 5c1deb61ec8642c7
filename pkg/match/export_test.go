package match

import "github.com/blueking/incidents/pkg/signature"

// Naive is Line without the filter: every regex on every message.
func (m *Matcher) Naive(source signature.Source, line string) []Hit {
	src := m.sources[source]
	var hits []Hit
	for _, msg := range Unwrap(line) {
		for i := range src.candidates {
			if hit, ok := src.candidates[i].confirm(msg); ok {
				hits = addHit(hits, hit)
			}
		}
	}
	return hits
}
