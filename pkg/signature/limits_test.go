package signature

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// withRegexes is a text of one signature with n alternatives.
func withRegexes(n int, regex string) string {
	var b strings.Builder
	b.WriteString("apiVersion: bkincidents/v1\nid: hostile\nrevision: 1\nstatus: active\nseverity: low\nclass: unknown\nfamily: x\n" +
		"title: {zh: t, en: t}\nsummary: {zh: s, en: s}\nterms:\n  failed:\n    source: nodeman\n    any_of:\n")
	for i := range n {
		fmt.Fprintf(&b, "      - text: 'line %06d %s'\n", i, regex)
	}
	b.WriteString("detect: {term: failed}\nkey: [cluster]\nresolve: {quiet: 20m}\n")
	return b.String()
}

// Whoever may save a data source may type this in; it must neither stop the plugin nor be accepted in silence.
func TestHostileSignaturesAreRefusedInLittleMemory(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'm'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"10 MB":                        {strings.Repeat("x: 1\n", 2<<20), "more than the 1048576 allowed"},
		"an alias bomb":                {bomb, "anchors and aliases"},
		"nested deeply":                {"terms: " + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000), "not valid YAML"},
		"nested as deeply as allowed":  {"terms: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), "cannot unmarshal"},
		"repeats of repeats":           {withRegexes(1, "(?:(?:(?:a{100}){100}){100})"), "invalid repeat count"},
		"repeats within Go's limit":    {withRegexes(1, "(?:(?:a{10}){10}){9}b{100}(?:cdefgh){900}"), "use smaller repeats"},
		"one large program":            {withRegexes(1, "(?:abcdefgh){900}"), "use smaller repeats"},
		"an expression of 10 KB":       {withRegexes(1, strings.Repeat("a", 10_000)), "the limit is 1000"},
		"many large programs":          {withRegexes(8_000, "(?:abcdef){300}"), "from here on the text is not read"},
		"many small programs":          {withRegexes(20_000, "x"), "from here on the text is not read"},
		"many documents":               {strings.Repeat("a: 1\n---\n", 100_000), "further problems are not listed"},
		"many keys":                    {keys(60_000), "a mapping of 60000 keys"},
		"many unknown keys":            {strings.Repeat(keys(150)+"---\n", 150), "further problems are not listed"},
		"lists where keys should be":   {strings.Repeat("- a\n", 200_000), "expected a mapping"},
		"half a million empty strings": {"terms: [" + strings.Repeat(",", 1000_000) + "]", "not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			sigs, err := Parse("signatures", []byte(tc.text))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("%.300v, want %q", err, tc.want)
			}
			if len(sigs) > 0 {
				t.Error("accepted")
			}
			if n := len(Problems(err)); n > maxProblems+1 {
				t.Errorf("%d problems", n)
			}
			if len(err.Error()) > 500_000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 700 {
				t.Errorf("%d MB allocated", mb)
			}
		})
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func TestTheBudgetIsForWholeTextsAndLeavesWhatCameBefore(t *testing.T) {
	first := strings.Replace(withRegexes(1, "fine"), "id: hostile", "id: fine", 1)
	sigs, err := Parse("signatures", []byte(first+"---\n"+withRegexes(10_000, "x")))
	if len(sigs) != 1 || sigs[0].ID != "fine" || err == nil {
		t.Errorf("%d signatures, %v", len(sigs), err)
	}
}
