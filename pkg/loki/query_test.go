package loki

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/blueking/incidents/pkg/logs"
)

func TestDescribe(t *testing.T) {
	c := New(Options{URL: "http://x"})
	for _, tc := range []struct {
		req  logs.Request
		want string
	}{
		{logs.Request{Selector: `{a="b"}`}, `{a="b"}`},
		{logs.Request{Selector: "{a=~`x\\d+`}", Filters: []logs.Filter{{"one"}}}, `{a=~"x\\d+"} |= "one"`},
		{logs.Request{Selector: `{a="b"}`, Filters: []logs.Filter{{"job"}, {"状态码", "x\"y", "x\"y", "\xe7\n"}}}, `{a="b"} |= "job" |= "状态码" or "x\"y" or "\xe7\n"`},
		{logs.Request{Selector: `{a="b"}`, Filters: []logs.Filter{{"job"}, {"x", ""}, {}}}, `{a="b"} |= "job"`},
		{logs.Request{Selector: `{a="b"}`, Matchers: []logs.Matcher{{Name: "host", Op: logs.NotRegexp, Value: `10\.0.*"`}}}, `{a="b", host!~"10\\.0.*\""}`},
		{logs.Request{Selector: `{a="b"}`, Metadata: []logs.Matcher{{Name: "host", Op: logs.Equal, Value: `10.0.0.1"`}}, Filters: []logs.Filter{{"x"}}}, `{a="b"} |= "x" | host="10.0.0.1\""`},
	} {
		if got := c.Describe(tc.req); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
	for _, bad := range []logs.Request{
		{},
		{Selector: `{a="b"} |= "x"`},
		{Selector: `{a="b"}`, Matchers: []logs.Matcher{{Name: "a b", Op: logs.Equal}}},
		{Selector: `{a="b"}`, Metadata: []logs.Matcher{{Name: "host", Op: logs.Regexp, Value: "("}}},
		{Selector: `{a="b"}`, Filters: []logs.Filter{{strings.Repeat("x", maxQuery)}}},
	} {
		_, err := newExpression(bad)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != logs.KindRequest || len(c.Describe(bad)) > 600 {
			t.Errorf("%v", err)
		}
	}
}

func TestQueryLengthLimit(t *testing.T) {
	req := logs.Request{Selector: `{a="b"}`, Filters: []logs.Filter{{""}}}
	req.Filters[0][0] = strings.Repeat("x", maxQuery-len(`{a="b"} |= ""`))
	e, err := newExpression(req)
	if err != nil || len(e.String()) != maxQuery {
		t.Fatal(err)
	}
	if _, err := syntax.ParseLogSelector(e.String(), true); err != nil {
		t.Fatal(err)
	}
	req.Filters[0][0] += "x"
	if _, err := newExpression(req); err == nil {
		t.Fatal("too long is accepted")
	}
}

// sameAsLoki checks that Loki reads an expression as exactly the matchers and literals that went in.
func sameAsLoki(t *testing.T, req logs.Request) {
	t.Helper()
	e, err := newExpression(req)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := syntax.ParseLogSelector(e.String(), true)
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	meant := e.selector.Matchers()
	for _, m := range req.Matchers {
		if !slices.Contains(meant, m) {
			t.Fatalf("%s lacks %v", e, m)
		}
	}
	if got := parsed.Matchers(); len(got) != len(meant) {
		t.Fatalf("%s: %v", e, got)
	} else {
		for i, m := range meant {
			if theirs := got[i]; theirs.Name != m.Name || theirs.Value != m.Value || theirs.Type.String() != string(m.Op) {
				t.Fatalf("%s: %v", e, theirs)
			}
		}
	}
	pipeline, err := parsed.Pipeline()
	if err != nil {
		t.Fatal(err)
	}
	// A line passes if and only if it has a literal of each filter, as raw bytes.
	s := pipeline.ForStream(labels.FromStrings("a", "b"))
	lines, all := []string{"", "nothing"}, ""
	for _, f := range req.Filters {
		for _, l := range f {
			lines = append(lines, l, "<"+l+">", l[:len(l)/2], all+l)
		}
		if len(f) > 0 {
			all += f[len(f)-1] + " "
		}
	}
	for _, line := range append(lines, all) {
		want := logs.Passes(line, req.Filters)
		if _, _, got := s.Process(0, []byte(line), labels.EmptyLabels()); got != want {
			t.Fatalf("%s on %q: Loki says %v", e, line, got)
		}
	}
}

// Property: no value leaves its quotes, whatever bytes it is made of.
func TestNoValueBreaksOut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{`"`, "`", `\`, "\n", "\r", "\x00", "\xff", "\xe7\x8a", "}", "{", "|=", "|~", " or ", "a", "状", "\u2028", "\ufeff", "#", "/*", "'", "%", "\\x41", "\\u0041"}
	text := func() string {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 2000 {
		req := logs.Request{Selector: `{a="b"}`}
		for range r.IntN(4) {
			var f logs.Filter
			for range r.IntN(5) {
				f = append(f, text())
			}
			req.Filters = append(req.Filters, f)
		}
		for i := range r.IntN(3) {
			req.Matchers = append(req.Matchers, logs.Matcher{Name: string(rune('p' + i)), Op: []logs.MatchOp{logs.Equal, logs.NotEqual}[r.IntN(2)], Value: text()})
		}
		sameAsLoki(t, req)
	}
}

// FuzzQuery: whatever a data source's selector, a query's matchers and a signature's literals hold, Loki reads the
// LogQL that we build as exactly those matchers and filters, or we refuse to build it.
func FuzzQuery(f *testing.F) {
	f.Add(`{a="b"}`, "a", "b", "c", "host", "=")
	f.Add("{a=~`x`, b!~\"y|z\"}", "\xff\"", "`\n", "\\", "host", "!~")
	f.Add(`{a="b"} |= "x"`, "", `"} |= "`, `"} or {x="y`, `a="b",c`, "=~")
	f.Add(`{a="b"}`, "", "x", `a)|(b`, "host", "=~")
	f.Add(`{a="b"}`, "", "x", "", "by", "!=")
	f.Fuzz(func(t *testing.T, selector, first, literal, value, name, op string) {
		if literal == "" || len(selector)+len(first)+len(literal)+len(value) > 10000 {
			return
		}
		req := logs.Request{Selector: selector, Filters: []logs.Filter{{first}, {literal, "other"}},
			Matchers: []logs.Matcher{{Name: name, Op: logs.MatchOp(op), Value: value}}}
		if e, err := newExpression(req); err != nil {
			told(t, err)
		} else if !lexerKeyword(e) {
			sameAsLoki(t, req)
		}
	})
}

// lexerKeyword reports whether a label has the name of one of Loki's keywords, such as "by", which its parser refuses;
// they depend on its version, so we leave them to Loki's own error.
func lexerKeyword(e expression) bool {
	for _, m := range e.selector.Matchers() {
		if _, err := syntax.ParseMatchers(`{`+m.Name+`="x"}`, true); err != nil {
			return true
		}
	}
	return false
}

func TestMetadataFiltersMeanToLokiWhatTheySay(t *testing.T) {
	for value, host := range map[string]string{"10.0.0.1": "10.0.0.1", `"} |= "x`: `"} |= "x`, "\xff\n": "\xff\n"} {
		e, err := newExpression(logs.Request{Selector: `{a="b"}`, Filters: []logs.Filter{{"line"}}, Metadata: []logs.Matcher{{Name: "host", Op: logs.Equal, Value: value}}})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := syntax.ParseLogSelector(e.String(), true)
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		pipeline, err := parsed.Pipeline()
		if err != nil {
			t.Fatal(err)
		}
		s := pipeline.ForStream(labels.FromStrings("a", "b"))
		for carried, want := range map[string]bool{host: true, "10.0.0.2": false} {
			if _, _, ok := s.ProcessString(0, "a line", labels.FromStrings("host", carried)); ok != want {
				t.Errorf("%s: an entry of host %q passes: %v", e, carried, ok)
			}
		}
	}
}
