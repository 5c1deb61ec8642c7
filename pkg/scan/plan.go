package scan

import (
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// Selector maps a logical source to streams of the store.
type Selector struct {
	Source   signature.Source
	Selector string
	// OnHost tells that the streams were collected on the host they speak of.
	OnHost bool
	// Marked tells that a collector marks lines by what signatures look for, see MarkLabel.
	Marked bool
}

// SourcesOf are the sources of selectors, in display order.
func SourcesOf(selectors []Selector) []signature.Source {
	out := make([]signature.Source, len(selectors))
	for i, sel := range selectors {
		out[i] = sel.Source
	}
	return source.Sort(out)
}

// request is what is asked of the store for one selector and span.
func (s *Scanner) request(sel Selector, matchers []logs.Matcher, start, end time.Time) logs.Request {
	streams, metadata := sel.Narrow(matchers)
	return logs.Request{
		Selector: sel.Selector, Matchers: streams, Metadata: metadata, Filters: s.sought[sel.Source].Filters,
		Rare: slices.ContainsFunc(streams, byOtherMarks), Start: start, End: end, MaxLines: s.o.MaxLines, MaxBytes: s.o.MaxBytes,
	}
}

// Describe lists what a scan asks of the store, a line per selector.
func (s *Scanner) Describe(req Request) string {
	var lines []string
	for _, sel := range s.selectors(req) {
		lines = append(lines, s.describe(sel, req.Matchers, req.Start, req.End))
	}
	return strings.Join(lines, "\n")
}

// describe is what is asked for one selector, a line for each part of it.
func (s *Scanner) describe(sel Selector, matchers []logs.Matcher, start, end time.Time) string {
	var lines []string
	for _, more := range s.parts(sel) {
		lines = append(lines, s.source.Describe(s.request(sel, append(slices.Clone(matchers), more...), start, end)))
	}
	return strings.Join(lines, "\n")
}

// selectors returns those with something to look for.
func (s *Scanner) selectors(Request) []Selector {
	var out []Selector
	for _, sel := range s.o.Selectors {
		if s.sought[sel.Source].Literals > 0 {
			out = append(out, sel)
		}
	}
	return out
}

// minLookback is the first look before the range; it doubles while an incident touches its edge.
const minLookback = time.Hour

// enough is for how long a source's units must have shipped lines in what is read before a range, so that the state at
// the end of the range is right whatever the range is: the longest quiet time.
// What reaches farther than LookbackMax is cut; incident.Settings.MaxQuiet keeps quiet times below it.
func (s *Scanner) enough(source signature.Source) time.Duration {
	want := minLookback
	for _, sig := range s.set.All() {
		if sig.DetectSource() == source {
			want = max(want, sig.Resolve.Quiet.D()+incident.ClosedFor)
		}
		for _, rel := range sig.Cause {
			if cause, ok := s.set.Get(rel.Signature); ok && slices.Contains(cause.Sources(), source) {
				want = max(want, rel.Within.D())
			}
		}
	}
	return min(want, s.o.LookbackMax)
}
