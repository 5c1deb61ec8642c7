package match

import (
	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

// Naive is Line without the filter: every regex on every message.
func (m *Matcher) Naive(source signature.Source, line string) []Hit {
	src := m.sources[source]
	var hits []Hit
	for _, e := range event.Read(line) {
		for i := range src.candidates {
			if hit, ok := src.candidates[i].confirm(&e, m.reader(&e)); ok {
				hits = addHit(hits, hit)
			}
		}
	}
	return hits
}

// Loop is what a matcher without a filter does with a line: it runs every regex on every message.
func (m *Matcher) Loop(source signature.Source, line string) (matched int) {
	src := m.sources[source]
	for _, e := range event.Read(line) {
		for i := range src.candidates {
			if src.candidates[i].what.Reads(m.reader(&e)) {
				matched++
			}
		}
	}
	return matched
}
