package signature

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/blueking/incidents/pkg/form"
)

const valid = `apiVersion: bkincidents/v1
id: disk-full
revision: 1
status: active
severity: medium
class: environment
title: {zh: 磁盘已满, en: Disk full}
summary: {zh: 磁盘已满, en: The disk is full}
terms:
  full:
    source: nodeman
    any_of: [{text: 'no enough space left on %{filename:dir}'}]
detect: {term: full}
key: [cluster, dir]
remediation:
  - {id: look, risk: read-only, text: {zh: 看, en: look}, command: 'df -h {{dir}}'}
`

func TestParseReadsAValidSignature(t *testing.T) {
	sigs, err := Parse("x.yaml", []byte(valid))
	if err != nil || len(sigs) != 1 {
		t.Fatalf("%v, %d signatures", err, len(sigs))
	}
	s := sigs[0]
	if s.Family != "disk-full" || s.Resolve.Quiet == 0 || s.Detect.AtLeast != 1 || !slices.Equal(s.Terms["full"].AnyOf[0].Literals, []string{"no enough space left on "}) {
		t.Errorf("defaults not filled in: %+v", s)
	}
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":          {"detect: {term: full}", "detect: {term: full, atleast: 3}", `x.yaml:13:22: disk-full: unknown key "atleast"`},
		"unknown top key":      {"key: [cluster, dir]", "keys: [cluster]", `x.yaml:14:1: disk-full: unknown key "keys"`},
		"key given twice":      {"class: environment", "class: environment\nclass: operation", "already defined"},
		"bad version":          {"bkincidents/v1", "bkincidents/v9", "this release reads"},
		"bad id":               {"id: disk-full", "id: Disk Full", "use kebab-case"},
		"bad severity":         {"severity: medium", "severity: bad", "use one of critical, high, medium, low"},
		"bad regex":            {`%{filename:dir}`, `(?P<dir>\S+`, "x.yaml:12:21: disk-full: text: missing closing )"},
		"unknown pattern":      {`%{filename:dir}`, `%{folder:dir}`, "x.yaml:12:21: disk-full: text: %{folder}: there is no such sub-pattern"},
		"unnamed group":        {`%{filename:dir}`, `(\S+)`, "write groups as (?:…)"},
		"unknown form":         {"text: 'no enough space left on %{filename:dir}'", "form: kernel", `there is no form "kernel"`},
		"unknown field":        {"text: 'no enough space left on %{filename:dir}'", "form: curl, where: {code: 6}", `form curl has no field "code"`},
		"unknown shared term":  {"source: nodeman\n    any_of: [{text: 'no enough space left on %{filename:dir}'}]", "use: nodeman/full", `there is no shared term "nodeman/full"`},
		"where without a form": {"text: 'no enough space left on %{filename:dir}'", "text: 'no enough space', where: {a: 1}", "where needs a form"},
		"two wordings at once": {"    any_of:", "    text: no enough space\n    any_of:", "any_of beside"},
		"nothing":              {"    any_of: [{text: 'no enough space left on %{filename:dir}'}]\n", "", "says nothing"},
		"no literal":           {`no enough space left on %{filename:dir}`, `%{filename:dir}`, "no literal that every match contains"},
		"short literal":        {`no enough space left on `, `disk `, "8 are needed"},
		"unbound in a command": {"df -h {{dir}}", "df -h {{path}}", "{{path}} is bound by no term"},
		"template typo":        {"df -h {{dir}}", "df -h {{dir}", "write captures as {{name}}"},
		"missing language":     {"title: {zh: 磁盘已满, en: Disk full}", "title: {en: Disk full}", "title needs zh and en"},
		"undefined term":       {"detect: {term: full}", "detect: {term: fill}", `term "fill" is not defined`},
		"not YAML":             {"id: disk-full", "id: [", "not valid YAML"},
		"alias":                {"key: [cluster, dir]", "key: &k [cluster, dir]", "anchors and aliases are not supported"},
		"huge repeat":          {`%{filename:dir}`, `(?P<dir>(?:\S{1,1000}){1,100})`, "text: "},
		"bad duration":         {"detect: {term: full}", "detect: {term: full, within: soon}", "write it like 30s"},
		"missing severity":     {"severity: medium\n", "", "severity is missing: use one of critical, high, medium, low"},
		"wrong type":           {"revision: 1", "revision: one", "cannot unmarshal"},
		"two forms of detect":  {"detect: {term: full}", "detect: {term: full, all: [full]}", "exactly one of term, sequence, all or absent"},
		"untyped step":         {"risk: read-only", "risk: none", "use one of read-only, change, destructive"},
		"link without https":   {"remediation:", "references: [{id: x, title: {zh: x, en: x}, url: {\"7.2\": 'http://x'}}]\nremediation:", "the link for 7.2 must start with https://"},
		"no key":               {"key: [cluster, dir]", "key: []", "at least [cluster]"},
		"list for a mapping":   {"detect: {term: full}", "detect: [full]", "expected a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(valid, c.old, c.new, 1)
			if text == valid {
				t.Fatal("nothing replaced")
			}
			sigs, err := Parse("x.yaml", []byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) || len(sigs) != 0 {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for _, p := range Problems(err) {
				if p.File != "x.yaml" || p.Line == 0 {
					t.Errorf("no place: %+v", p)
				}
				if zh := p.Text("zh"); strings.IndexFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) < 0 || strings.Contains(zh+p.Text("en"), "%!") {
					t.Errorf("%q is not told in both languages: %q", p.Text("en"), zh)
				}
			}
		})
	}
}

