package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var namedTest = regexp.MustCompile("`((?:pkg|tests|tools|cmd)[\\w/-]*) ((?:Test|Fuzz|Benchmark)\\w+)`")

// A promise is worth what its test is, so every test that the page names has to be there.
func TestEveryTestThatThePromisesNameExists(t *testing.T) {
	named := map[string][2]bool{}
	for i, page := range []string{"docs/reliability.md", "docs/reliability.zh.md"} {
		for _, m := range namedTest.FindAllStringSubmatch(read(t, page), -1) {
			in := named[m[1]+" "+m[2]]
			in[i] = true
			named[m[1]+" "+m[2]] = in
		}
	}
	if len(named) < 30 {
		t.Fatalf("%d tests are named; this test reads the page wrongly", len(named))
	}
	for name, in := range named {
		if in != [2]bool{true, true} {
			t.Errorf("%s is named in one language only", name)
		}
		folder, function, _ := strings.Cut(name, " ")
		files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(text), "\nfunc "+function+"(")
		}
		if !found {
			t.Errorf("no %s in %s", function, folder)
		}
	}
}

// Both languages make the same promises about as many failures.
func TestBothReliabilityPagesHaveTheSameShape(t *testing.T) {
	shape := func(page string) (headings, rows int) {
		for line := range strings.Lines(read(t, page)) {
			switch {
			case strings.HasPrefix(line, "#"):
				headings++
			case strings.HasPrefix(line, "|"):
				rows++
			}
		}
		return headings, rows
	}
	headings, rows := shape("docs/reliability.md")
	if h, r := shape("docs/reliability.zh.md"); h != headings || r != rows {
		t.Errorf("%d headings and %d rows in English, %d and %d in Chinese", headings, rows, h, r)
	}
}
