package signature

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is a text with {{refs}} to captures. There is no logic in it: what to show is decided by Step.When.
type Template struct {
	Raw   string
	parts []part
}

type part struct {
	literal string
	ref     Ref
}

var refPattern = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*(?:\.[a-z]+)?)\s*\}\}`)

// ParseTemplate reads a template. A `{{` that starts no ref is an error, so that typos do not reach a command.
func ParseTemplate(raw string) (Template, error) {
	t := Template{Raw: raw}
	last := 0
	for _, loc := range refPattern.FindAllStringSubmatchIndex(raw, -1) {
		t.parts = append(t.parts, part{literal: raw[last:loc[0]]}, part{ref: Ref(raw[loc[2]:loc[3]])})
		last = loc[1]
	}
	t.parts = append(t.parts, part{literal: raw[last:]})
	for _, p := range t.parts {
		if strings.Contains(p.literal, "{{") {
			return Template{}, wrong(badTemplate, raw)
		}
	}
	return t, nil
}

// UnmarshalYAML reads a template from a scalar.
func (t *Template) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := ParseTemplate(node.Value)
	if err != nil {
		return placed(node, err)
	}
	*t = parsed
	return nil
}

// IsZero reports whether the template is empty.
func (t Template) IsZero() bool { return t.Raw == "" }

// Refs lists the captures that the template uses, each once, in order.
func (t Template) Refs() []Ref {
	var refs []Ref
	seen := map[Ref]bool{}
	for _, p := range t.parts {
		if p.ref != "" && !seen[p.ref] {
			seen[p.ref] = true
			refs = append(refs, p.ref)
		}
	}
	return refs
}

// Render replaces every ref by what value returns for it.
func (t Template) Render(value func(Ref) string) string {
	return t.RenderAfter(func(ref Ref, _ string) string { return value(ref) })
}

// Placeholders renders the template where there is no incident to take values from.
func (t Template) Placeholders() string { return t.Render(Ref.Placeholder) }

// Placeholder stands where a value is not known.
func (r Ref) Placeholder() string { return "<" + string(r) + ">" }

// RenderAfter is Render for values that depend on the text right before them.
func (t Template) RenderAfter(value func(ref Ref, before string) string) string {
	var b strings.Builder
	before := ""
	for _, p := range t.parts {
		if p.ref == "" {
			b.WriteString(p.literal)
			before = p.literal
			continue
		}
		b.WriteString(value(p.ref, before))
		before = ""
	}
	return b.String()
}