func TestLocateFindsThePlaceOfAPath(t *testing.T) {
	text := valid + "---\n" + strings.Replace(valid, "disk-full", "disk-other", 1)
	for _, c := range []struct {
		id, path     string
		line, column int
	}{
		{"disk-full", "terms.full.any_of.0.text", 12, 21},
		{"disk-other", "key.1", 31, 16},
		{"disk-other", "resolve.quiet", 18, 1}, // not there: the signature
		{"disk-other", "", 18, 1},
		{"unknown", "key", 0, 0},
		{"", "key", 0, 0},
	} {
		p := &Problem{ID: c.id, Path: c.path}
		if Locate([]*Problem{p}, []byte(text)); p.Line != c.line || p.Column != c.column {
			t.Errorf("%s %s: %d:%d, want %d:%d", c.id, c.path, p.Line, p.Column, c.line, c.column)
		}
	}
}

func TestOneBadDocumentLeavesTheOthers(t *testing.T) {
	other := strings.Replace(valid, "disk-full", "disk-other", 1)
	sigs, err := Parse("x.yaml", []byte(strings.Replace(valid, "revision: 1", "revision: 0", 1)+"---\n"+other))
	if err == nil || len(sigs) != 1 || sigs[0].ID != "disk-other" {
		t.Errorf("%v, %d signatures", err, len(sigs))
	}
}

func TestADuplicateIDFails(t *testing.T) {
	a, _ := Parse("a.yaml", []byte(valid))
	b, _ := Parse("b.yaml", []byte(valid))
	if _, err := NewSet(a[0], b[0]); err == nil || !strings.Contains(err.Error(), "b.yaml: disk-full: duplicate id, first used in a.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestWitnessesAvoidWhatCarriersEscape(t *testing.T) {
	for expr, want := range map[string][]string{
		`^curl: \(6\) Could not resolve host: (\S+)$`: {"curl: (6) Could not resolve host: "},
		`^(?:x|y)curl (?P<url>https?://\S+)`:          {"curl http"},
		`"token" is missing here`:                     {" is missing here"},
		`命令返回非零值：exit_status -> 6`:                    {"exit_status -"},
		`(?:Init|Load) esb jwt key`:                   {" esb jwt key"},
		`(?:first wording|other wording)`:             {"first wording", "other wording"},
		`a(?:optional literal)?b`:                     {"a"},
		`(?i)anything`:                                nil,
		`系统(?P<x>\w+)接口出错`:                            {"接口出错"},
	} {
		if got := form.Witness(expr); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", expr, got, want)
		}
	}
}

