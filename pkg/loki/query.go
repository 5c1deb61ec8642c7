package loki

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// maxQuery bounds LogQL in bytes: Loki 3 refuses 131072 and more (pkg/logql/syntax/parser.go maxInputSize).
const maxQuery = 131072 - 1

// expression is a log query: a stream selector and line filters.
type expression struct {
	selector selector.Selector
	filters  string
}

// newExpression says a request in LogQL:
//
//	{selector, matchers} |= "a" or "b" |= "c" or "d" | host="e"
//
// Loki tries the chains in this order, the next one on lines that pass. The alternatives are |=-or chains, never |~ "a|b": Go's regexp parser factors alternatives that share a prefix,
// Loki then no longer sees plain literals and scans twenty times slower. Literals are Go-quoted, so no byte of them
// can end the string; bytes that are not UTF-8 become \xNN, which Loki reads back.
func newExpression(req logs.Request) (expression, error) {
	s, err := selector.Parse(req.Selector)
	if err == nil {
		s, err = s.And(req.Matchers...)
	}
	if err != nil {
		return expression{}, &Error{Kind: logs.KindRequest, Detail: quote(err.Error()), Downstream: true, cause: err}
	}
	var b strings.Builder
	for _, filter := range req.Filters {
		for i, literal := range alternatives(filter) {
			if i == 0 {
				b.WriteString(" |= ")
			} else {
				b.WriteString(" or ")
			}
			b.WriteString(strconv.Quote(literal))
		}
	}
	// Behind the line filters, where Loki's optimizer would put them, too.
	if err := writeMetadata(&b, req.Metadata); err != nil {
		return expression{}, err
	}
	e := expression{selector: s, filters: b.String()}
	if n := len(e.String()); n > maxQuery {
		return expression{}, &Error{Kind: logs.KindRequest, Detail: fmt.Sprintf("query of %d bytes, at most %d are possible", n, maxQuery)}
	}
	return e, nil
}

// writeMetadata writes matchers of structured metadata as label filters. They are checked as those of a selector are.
func writeMetadata(b *strings.Builder, matchers []logs.Matcher) error {
	if _, err := (selector.Selector{}).And(matchers...); err != nil {
		return &Error{Kind: logs.KindRequest, Detail: quote(err.Error()), Downstream: true, cause: err}
	}
	for _, m := range matchers {
		b.WriteString(" | " + m.Name + string(m.Op) + strconv.Quote(m.Value))
	}
	return nil
}

// alternatives drops repeated literals. The empty literal is in every line, so a chain with it filters nothing and
// is left out: Loki would not see it as one either.
func alternatives(literals []string) []string {
	seen := make(map[string]bool, len(literals))
	out := make([]string, 0, len(literals))
	for _, l := range literals {
		if l == "" {
			return nil
		}
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

func (e expression) String() string { return e.selector.String() + e.filters }

// with returns the expression with one more line filter; op is |~ or !~.
func (e expression) with(op, regex string) expression {
	e.filters += " " + op + " " + strconv.Quote(regex)
	return e
}

// Describe returns the LogQL of a request, or why there is none.
func (c *Client) Describe(req logs.Request) string {
	e, err := newExpression(req)
	if err != nil {
		return err.Error()
	}
	return e.String()
}
