package scan

import (
	"strings"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/redact"
)

const (
	// maxKeptLine bounds a line that is kept as evidence, in bytes.
	maxKeptLine = 8 << 10
	// maxCapture bounds a captured value, in bytes; it goes into keys and alert labels.
	maxCapture = 2 << 10
)

// Match returns the hits of one record as matches, shortened and without secrets. It keeps nothing of the record.
func (s *Scanner) Match(sel Selector, rec logs.Record, seq int) []*match.Match {
	hits := s.matcher.Line(sel.Source, rec.Entry.Line)
	if len(hits) == 0 {
		return nil
	}
	line := redact.Text(shorten(rec.Entry.Line))
	out := make([]*match.Match, len(hits))
	for i, hit := range hits {
		for name, value := range hit.Captures {
			hit.Captures[name] = redact.Text(bounded(value, maxCapture))
		}
		hit.Message = "" // the line says it all; a hundred thousand of them must fit
		out[i] = &match.Match{Hit: hit, Time: rec.Entry.Timestamp, Stream: rec.Stream, OnHost: sel.OnHost, Seq: seq, Line: line}
	}
	return out
}

// shorten clones a line, cut at a rune within the limit.
func shorten(line string) string {
	if len(line) <= maxKeptLine {
		return strings.Clone(line)
	}
	return bounded(line, maxKeptLine)
}

// bounded cuts a text at a rune and says so; what was cut is no valid host, path or URL any more.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return s[:limit] + "…"
}