func TestRawFormsCoverEveryEscaping(t *testing.T) {
	forms := RawForms("状态a")
	for _, want := range []string{"状态a", `\u72b6\u6001a`, `\u72B6\u6001a`, `\\u72b6\\u6001a`, `\xe7\x8a\xb6\xe6\x80\x81a`, `\\xe7\\x8a\\xb6\\xe6\\x80\\x81a`} {
		if !slices.Contains(forms, want) {
			t.Errorf("%s is missing in %q", want, forms)
		}
	}
	if got := RawForms("plain ascii"); !slices.Equal(got, []string{"plain ascii"}) {
		t.Errorf("got %q", got)
	}
}

func TestConditions(t *testing.T) {
	captures := map[string]string{"url": "http://10.0.0.1:30025/x", "domain": "bkrepo.example.com", "status": "401"}
	for raw, want := range map[string]bool{
		"":                                   true,
		"url.host is ip":                     true,
		"url.host is domain":                 false,
		"domain is domain":                   true,
		"domain is not ip and status == 401": true,
		"pid is set or status == 401":        true,
		"pid is not set":                     true,
		"url.port == 80":                     false,
		"status != 401":                      false,
	} {
		c, err := ParseCondition(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Holds(func(r Ref) string { return Lookup(r, captures) }); got != want {
			t.Errorf("%q: %v", raw, got)
		}
	}
	for _, raw := range []string{"url.host = ip", "url.host is banana", "is ip", "a is ip and"} {
		if _, err := ParseCondition(raw); err == nil {
			t.Errorf("%q was accepted", raw)
		}
	}
}

func TestValidIsAWhitelist(t *testing.T) {
	for kind, values := range map[VarType][2][]string{
		Int:   {{"0", "1", "4711"}, {"", "-1", "-0", "1a", "1 2", "１"}},
		Ident: {{"fast_execute_script", "JOBV3"}, {"", "a b", "a;b", "$(x)", "-rf"}},
		IP:    {{"10.0.0.1", "2001:db8::1", "[::1]"}, {"", "10.0.0.256", "a", "::1]", "[::1", "[10.0.0.1]", "fe80::1%$(id)"}},
		Host:  {{"a.example.com", "node-1", "10.0.0.1", "::1"}, {"", "a b", "-a", "a;b", "a..b", "a/b"}},
		URL:   {{"http://a.example.com:80/x?y=1", "http://[::1]:80/"}, {"", "ftp://a/", "http://u:p@h/", "http://a b/", "http://a/`x`", "http://a/$(x)", "javascript:x"}},
		Path:  {{"/tmp/x", `C:\gse`}, {"", "/tmp/$(x)", "/tmp/;x", "/tmp/\n"}},
		Any:   {{"any text; 中文"}, {"a\nb", "\xff", "a\x00", "a\u202eb", "a\u200bb"}},
	} {
		for _, v := range values[0] {
			if !Valid(kind, v) {
				t.Errorf("%s %q refused", kind, v)
			}
		}
		for _, v := range values[1] {
			if Valid(kind, v) {
				t.Errorf("%s %q accepted", kind, v)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(valid)
	f.Add(valid + "---\n" + valid)
	f.Add("a: &a [*a]")
	f.Add(strings.Replace(valid, "any_of: [", "any_of: [{text: '(?:x{5}){200}'}, ", 1))
	f.Fuzz(func(t *testing.T, text string) {
		sigs, err := Parse("f.yaml", []byte(text))
		for _, p := range Problems(err) {
			if p.Text("zh") == "" || p.Text("en") == "" {
				t.Fatal("a problem without a message")
			}
		}
		for _, s := range sigs {
			if s.ID == "" || len(s.Detect.TermNames()) == 0 {
				t.Fatalf("an incomplete signature was accepted: %+v", s)
			}
		}
	})
}
