package signature

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/source"
)

// Term is a kind of message, or of adjacent lines of one stream.
type Term struct {
	// Use names a term that several signatures share; then nothing else is set.
	Use    string `yaml:"use"`
	Source Source `yaml:"source"`
	// What is the message, where there is one wording.
	What `yaml:",inline"`
	// AnyOf are alternatives over versions and languages of the same message.
	AnyOf []Alternative `yaml:"any_of"`
	// Levels are the log levels that count; a message whose level is unknown always counts.
	// Default: warning, error.
	Levels []string `yaml:"levels"`
	// Context are adjacent lines of the same stream that add captures, are required, or exclude.
	Context []Context `yaml:"context"`

	Name string `yaml:"-"`
	// Vars are the captures with their types: fields of forms, captures of texts and what carriers say.
	Vars map[string]VarType `yaml:"-"`
}

// What is a message: one that a form reads with certain fields, or one of a certain text.
type What struct {
	// Form names the form; without one the text is the whole message.
	Form string `yaml:"form"`
	// Where says what fields of the form, or of the forms around it, must be.
	Where map[string]*Where `yaml:"where"`
	// Text is what the message must be: its field `text` where there is a form.
	Text Pattern `yaml:"text"`

	// Read is the compiled form.
	Read *form.Form `yaml:"-"`
	// Wanted are the compiled Where.
	Wanted map[string]*form.Match `yaml:"-"`
	// Literals are such that every line with the message contains at least one, in some raw form.
	Literals []string `yaml:"-"`
}

// Alternative is one wording of a term.
type Alternative struct {
	// Use names a shared term of one wording: the alternative is that.
	Use  string `yaml:"use"`
	What `yaml:",inline"`
	// Continues marks a line that follows a line of another alternative (the exception after its log record):
	// then both are one match; alone it is a match of its own.
	Continues bool `yaml:"continues"`
	// Versions of the emitting component that print this wording; for people and for the drift check.
	Versions string `yaml:"versions"`
	// ShortLiteral is the reason why a literal of 6 or 7 bytes is selective enough.
	ShortLiteral string `yaml:"short_literal"`
	// Upstream is the place in BlueKing's source that prints the text.
	Upstream *form.Upstream `yaml:"upstream"`

	Line int `yaml:"-"`
}

// ContextRole says what an adjacent line does to a match.
type ContextRole string

// The roles of a context line.
const (
	Adds     ContextRole = "adds"
	Requires ContextRole = "requires"
	Excludes ContextRole = "excludes"
)

// Context is an adjacent line of the same stream.
type Context struct {
	// Use names a shared term: the line is that.
	Use  string `yaml:"use"`
	What `yaml:",inline"`
	// At is where the line stands: before or after the match. Default: before.
	At string `yaml:"at"`
	// Within bounds the distance in time; default 1m.
	Within Duration `yaml:"within"`
	// Lines bounds the distance in lines where the store delivers all lines; default 1.
	Lines int         `yaml:"lines"`
	Role  ContextRole `yaml:"role"`
}

// VarType is the type of a capture. It decides how a value is validated before it may enter a command.
type VarType = form.Type

// The capture types.
const (
	Int   = form.Int
	Ident = form.Ident
	Host  = form.Host
	IP    = form.IP
	URL   = form.URL
	Path  = form.Path
	Any   = form.Text
)

// Pattern is an expression over sub-patterns in a signature file.
type Pattern struct {
	*form.Expression
	Raw string
}

// UnmarshalYAML keeps the text; it is compiled when the sub-patterns are known.
func (p *Pattern) UnmarshalYAML(node *yaml.Node) error {
	if len(node.Value) > maxRegex {
		return wrong(longRegex, len(node.Value), maxRegex).at(node)
	}
	p.Raw = node.Value
	return nil
}

// carrierVars are captures that come from the carrier of a message.
var carrierVars = map[string]VarType{"host_ip": IP, "sub_inst_id": Int, "task_id": Ident, "step": Ident, "pid": Int, "tid": Ident}

// CarrierVars lists the captures that come from the carrier of a source's message.
func CarrierVars(source Source) []string {
	if source == Agent {
		return []string{"pid", "tid"}
	}
	return []string{"host_ip", "step", "sub_inst_id", "task_id"}
}

// complete fills in defaults, compiles, and checks what the rest of the program relies on.
func (t *Term) complete(c *checker, lib *Library, path string) {
	if t.Use != "" {
		t.share(c, lib, path)
		return
	}
	if !source.WellFormed(string(t.Source)) {
		c.at(path+".source", badSource, t.Source, source.MaxName)
	}
	switch single := !t.empty(); {
	case single && len(t.AnyOf) > 0:
		c.at(path, whatTwice, t.Name)
		return
	case single:
		t.AnyOf = []Alternative{{What: t.What}}
	case len(t.AnyOf) == 0:
		c.at(path, noAnyOf, t.Name)
	}
	t.Vars = map[string]VarType{}
	for i := range t.AnyOf {
		alt := &t.AnyOf[i]
		at := fmt.Sprintf("%s.any_of.%d", path, i)
		alt.Line = nodeAt(c.root, at).Line
		if alt.Use == "" {
			alt.complete(c, lib, at, t.Vars, alt.ShortLiteral)
		} else {
			alt.use(c, lib, at, alt.Use, t.Vars)
		}
	}
	for i := range t.Context {
		t.Context[i].complete(c, lib, fmt.Sprintf("%s.context.%d", path, i), t.Vars)
	}
	for _, name := range CarrierVars(t.Source) {
		if _, own := t.Vars[name]; !own {
			t.Vars[name] = carrierVars[name]
		}
	}
	if t.Levels == nil {
		t.Levels = []string{"warning", "error"}
	}
	for _, level := range t.Levels {
		if !slices.Contains([]string{"debug", "info", "warning", "error"}, level) {
			c.at(path+".levels", badLevel, level)
		}
	}
}

// share takes over a term of the library.
func (t *Term) share(c *checker, lib *Library, path string) {
	shared := lib.Terms[t.Use]
	switch {
	case shared == nil:
		c.at(path+".use", noSharedTerm, t.Use)
	case t.Source != "" || !t.empty() || t.AnyOf != nil || t.Levels != nil || t.Context != nil:
		c.at(path, useAlone, t.Use)
	default:
		name, use := t.Name, t.Use
		*t = *shared
		t.Name, t.Use = name, use
	}
}

func (x *Context) complete(c *checker, lib *Library, path string, vars map[string]VarType) {
	if x.At == "" {
		x.At = "before"
	}
	if x.At != "before" && x.At != "after" {
		c.at(path+".at", badAt, x.At)
	}
	if x.Within == 0 {
		x.Within = defaultContextWithin
	}
	if x.Lines == 0 {
		x.Lines = defaultContextLines
	}
	if x.Role == "" {
		x.Role = Adds
	}
	oneOf(c, path+".role", x.Role, Adds, Requires, Excludes)
	if x.Use == "" {
		x.What.complete(c, lib, path, vars, "")
		return
	}
	x.use(c, lib, path, x.Use, vars)
}
