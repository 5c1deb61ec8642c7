package contract

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

var fencedYAML = regexp.MustCompile("(?s)```yaml\n(apiVersion: .*?)```")

// example is the complete signature of a page.
func example(t *testing.T, page string) string {
	t.Helper()
	m := fencedYAML.FindStringSubmatch(read(t, page))
	if m == nil {
		t.Fatalf("%s has no signature in a yaml block", page)
	}
	return m[1]
}

// The example of the page on writing signatures is one that readers copy: it has to be as good as a shipped one.
func TestTheExampleSignaturePassesLintAndItsFixtures(t *testing.T) {
	const page = "docs/signatures.md"
	own, err := signature.Parse(page, []byte(example(t, page)))
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := append(slices.Clone(shipped), own...)
	problems, err := fixtures.Lint(t.Context(), all, fixtures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.File == page {
			t.Error(p)
		}
	}
	set, err := signature.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	runner := fixtures.NewRunner(set)
	failures, err := runner.Run(t.Context(), own[0])
	if err != nil {
		t.Fatal(err)
	}
	unproven, err := runner.Mutate(t.Context(), own[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(failures, unproven...) {
		t.Error(f)
	}
}

func TestTheExampleIsTheSameInBothLanguages(t *testing.T) {
	if example(t, "docs/signatures.md") != example(t, "docs/signatures.zh.md") {
		t.Error("docs/signatures.md and docs/signatures.zh.md show different signatures")
	}
}

// The page lists the carriers and the capture types.
func TestTheSignaturePagesAreComplete(t *testing.T) {
	for _, page := range []string{"docs/signatures.md", "docs/signatures.zh.md"} {
		documented := read(t, page)
		for _, c := range fixtures.Carriers() {
			if !strings.Contains(documented, "`"+string(c)+"`") {
				t.Errorf("%s does not name the carrier `%s` of pkg/fixtures", page, c)
			}
		}
		for _, v := range []signature.VarType{signature.Int, signature.Ident, signature.Host, signature.IP, signature.URL, signature.Path, signature.Any} {
			if !strings.Contains(documented, "| `"+string(v)+"` |") {
				t.Errorf("%s does not tell what the capture type `%s` accepts", page, v)
			}
		}
		for _, name := range signature.CarrierVars(signature.Nodeman) {
			if !strings.Contains(documented, "`"+name+"`") {
				t.Errorf("%s does not name the carrier's capture `%s`", page, name)
			}
		}
	}
}
