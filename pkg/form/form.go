// Package form reads messages into fields. A form is data: what a program prints, as a pattern over named sub-patterns.
// Forms nest: a command's stderr may hold what curl printed. The package does not know where messages come from.
package form

import (
	"fmt"
	"slices"
	"strings"
)

// Type is the type of a field. It decides how a value is validated before it may enter a command.
type Type string

// The types. Message, Output and Part are texts in which other forms are read: Message is what a program said and a wrapper
// repeats, Output is what a program printed, line by line, Part is for the forms that name it.
const (
	Int     Type = "int"
	Ident   Type = "ident"
	Host    Type = "host"
	IP      Type = "ip"
	URL     Type = "url"
	Path    Type = "path"
	Text    Type = "text"
	Message Type = "message"
	Output  Type = "output"
	Part    Type = "part"
)

// Types lists all types.
func Types() []Type { return []Type{Int, Ident, Host, IP, URL, Path, Text, Message, Output, Part} }

// Sub is a named sub-pattern: `%{name}` in a pattern stands for it, `%{name:field}` captures it as a field.
type Sub struct {
	Regex string `yaml:"regex"`
	Type  Type   `yaml:"type"`
}

// Note is a text for people in both languages.
type Note struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// Form is a kind of message, as data.
type Form struct {
	Name string `yaml:"-"`
	// Doc says what prints it.
	Doc Note `yaml:"doc"`
	// In lists the places where it may stand: `message`, `output`, or a field of another form such as `api.reason`.
	// Default: message.
	In []string `yaml:"in"`
	// Agrees are fields of an outer form that must have one of some values: those of own fields, or literal numbers.
	Agrees map[string][]string `yaml:"agrees"`
	// Without are words of other forms: what has one of them from the field text on is theirs. Such a form reads the
	// beginning of its place only.
	Without []string `yaml:"without"`
	// Headed means that the program prints a head before it: without one somebody cites it.
	Headed bool `yaml:"headed"`
	// Upstream is the source of the patterns that name none of their own.
	Upstream *Upstream `yaml:"upstream"`
	// Patterns are tried in this order; the first that fits is the reading.
	Patterns []Pattern `yaml:"patterns"`
	Tests    []Test    `yaml:"tests"`

	// index is the form's number in its library.
	index int
}

// Pattern is one wording of a form.
type Pattern struct {
	Pattern string `yaml:"pattern"`
	// Versions of the program that print this wording.
	Versions string    `yaml:"versions"`
	Upstream *Upstream `yaml:"upstream"`

	*compiled `yaml:"-"`
}

// Upstream names where a text stands in a program's source, for `lint --upstream`.
type Upstream struct {
	Repo string `yaml:"repo"`
	Path string `yaml:"path"`
	Text string `yaml:"text"`
	// Versions of the repository that have the text there, such as `>=2.3 <2.4`; empty is all.
	Versions string `yaml:"versions"`
	// None is the reason why there is no text to name; then nothing else is set.
	None string `yaml:"none"`
}

// Test is a message and the fields that it gives; without fields the form must not read it.
type Test struct {
	Text   string            `yaml:"text"`
	Fields map[string]string `yaml:"fields"`
}

// The places that are no field of a form.
const (
	inMessage = "message"
	inOutput  = "output"
)

// textField is the field that a term's own text must match.
const textField = "text"

// Library is a set of forms and sub-patterns. It is immutable and safe for concurrent use.
type Library struct {
	subs   map[string]Sub
	byName map[string]*Form
	forms  []*Form
	// wrappers have a field of type Message, printers one of type Output.
	wrappers, printers []*Form
}

// Error is a mistake at a place of a form, or of a sub-pattern.
type Error struct {
	// Path of keys, such as forms.curl.patterns.0.
	Path string
	Err  error
}

