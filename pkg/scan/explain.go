package scan

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// Reading is what a scan reads of the streams of one selector, for people who want to know before it runs.
type Reading struct {
	Selector Selector
	// Query is what is asked of the store: LogQL for Loki.
	Query string
	// [Start, End) is read at least. While an incident reaches over Start the scan goes back, up to Farthest.
	Start, End, Farthest time.Time
	// Signatures that look at these lines, in order of id.
	Signatures []*signature.Signature
	// MaxLines and MaxBytes cap the answer; 0 is no cap.
	MaxLines int
	MaxBytes int64
}

// Explain returns what a scan would read, without reading anything. Start assumes that the sources ship lines all the
// time: a scan looks farther back over times in which they did not.
func (s *Scanner) Explain(req Request) []Reading {
	end := req.End
	if clock := s.o.Clock(); clock.Before(end) {
		end = clock
	}
	var out []Reading
	for _, sel := range s.selectors(req) {
		start := req.Start.Add(-s.enough(sel.Source))
		asked := s.request(sel, req.Matchers, start, end)
		out = append(out, Reading{
			Selector: sel, Query: s.describe(sel, req.Matchers, start, end), Start: start, End: end, Farthest: req.Start.Add(-s.o.LookbackMax),
			Signatures: s.readers(sel.Source), MaxLines: asked.MaxLines, MaxBytes: asked.MaxBytes,
		})
	}
	return out
}

// readers are the signatures with a term of a source.
func (s *Scanner) readers(source signature.Source) []*signature.Signature {
	return slices.DeleteFunc(slices.Clone(s.set.All()), func(sig *signature.Signature) bool {
		return !slices.Contains(sig.Sources(), source)
	})
}
