package form

import (
	"regexp/syntax"
	"testing"
)

func TestSizeIsNearWhatIsCompiled(t *testing.T) {
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
		if got, want := Size(expr), len(prog.Inst); got < want-3 || got > 2*want {
			t.Errorf("%s: %d, compiled %d", expr, got, want)
		}
	}
	if Size(`(`) != 0 {
		t.Error("what does not parse has a size")
	}
}
