package plugin

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/blueking/incidents/pkg/signature"
)

const proven = customSignature + `tests:
  - {name: fires, lines: [{line: my own failure}]}
  - {name: quotes it, lines: [{line: 'no, my own failure'}], expect: {incidents: 0}}
`

// told writes the problems of an answer as an editor shows them.
func told(l linted) string {
	var b strings.Builder
	for _, p := range l.Problems {
		fmt.Fprintf(&b, "%s %d:%d %s: %s\n", p.Severity, p.Line, p.Column, p.Signature, p.Message)
	}
	return b.String()
}

func TestLintAcceptsAProvenSignature(t *testing.T) {
	got := admin[linted](t, open(t, newFake()), "POST", "lint", proven)
	if fmt.Sprint(got.Signatures) != "[mine]" || got.Fixtures != 2 || len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestLintSaysWhatIsWrongAndWhere(t *testing.T) {
	d := open(t, newFake())
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":       {strings.Replace(proven, "severity:", "sevirity:", 1), `error 6:1 mine: unknown key "sevirity"`},
		"missing key":       {strings.Replace(proven, "severity: low\n", "", 1), "error 2:1 mine: severity is missing: use one of critical"},
		"bad regex":         {strings.Replace(proven, "text: my own failure", "text: my own failure(", 1), "error 12:45 mine: text: missing closing )"},
		"duplicate id":      {proven + "---" + proven, "error 21:5 mine: the id is that of another custom signature"},
		"shipped id":        {strings.Replace(proven, "id: mine", "id: offline", 1), "error 3:5 offline: the id is that of a shipped signature"},
		"unbound variable":  {strings.Replace(proven, "en: Mine", "en: 'Mine {{host_name}}'", 1), "error 9:8 mine: {{host_name}} is bound by no term"},
		"not YAML":          {proven + "---\n{", "error 20:1 : not valid YAML"},
		"no fixture":        {customSignature, `warning 12:11 mine: term "failed" has no positive fixture`},
		"short quiet":       {strings.Replace(proven, "quiet: 20m", "quiet: 1m", 1), "warning 15:18 mine: resolve.quiet is 1m"},
		"a fixture fails":   {strings.Replace(proven, "line: my own failure", "line: my other failure", 1), `warning 17:5 mine: test "fires": 0 incidents, want 1`},
		"a fixture of none": {strings.Replace(proven, "lines: [{line: my own failure}]", "lines: []", 1), `warning 17:5 mine: test "fires": has no lines`},
		"short literal":     {strings.Replace(proven, "text: my own failure", "text: my", 1), "error 12:45 mine: the longest literal"},
	} {
		got := told(admin[linted](t, d, "POST", "lint?language=en", c.text))
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s want %s", name, got, c.want)
		}
	}
}

func TestLintSpeaksTheLanguageAskedFor(t *testing.T) {
	text := strings.Replace(customSignature, "revision: 1", "revisoin: 1", 1) + "---\n" + strings.Replace(proven, "line: my own failure", "line: x", 1)
	got := told(admin[linted](t, open(t, newFake()), "POST", "lint?language=zh", text))
	for _, want := range []string{`未知的键 "revisoin"`, `用例 "fires" 未通过：得到 0 个事件，期望 1 个`} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s want %s", got, want)
		}
	}
}

func TestLintWorksBeforeTheDataSourceIsSetUp(t *testing.T) {
	d := open(t, nil, func(c *config) { c.Broken = badRequest("没有地址。", "There is no address.") })
	if got := admin[linted](t, d, "POST", "lint", ""); len(got.Signatures) != 0 || got.Problems == nil || len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestLintBoundsWhatItReadsAndAnswers(t *testing.T) {
	d := open(t, newFake())
	if res := callAs(t, d, "Admin", "POST", "lint", strings.Repeat("#", signature.MaxFile+1)); res.Status != 413 || !strings.Contains(string(res.Body), "Shorten") {
		t.Errorf("%d %.200s", res.Status, res.Body)
	}
	got := admin[linted](t, d, "POST", "lint", strings.Repeat("x: 1\n---\n", 1000))
	if len(got.Problems) != maxLinted || got.More == 0 {
		t.Errorf("%d problems, %d more", len(got.Problems), got.More)
	}
	for _, hostile := range []string{
		"a: &a [*a, *a]", "\x00\xff\xfe", strings.Repeat("[", 10_000), "{{{{", "id: [1, 2]\n", "- - - -", "!!binary x", "apiVersion: !!float 1",
		strings.Replace(proven, "text: my own failure", "text: '(?:my own failure){1000}{1000}'", 1),
	} {
		if got := admin[linted](t, d, "POST", "lint", hostile); len(got.Problems) == 0 || len(got.Signatures) != 0 {
			t.Errorf("%.30q: %+v", hostile, got)
		}
	}
}

func TestLintChecksOneTextAtATime(t *testing.T) {
	d := open(t, newFake())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if res := callAs(t, d, "Admin", "POST", "lint", proven); res.Status != 200 {
				t.Errorf("%d %s", res.Status, res.Body)
			}
		})
	}
	wg.Wait()
	if len(d.linting) != 0 {
		t.Error("the turn was not given back")
	}
}
