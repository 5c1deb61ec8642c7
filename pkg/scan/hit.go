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
	// packAt is how many bytes of lines are packed at a time.
	packAt = 256 << 10
)

// collector keeps the lines of one selector in which something is found, shortened, without secrets and as small as
// they get. It belongs to one goroutine.
type collector struct {
	matcher *match.Matcher
	sel     Selector
	intern  match.Interner
	seq     int
	// found are in the order of the records.
	found []match.Line
	// plain are lines that are not packed yet, of plainBytes.
	plain      []*match.Entry
	plainBytes int
}

// add keeps the hits of the next record and reports whether there were any. It keeps nothing of the record itself.
func (c *collector) add(rec logs.Record) bool {
	c.seq++
	hits := c.matcher.Entry(c.sel.Source, rec.Entry.Line, outerAttrs(rec))
	if len(hits) == 0 {
		return false
	}
	text := redact.Text(shorten(rec.Entry.Line))
	entry := &match.Entry{Time: rec.Entry.Timestamp, Seq: c.seq, Line: match.PlainText(text)}
	c.plain = append(c.plain, entry)
	c.plainBytes += len(text)
	for i := range hits {
		hits[i].Message = "" // the line says it all
	}
	c.found = append(c.found, match.Line{Entry: entry, Finding: c.intern.Finding(hits, rec.Stream, c.sel.OnHost, withoutSecrets)})
	return true
}

// withoutSecrets bounds and masks what was captured.
func withoutSecrets(captures map[string]string) {
	for name, value := range captures {
		captures[name] = redact.Text(bounded(value, maxCapture))
	}
}

// pack packs the lines that were found since the last call.
func (c *collector) pack() {
	match.Pack(c.plain)
	c.plain, c.plainBytes = c.plain[:0], 0
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
