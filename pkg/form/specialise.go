package form

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Match is what a field must be: one of some values, none of some, or like a pattern.
type Match struct {
	Any  []string
	Not  []string
	Like *Expression
	// Set means any value but none.
	Set bool
}

// Holds reports whether a value is as wanted.
func (m *Match) Holds(v string) bool {
	switch {
	case m.Any != nil && !slices.Contains(m.Any, v):
		return false
	case slices.Contains(m.Not, v):
		return false
	case m.Like != nil && !m.Like.Matches(v):
		return false
	}
	return !m.Set || v != ""
}

// Literals returns literals of which every reading of the form has one whose fields are as wanted and whose text matches
// an expression. It is nil when there are none.
func (l *Library) Literals(f *Form, where map[string]*Match, text *Expression) ([]string, error) {
	best, err := l.own(f, where, text)
	if err != nil || best != nil && long(best) {
		return best, err
	}
	// A form that stands in others only has their literals, too.
	var around []string
	for _, in := range f.In {
		var outer []*Form
		switch name, _, _ := strings.Cut(in, "."); name {
		case inMessage:
			return best, nil
		case inOutput:
			outer = l.printers
		default:
			outer = []*Form{l.byName[name]}
		}
		for _, o := range outer {
			set, err := l.own(o, where, nil)
			if err != nil || set == nil {
				return best, err
			}
			around = append(around, set...)
		}
	}
	slices.Sort(around)
	if around = slices.Compact(around); better(around, best) {
		return around, nil
	}
	return best, nil
}

// own are the literals of the form's own patterns.
func (l *Library) own(f *Form, where map[string]*Match, text *Expression) ([]string, error) {
	var all []string
	possible := false
	for i := range f.Patterns {
		p := f.Patterns[i].compiled
		if text != nil && !p.field(textField) || !f.allows(p, where) {
			continue
		}
		possible = true
		source, err := l.specialised(p, where, text)
		if err != nil {
			return nil, err
		}
		found := Witness(source)
		if found == nil {
			return nil, nil
		}
		all = append(all, found...)
	}
	if !possible {
		return nil, errors.New("no pattern of the form has these fields")
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// specialised is the expression of a pattern with wanted fields and text.
func (l *Library) specialised(p *compiled, where map[string]*Match, text *Expression) (string, error) {
	given := map[string]string{}
	for name, m := range where {
		switch {
		case m.Any != nil && !slices.Contains(m.Any, ""):
			given[name] = alternatives(m.Any)
		case m.Like != nil:
			inner, err := l.expand(m.Like.c.source, nil, nil, maxNesting)
			if err != nil {
				return "", err
			}
			given[name] = "(?:" + inner + ")"
		}
	}
	if text != nil {
		inner, err := l.expand(text.c.source, nil, nil, maxNesting)
		if err != nil {
			return "", err
		}
		given[textField] = inner
	}
	return l.expand(p.source, given, nil, maxNesting)
}

// allows reports whether a pattern can have the fields that are wanted. Fields of outer forms always may be.
func (f *Form) allows(p *compiled, where map[string]*Match) bool {
	own := f.fieldNames()
	for name, m := range where {
		if slices.Contains(own, name) && !p.field(name) && !m.Holds("") {
			return false
		}
	}
	return true
}

func alternatives(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return "(?:" + strings.Join(quoted, "|") + ")"
}

// Anonymous returns a form of one pattern: a message that is a text of its own.
func (l *Library) Anonymous(pattern string) (*Form, error) {
	c, err := l.compile(pattern)
	if err != nil {
		return nil, err
	}
	return &Form{In: []string{inMessage}, Patterns: []Pattern{{Pattern: pattern, compiled: c}}}, nil
}

// Check reports what of the wanted fields the form cannot have.
func (l *Library) Check(f *Form, where map[string]*Match) error {
	fields := l.Fields(f)
	for name := range where {
		if _, ok := fields[name]; !ok {
			return fmt.Errorf("form %s has no field %q", f.Name, name)
		}
	}
	return nil
}
