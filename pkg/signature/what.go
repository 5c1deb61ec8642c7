package signature

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/form"
)

// Where says what a field must be: a value, one of a list, or {not: …}, {like: …}, {set: true}.
type Where struct {
	Any, Not []string
	Like     Pattern
	Set      bool
}

// UnmarshalYAML reads a scalar, a list or a mapping.
func (w *Where) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return values(node, &w.Any)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		var err error
		switch key.Value {
		case "not":
			err = values(value, &w.Not)
		case "like":
			err = w.Like.UnmarshalYAML(value)
		case "set":
			err = value.Decode(&w.Set)
		default:
			err = wrong(unknownKey, key.Value, "not, like, set").at(key)
		}
		if err != nil {
			return placed(value, err)
		}
	}
	return nil
}

// String writes what the field must be.
func (w *Where) String() string {
	var parts []string
	if w.Any != nil {
		parts = append(parts, "= "+strings.Join(w.Any, "|"))
	}
	if w.Not != nil {
		parts = append(parts, "≠ "+strings.Join(w.Not, "|"))
	}
	if w.Like.Raw != "" {
		parts = append(parts, "~ "+w.Like.Raw)
	}
	if w.Set {
		parts = append(parts, "is set")
	}
	return strings.Join(parts, " and ")
}

func values(node *yaml.Node, out *[]string) error {
	list := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		list = node.Content
	}
	for _, item := range list {
		if item.Kind != yaml.ScalarNode {
			return wrong(notScalar).at(item)
		}
		*out = append(*out, item.Value)
	}
	return nil
}

func (w *What) empty() bool { return w.Form == "" && w.Where == nil && w.Text.Raw == "" }

// complete compiles what a message is, and adds its captures to vars.
func (w *What) complete(c *checker, lib *Library, path string, vars map[string]VarType, excuse string) {
	if w.Form == "" && (w.Where != nil || w.Text.Raw == "") {
		c.at(path, noRegex)
		return
	}
	var err error
	if w.Form == "" {
		if w.Read, err = lib.Forms.Anonymous(w.Text.Raw); err != nil {
			c.at(path+".text", badRegex, err)
			return
		}
		w.Text.Expression, _ = lib.Forms.Compile(w.Text.Raw)
		w.capture(c, path, lib.Forms.Fields(w.Read), vars)
		w.literals(c, lib, path, nil, excuse)
		return
	}
	if w.Read = lib.Forms.Form(w.Form); w.Read == nil {
		c.at(path+".form", noSuchForm, w.Form, lib.Forms.Names())
		return
	}
	w.Wanted = make(map[string]*form.Match, len(w.Where))
	for name, where := range w.Where {
		m := &form.Match{Any: where.Any, Not: where.Not, Set: where.Set}
		if where.Like.Raw != "" {
			if m.Like, err = lib.Forms.Compile(where.Like.Raw); err != nil {
				c.at(path+".where."+name, badRegex, err)
				return
			}
		}
		w.Wanted[name] = m
	}
	if err = lib.Forms.Check(w.Read, w.Wanted); err != nil {
		c.at(path+".where", wrongValue, err)
		return
	}
	w.capture(c, path, lib.Forms.Fields(w.Read), vars)
	if w.Text.Raw != "" {
		if w.Text.Expression, err = lib.Forms.Compile(w.Text.Raw); err != nil {
			c.at(path+".text", badRegex, err)
			return
		}
		own := map[string]VarType{}
		for _, f := range w.Text.Fields() {
			own[f.Name] = f.Type
		}
		w.capture(c, path, own, vars)
	}
	w.literals(c, lib, path, w.Text.Expression, excuse)
}

