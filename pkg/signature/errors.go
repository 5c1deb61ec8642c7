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
	ID      string `json:"id,omitempty"`
	Message string `json:"message"`
}

// Error writes file:line:column: message, as editors and compilers do.
func (p *Problem) Error() string {
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
	b.WriteString(p.Message)
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
	return []*Problem{{Message: err.Error()}}
}

func nodeError(node *yaml.Node, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	return &Problem{Line: node.Line, Column: node.Column, Message: err.Error()}
}
