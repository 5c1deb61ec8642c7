package form

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// Field is what a part of a pattern captures.
type Field struct {
	Name string
	Type Type
}

// Value reports whether the field is a capture, and not a text that is read further.
func (f Field) Value() bool {
	return f.Name != textField && f.Type != Message && f.Type != Output && f.Type != Part
}

// compiled is a pattern that is ready to be matched.
type compiled struct {
	source string
	re     *regexp.Regexp
	// fields are those of the groups of re, in their order.
	fields []Field
	// need are literals of which every match has one; nil is not known.
	need []string
	// tail is the last field where it takes all that is left, and re ends before it.
	tail bool
	// lines reports that a match may span any number of lines.
	lines bool
	// garbled is the pattern for texts whose non-ASCII words were lost.
	garbled func() *regexp.Regexp
}

// maxNesting bounds sub-patterns in sub-patterns.
const maxNesting = 8

var placeholder = regexp.MustCompile(`%\{([a-z][a-z0-9_]*)(?::([a-z][a-z0-9_]*))?\}`)

// Compile compiles a pattern with the library's sub-patterns; the text that matches it must begin and end with it.
func (l *Library) Compile(pattern string) (*Expression, error) {
	c, err := l.compile(pattern)
	if err != nil {
		return nil, err
	}
	return &Expression{c}, nil
}

func (l *Library) compile(pattern string) (*compiled, error) {
	var fields []Field
	source, err := l.expand(pattern, nil, &fields, maxNesting)
	if err != nil {
		return nil, err
	}
	if n := Size(source); n > MaxSize {
		return nil, fmt.Errorf("it compiles to %d instructions, the limit is %d: use smaller repeats", n, MaxSize)
	}
	whole, end := source, `[ \t\r]*(?:\n|$)`
	before, tail := strings.CutSuffix(source, `>[\s\S]*)`)
	if tail {
		whole, end = before+">)", ""
	}
	re, err := regexp.Compile(`^(?:` + whole + `)` + end)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if fields, err = ordered(re, fields); err != nil {
		return nil, err
	}
	return &compiled{
		source: pattern, re: re, fields: fields, need: Witness(source), tail: tail, lines: strings.Contains(whole, `[\s\S]`),
		garbled: sync.OnceValue(func() *regexp.Regexp { return tolerant(source) }),
	}, nil
}

// expand replaces sub-patterns by their expressions. given are expressions for fields that take the place of the
// sub-pattern's own.
func (l *Library) expand(pattern string, given map[string]string, fields *[]Field, depth int) (string, error) {
	if depth == 0 {
		return "", errors.New("sub-patterns nest too deep: one of them contains itself")
	}
	var b strings.Builder
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(pattern, -1) {
		b.WriteString(pattern[last:m[0]])
		last = m[1]
		name := pattern[m[2]:m[3]]
		sub, ok := l.subs[name]
		if !ok {
			return "", fmt.Errorf("%%{%s}: there is no such sub-pattern", name)
		}
		open, field := "(?:", ""
		if m[4] >= 0 {
			field = pattern[m[4]:m[5]]
			if open = "("; fields != nil {
				open = fmt.Sprintf("(?P<_%d>", len(*fields))
				kind := sub.Type
				if kind == "" {
					kind = Text
				}
				*fields = append(*fields, Field{field, kind})
			}
		}
		b.WriteString(open)
		if text, ok := given[field]; ok && field != "" {
			b.WriteString(text)
		} else {
			inner, err := l.expand(sub.Regex, given, fields, depth-1)
			if err != nil {
				return "", err
			}
			b.WriteString(inner)
		}
		b.WriteByte(')')
	}
	b.WriteString(pattern[last:])
	return b.String(), nil
}

// ordered returns what the groups of an expression capture. A group that is written out, (?P<name>…), is a text.
func ordered(re *regexp.Regexp, placed []Field) ([]Field, error) {
	var out []Field
	for _, name := range re.SubexpNames()[1:] {
		switch {
		case name == "":
			return nil, errors.New("write groups as (?:…), and captures as %{pattern:name} or (?P<name>…)")
		case name[0] == '_':
			i, err := strconv.Atoi(name[1:])
			if err != nil || i >= len(placed) {
				return nil, fmt.Errorf("capture %q: a name begins with a letter", name)
			}
			out = append(out, placed[i])
		default:
			out = append(out, Field{name, Text})
		}
	}
	return out, nil
}

