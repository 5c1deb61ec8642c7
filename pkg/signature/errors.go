package signature

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing wrong with a signature, at a place in its file. Line and Column count from 1; 0 is unknown.
type Problem struct {
	File         string `json:"file"`
	Line, Column int
	// ID of the signature, when it is known.
	ID string `json:"id,omitempty"`
	// Path of keys that leads to the place, such as "terms.failed.any_of.0"; "" is the whole signature.
	Path string `json:"-"`
	// What is wrong, and the values that it speaks of.
	What Phrase `json:"-"`
	Args []any  `json:"-"`
}

// Text says what is wrong, without the place.
func (p *Problem) Text(lang string) string { return p.What.In(lang, p.Args...) }

// Error is the message in English.
func (p *Problem) Error() string { return p.Message(string(EN)) }

// Message writes file:line:column: id: text, as editors and compilers do, in "zh" or, for any other language, in English.
func (p *Problem) Message(lang string) string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.ID != "" {
		b.WriteString(p.ID + ": ")
	}
	b.WriteString(p.Text(lang))
	return b.String()
}

// Problems unpacks the Problems of an error that Load or Lint returned.
func Problems(err error) []*Problem {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var out []*Problem
		for _, e := range joined.Unwrap() {
			out = append(out, Problems(e)...)
		}
		return out
	}
	var p *Problem
	if errors.As(err, &p) {
		return []*Problem{p}
	}
	return []*Problem{{What: Phrase{EN: "%v"}, Args: []any{err}}}
}

// wrong is a Problem whose place is not known yet.
func wrong(what Phrase, args ...any) *Problem { return &Problem{What: what, Args: args} }

// at gives a Problem the place of a node, unless it has one.
func (p *Problem) at(node *yaml.Node) *Problem {
	if p.Line == 0 {
		p.Line, p.Column = node.Line, node.Column
	}
	return p
}

// placed gives an error the place of a node, if it is a Problem without one.
func placed(node *yaml.Node, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return p.at(node)
	}
	return wrong(wrongValue, err).at(node)
}
