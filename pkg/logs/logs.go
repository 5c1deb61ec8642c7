// Package logs holds the values that pass between a log store and the scan: what to read (Request), what was
// read (Record) and how completely (Coverage, Liveness). It knows neither Loki nor signatures.
package logs

import (
	"slices"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"
)

// Stream is one log stream. It is shared by all its records and must not be changed.
type Stream struct {
	// Key is the canonical label string, `{a="b", c="d"}`; equal streams have equal keys.
	Key string
	// Labels are the stream labels, without structured metadata.
	Labels model.LabelSet
}

// Record is one log line of a stream. Entry.Line and its metadata may alias the page they came in: they are
// valid until the next step of the iterator, and whoever keeps them clones them.
type Record struct {
	Stream *Stream
	Entry  logproto.Entry
}

// MatchOp is a label matching operator of a stream selector: "=", "!=", "=~" or "!~".
type MatchOp string

// The four label matching operators.
const (
	Equal     MatchOp = "="
	NotEqual  MatchOp = "!="
	Regexp    MatchOp = "=~"
	NotRegexp MatchOp = "!~"
)

// Matcher narrows a stream selector by one label.
type Matcher struct {
	Name  string  `json:"name"`
	Op    MatchOp `json:"op"`
	Value string  `json:"value"`
}

// Request asks a Source for the lines of one stream selector in [Start, End).
type Request struct {
	// Selector is a stream selector such as `{namespace="blueking"}`; Matchers are added to it.
	Selector string
	Matchers []Matcher
	// Metadata narrows by what an entry carries beside its line, where a stream has no label of that name.
	Metadata []Matcher
	// Filters are those that a line must pass, tried one after the other. None asks for every line.
	Filters []Filter
	// Rare tells that most probably no stream is selected: a Source may look whether there is one before it reads.
	Rare bool
	// Start is inclusive, End exclusive, both with nanosecond precision.
	Start, End time.Time
	// MaxLines and MaxBytes cap the answer; 0 means no cap. A capped answer says so in its Coverage.
	MaxLines int
	MaxBytes int64
	// Sieve, when set, tells the lines worth reading. A Source may leave others out of what it yields; they still
	// count in Coverage.Lines and for MaxLines.
	Sieve Sieve
}

// Filter are literals of which a line must contain at least one, as raw bytes, case-sensitive. Every line passes an empty
// one, and one with an empty literal.
type Filter []string

// Passes reports whether a line passes every one of the filters.
func Passes(line string, filters []Filter) bool {
	for _, f := range filters {
		if len(f) > 0 && !slices.ContainsFunc(f, func(literal string) bool { return strings.Contains(line, literal) }) {
			return false
		}
	}
	return true
}

// Sieve finds the lines worth reading in a text of many lines, cheaper than line by line. It may let through more than
// the reader wants.
type Sieve interface {
	// Next returns a position in text: no line worth reading begins at or behind from and ends at or before the
	// position. It is -1 when no line worth reading begins at or behind from.
	Next(text string, from int) int
}
