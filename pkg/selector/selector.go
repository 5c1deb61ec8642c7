// Package selector reads, extends and writes stream selectors such as `{namespace="blueking", pod=~"nodeman-.*"}`.
//
// It is stricter than Loki: what it accepts, Loki accepts, and what it writes cannot be anything but a selector.
// Values are only ever written Go-quoted, so no value can leave its quotes and become LogQL.
package selector

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// Selector is a checked stream selector. The zero Selector selects nothing and is not valid.
type Selector struct {
	matchers []matcher
}

type matcher struct {
	logs.Matcher
	// regex is set for =~ and !~; Loki anchors both ends and lets the dot match a newline. Most selectors are only
	// written, so it is compiled when it is first asked.
	regex func() *regexp.Regexp
}

// And returns a selector with further matchers; the receiver stays as it is. A matcher that is there already is
// not added again.
func (s Selector) And(more ...logs.Matcher) (Selector, error) {
	out := Selector{matchers: slices.Clone(s.matchers)}
	for _, m := range more {
		compiled, err := compile(m, 0)
		if err != nil {
			return Selector{}, err
		}
		if !slices.ContainsFunc(out.matchers, func(have matcher) bool { return have.Matcher == m }) {
			out.matchers = append(out.matchers, compiled)
		}
	}
	return out, nil
}

// Exactly returns the selector of the one stream that has these labels and none of absent. It is false when a
// name cannot stand in a selector, or when nothing would be selected for sure.
func Exactly(labels model.LabelSet, absent []string) (s Selector, ok bool) {
	for name, value := range labels {
		if !ValidName(string(name)) {
			return Selector{}, false
		}
		s.matchers = append(s.matchers, matcher{Matcher: logs.Matcher{Name: string(name), Op: logs.Equal, Value: string(value)}})
	}
	for _, name := range absent {
		if !ValidName(name) {
			return Selector{}, false
		}
		if _, has := labels[model.LabelName(name)]; !has {
			s.matchers = append(s.matchers, matcher{Matcher: logs.Matcher{Name: name, Op: logs.Equal}})
		}
	}
	slices.SortFunc(s.matchers, func(a, b matcher) int { return strings.Compare(a.Name, b.Name) })
	return s, s.Required() != ""
}

// String writes the selector: matchers in the order given, values Go-quoted. Bytes that are not UTF-8 become
// \xNN, which Loki's lexer reads back; raw they are refused ("invalid UTF-8 rune").
func (s Selector) String() string {
	buf := make([]byte, 0, 64)
	buf = append(buf, '{')
	for i, m := range s.matchers {
		if i > 0 {
			buf = append(buf, ", "...)
		}
		buf = append(buf, m.Name...)
		buf = append(buf, m.Op...)
		buf = strconv.AppendQuote(buf, m.Value)
	}
	return string(append(buf, '}'))
}

// Matchers returns a copy of the matchers, in order.
func (s Selector) Matchers() []logs.Matcher {
	out := make([]logs.Matcher, len(s.matchers))
	for i, m := range s.matchers {
		out[i] = m.Matcher
	}
	return out
}

// Required returns the name of a label that every selected stream has, one with a fixed value if there is one.
func (s Selector) Required() string {
	name := ""
	for _, m := range s.matchers {
		if m.matches("") {
			continue
		}
		if m.Op == logs.Equal {
			return m.Name
		}
		if name == "" {
			name = m.Name
		}
	}
	return name
}

// Matches reports whether a stream with these labels is selected. A missing label counts as "".
func (s Selector) Matches(labels model.LabelSet) bool {
	for _, m := range s.matchers {
		if !m.matches(string(labels[model.LabelName(m.Name)])) {
			return false
		}
	}
	return len(s.matchers) > 0
}

func (m matcher) matches(value string) bool {
	switch m.Op {
	case logs.Equal:
		return value == m.Value
	case logs.NotEqual:
		return value != m.Value
	case logs.Regexp:
		return m.regex().MatchString(value)
	default:
		return !m.regex().MatchString(value)
	}
}

// compile checks one matcher; at is the offset to blame.
func compile(m logs.Matcher, at int) (matcher, error) {
	if !ValidName(m.Name) {
		return matcher{}, fail(at, "label name %q is not valid: use letters, digits and _, not starting with a digit",
			"标签名 %q 无效：只能用字母、数字和下划线，且不能以数字开头", m.Name)
	}
	out := matcher{Matcher: m}
	switch m.Op {
	case logs.Equal, logs.NotEqual:
	case logs.Regexp, logs.NotRegexp:
		// The same two parses as Prometheus' matchers, which Loki uses: the value alone has to be a regular
		// expression, or `a)|(b` would slip out of the anchors.
		anchored := "^(?s:" + m.Value + ")$"
		for _, text := range []string{m.Value, anchored} {
			if _, err := syntax.Parse(text, syntax.Perl); err != nil {
				return matcher{}, fail(at, "the value of label %s is not a regular expression (%v): correct it or use = instead",
					"标签 %s 的值不是正则表达式（%v）：请改正，或改用 =", m.Name, err)
			}
		}
		out.regex = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(anchored) })
	default:
		return matcher{}, fail(at, "operator %q of label %s is unknown: use =, !=, =~ or !~",
			"标签 %[2]s 的运算符 %[1]q 未知：请用 =、!=、=~ 或 !~", string(m.Op), m.Name)
	}
	return out, nil
}

// ValidName reports whether Loki takes name as a label name in a selector.
func ValidName(name string) bool {
	for i := range len(name) {
		if !nameByte(name[i], i == 0) {
			return false
		}
	}
	return name != ""
}

func nameByte(c byte, first bool) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || !first && '0' <= c && c <= '9'
}
