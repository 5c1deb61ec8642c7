package signature

import (
	"regexp/syntax"
	"strings"
	"testing"
)

func TestProgramSizeIsNearWhatIsCompiled(t *testing.T) {
	for _, expr := range []string{
		``, `abc`, `(?i)status code[:：]\s*(?P<status>4\d\d)`, `a*b+?c?`, `(?:x{5}){200}`, `x{3,}`, `x{2,900}`, `(?:a|b|cd)*`, `^\S+ (?:\[[^\]]*\] )?状态码`, `[\x{4e00}-\x{9fff}]{40}`, `(?:a?){500}`, `(?:(?:ab){30}|c){30}`,
	} {
		re, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := programSize(expr), len(prog.Inst); got < want-3 || got > 2*want {
			t.Errorf("%s: %d, compiled %d", expr, got, want)
		}
	}
	if programSize(`(`) != 0 {
		t.Error("what does not parse has a size")
	}
}

// Expressions that are short to write and huge to compile are refused before they are compiled: compiling all of this
// text takes minutes and gigabytes.
func TestExpressionsCannotExhaustThePlugin(t *testing.T) {
	_, err := Parse("f.yaml", []byte(strings.Replace(valid, "regex: '^", "regex: '^("+strings.Repeat("x", 900)+"){1000}", 1)))
	if err == nil || !strings.Contains(err.Error(), "use smaller repeats") {
		t.Errorf("%v", err)
	}
	alternatives := strings.Repeat("{regex: 'curl error: (x{5}){200}'}, ", 20_000)
	text := valid + "---\n" + strings.Replace(strings.Replace(valid, "any_of: [", "any_of: ["+alternatives, 1), "id: ", "id: big-", 1)
	sigs, err := Parse("f.yaml", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "from here on the text is not read") {
		t.Errorf("%.300v", err)
	}
	if len(sigs) != 1 {
		t.Errorf("%d signatures, the first should be kept", len(sigs))
	}
}