func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// NewLibrary compiles forms.
func NewLibrary(subs map[string]Sub, forms map[string]*Form) (*Library, []*Error) {
	l := &Library{subs: subs, byName: forms}
	var errs []*Error
	at := func(err error, path string, args ...any) {
		if err != nil {
			errs = append(errs, &Error{fmt.Sprintf(path, args...), err})
		}
	}
	for name, sub := range subs {
		if sub.Type != "" && !slices.Contains(Types(), sub.Type) {
			at(fmt.Errorf("type %q: use one of %v", sub.Type, Types()), "patterns.%s.type", name)
		}
	}
	for name, f := range forms {
		f.Name = name
		if len(f.In) == 0 {
			f.In = []string{inMessage}
		}
		if len(f.Patterns) == 0 {
			at(fmt.Errorf("form %q has no patterns", name), "forms.%s", name)
		}
		for i := range f.Patterns {
			p := &f.Patterns[i]
			c, err := l.compile(p.Pattern)
			at(err, "forms.%s.patterns.%d", name, i)
			p.compiled = c
		}
		l.forms = append(l.forms, f)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	slices.SortFunc(l.forms, func(a, b *Form) int { return strings.Compare(a.Name, b.Name) })
	for i, f := range l.forms {
		f.index = i
		if f.hasField(Message) {
			l.wrappers = append(l.wrappers, f)
		}
		if f.hasField(Output) {
			l.printers = append(l.printers, f)
		}
	}
	for _, f := range l.forms {
		for i, in := range f.In {
			at(l.checkPlace(in), "forms.%s.in.%d", f.Name, i)
		}
		l.checkTests(f, at)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return l, nil
}

func (l *Library) checkPlace(in string) error {
	if in == inMessage || in == inOutput {
		return nil
	}
	name, field, _ := strings.Cut(in, ".")
	if f := l.byName[name]; f != nil && slices.Contains(f.fieldNames(), field) {
		return nil
	}
	return fmt.Errorf("%q is no place: use message, output, or form.field", in)
}

func (l *Library) checkTests(f *Form, at func(error, string, ...any)) {
	for i, t := range f.Tests {
		readings := l.NewReader(t.Text).Of(f)
		switch {
		case t.Fields == nil && len(readings) > 0:
			at(fmt.Errorf("the form must not read this, but does"), "forms.%s.tests.%d", f.Name, i)
		case t.Fields != nil && len(readings) == 0:
			at(fmt.Errorf("the form does not read this"), "forms.%s.tests.%d", f.Name, i)
		}
		for name, want := range t.Fields {
			if len(readings) == 0 {
				break
			}
			if got := readings[0].Get(name); got != want {
				at(fmt.Errorf("field %s is %q, want %q", name, got, want), "forms.%s.tests.%d", f.Name, i)
			}
		}
	}
}

// Form returns a form by name, nil when there is none.
func (l *Library) Form(name string) *Form { return l.byName[name] }

// Forms lists all forms in order of name.
func (l *Library) Forms() []*Form { return l.forms }

// Names lists the names of the forms.
func (l *Library) Names() []string {
	names := make([]string, len(l.forms))
	for i, f := range l.forms {
		names[i] = f.Name
	}
	return names
}

// Broad reports whether the form reads any text, so that reading it says nothing.
func (f *Form) Broad() bool {
	return slices.ContainsFunc(f.Patterns, func(p Pattern) bool { return p.need == nil })
}

// Printed reports whether the form may be the output of a command.
func (f *Form) Printed() bool { return slices.Contains(f.In, inOutput) }

// Wraps reports whether other forms are read in the form's fields.
func (f *Form) Wraps() bool { return f.hasField(Message) || f.hasField(Output) || f.hasField(Part) }

func (f *Form) hasField(t Type) bool {
	return slices.ContainsFunc(f.Patterns, func(p Pattern) bool { return p.typed(t) })
}

func (f *Form) fieldNames() []string {
	var names []string
	for _, p := range f.Patterns {
		for _, field := range p.fields {
			if !slices.Contains(names, field.Name) {
				names = append(names, field.Name)
			}
		}
	}
	return names
}

// Fields returns the types of all fields that a reading of the form may have: its own and those of the forms around it.
func (l *Library) Fields(f *Form) map[string]Type {
	out := map[string]Type{}
	seen := map[*Form]bool{}
	var add func(f *Form)
	add = func(f *Form) {
		if seen[f] {
			return
		}
		seen[f] = true
		for _, p := range f.Patterns {
			for _, field := range p.fields {
				if _, ok := out[field.Name]; !ok {
					out[field.Name] = field.Type
				}
			}
		}
		for _, in := range f.In {
			switch name, _, _ := strings.Cut(in, "."); name {
			case inMessage:
				for _, w := range l.wrappers {
					add(w)
				}
			case inOutput:
				for _, p := range l.printers {
					add(p)
				}
			default:
				add(l.byName[name])
			}
		}
	}
	add(f)
	return out
}