// Captures returns what a reading of the form captures; false when the reading is not the message.
func (w *What) Captures(r *form.Reading) (map[string]string, bool) {
	for name, wanted := range w.Wanted {
		if !wanted.Holds(r.Get(name)) {
			return nil, false
		}
	}
	captures := make(map[string]string, 8)
	add := func(name, value string) {
		if _, known := captures[name]; !known {
			captures[name] = strings.Clone(value)
		}
	}
	loose := r.Loose()
	if w.Form != "" && w.Text.Expression != nil {
		is, lost := r.Text(w.Text.Expression, add)
		if !is {
			return nil, false
		}
		loose = loose || lost
	}
	if loose && !w.survives(r.Message()) {
		return nil, false // nobody looks for what is left of the words
	}
	r.Each(add)
	return captures, true
}

// survives reports whether a literal is in a message of which an encoding has lost words.
func (w *What) survives(message string) bool {
	return slices.ContainsFunc(w.Literals, func(l string) bool { return strings.Contains(message, l) })
}

// Misses says what of a reading is not the message, and how many of the wanted fields fit; an empty phrase when it is the message.
func (w *What) Misses(r *form.Reading) (fit int, why Phrase, args []any) {
	for _, name := range slices.Sorted(maps.Keys(w.Wanted)) {
		if v := r.Get(name); !w.Wanted[name].Holds(v) {
			why, args = otherField, []any{name, v, w.Where[name]}
			continue
		}
		fit++
	}
	if _, is := w.Captures(r); !is && why.EN == "" {
		why, args = otherWords, []any{w.Text.Raw}
	}
	return fit, why, args
}

// What keeps a reading from being a message.
var (
	otherField = Phrase{"%s is %q, wanted %s", "%s 是 %q，应为 %s"}
	otherWords = Phrase{"the text is not “%s”", "文本不是“%s”"}
)

// Reads reports whether one of a reader's readings is the message.
func (w *What) Reads(r *form.Reader) bool {
	return slices.ContainsFunc(r.Of(w.Read), func(got *form.Reading) bool {
		_, is := w.Captures(got)
		return is
	})
}

// String writes the message as a person reads it: the form, what its fields must be, and the text.
func (w *What) String() string {
	var parts []string
	if w.Form != "" {
		parts = append(parts, w.Form)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Where)) {
		parts = append(parts, name+" "+w.Where[name].String())
	}
	if w.Text.Raw != "" {
		parts = append(parts, "“"+w.Text.Raw+"”")
	}
	return strings.Join(parts, ", ")
}

// capture adds types of captures; two alternatives must agree.
func (w *What) capture(c *checker, path string, fields map[string]form.Type, vars map[string]VarType) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		kind := fields[name]
		if !(form.Field{Name: name, Type: kind}).Value() {
			continue
		}
		if known, ok := vars[name]; ok && known != kind {
			c.at(path, twoTypes, name, known, kind)
		}
		vars[name] = kind
	}
}

func (w *What) literals(c *checker, lib *Library, path string, text *form.Expression, excuse string) {
	set, err := lib.Forms.Literals(w.Read, w.Wanted, text)
	if err != nil {
		c.at(path, wrongValue, err)
		return
	}
	least := 0
	for i, l := range set {
		if i == 0 || len(l) < least {
			least = len(l)
		}
	}
	switch {
	case set == nil:
		c.at(path+".text", noLiteral)
	case least < form.MinShortWitness, least < form.MinWitness && excuse == "" && w.Form == "":
		c.at(path+".text", shortLiteral, set, least, form.MinWitness, form.MinShortWitness)
	case len(set) > 16:
		c.at(path+".text", manyLiterals, len(set))
	}
	w.Literals = set
}

// use takes over the message of a shared term of one wording.
func (w *What) use(c *checker, lib *Library, path, name string, vars map[string]VarType) {
	shared := lib.Terms[name]
	switch {
	case shared == nil:
		c.at(path+".use", noSharedTerm, name)
	case !w.empty():
		c.at(path, useAlone, name)
	case len(shared.AnyOf) != 1:
		c.at(path+".use", oneWording, name)
	default:
		*w = shared.AnyOf[0].What
		maps.Copy(vars, shared.Vars)
	}
}