// Fields are what the pattern captures, in its order.
func (c *compiled) Fields() []Field { return c.fields }

func (c *compiled) typed(t Type) bool {
	for _, f := range c.fields {
		if f.Type == t {
			return true
		}
	}
	return false
}

func (c *compiled) field(name string) bool {
	for _, f := range c.fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// match returns the places of the fields in a text that begins with the pattern, and where it ends; nil when it does not.
// It is loose when words were taken for others that are lost.
func (c *compiled) match(text string, garbled bool) (loc []int, loose bool) {
	if !garbled && c.need != nil && !anyIn(text, c.need) {
		return nil, false
	}
	if loc = c.find(text); loc != nil || !garbled {
		return loc, false
	}
	if re := c.garbled(); re != nil {
		return re.FindStringSubmatchIndex(text), true
	}
	return nil, false
}

// clip is how much of a text is looked at first, in bytes: regexp remembers where it was for texts that are not much longer,
// and is several times slower on others. A traceback behind a message is one.
const clip = 1 << 10

func (c *compiled) find(text string) []int {
	first := text
	if len(text) > clip && (c.tail || !c.lines) {
		first = text[:clip]
		if end := strings.IndexByte(text[clip:], '\n'); !c.tail && end >= 0 {
			first = text[:clip+end+1]
		} else if !c.tail {
			first = text
		}
	}
	loc := c.re.FindStringSubmatchIndex(first)
	if loc == nil && c.tail && len(first) < len(text) {
		loc = c.re.FindStringSubmatchIndex(text)
	}
	if loc != nil && c.tail {
		loc[1], loc[len(loc)-1] = len(text), len(text)
	}
	return loc
}

func anyIn(text string, literals []string) bool {
	for _, l := range literals {
		if strings.Contains(text, l) {
			return true
		}
	}
	return false
}

// lost is what is left where an encoding has lost a word.
const lost = `(?:[^\x00-\x7f]|\?)+`

// tolerant returns an expression that takes whatever an encoding left of a word for the word; nil when the source has no
// word that could be lost.
func tolerant(source string) *regexp.Regexp {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil
	}
	changed := false
	out := loosen(re, &changed)
	if !changed {
		return nil
	}
	compiled, err := regexp.Compile(`^(?:` + out.String() + `)[ \t\r]*(?:\n|$)`)
	if err != nil {
		return nil
	}
	return compiled
}

func loosen(re *syntax.Regexp, changed *bool) *syntax.Regexp {
	lostWords, err := syntax.Parse(lost, syntax.Perl)
	if err != nil {
		return re
	}
	switch re.Op {
	case syntax.OpLiteral:
		var parts []*syntax.Regexp
		for i := 0; i < len(re.Rune); {
			j := i
			wide := re.Rune[i] > '\x7f'
			for j < len(re.Rune) && re.Rune[j] > '\x7f' == wide {
				j++
			}
			if wide {
				*changed = true
				parts = append(parts, lostWords)
			} else {
				parts = append(parts, &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: re.Rune[i:j]})
			}
			i = j
		}
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: parts}
	case syntax.OpCharClass:
		if n := len(re.Rune); n > 0 && re.Rune[n-1] == unicode.MaxRune {
			return re // all but some
		}
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] > '\x7f' {
				*changed = true
				return &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{re, lostWords}}
			}
		}
	}
	out := *re
	out.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, sub := range re.Sub {
		out.Sub[i] = loosen(sub, changed)
	}
	return &out
}

// Expression is a pattern by itself: the text of a term.
type Expression struct{ c *compiled }

// String is the pattern as it was written.
func (e *Expression) String() string { return e.c.source }

// Fields are what it captures.
func (e *Expression) Fields() []Field { return e.c.fields }

// Matches reports whether the whole text is the pattern.
func (e *Expression) Matches(text string) bool {
	loc, _ := e.find(text, false)
	return loc != nil
}

func (e *Expression) find(text string, garbled bool) (loc []int, loose bool) {
	loc, loose = e.c.match(text, garbled)
	if loc == nil || loc[1] < len(text) {
		return nil, false
	}
	return loc, loose
}
