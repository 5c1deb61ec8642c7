package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/source"
)

// A row of sources.yaml is written nowhere else by hand.
func TestSources(t *testing.T) {
	var names, list, typed, defaults, optional []string
	for _, row := range source.Rows() {
		names = append(names, "`"+string(row.Name)+"`")
		list = append(list, fmt.Sprintf("  '%s',", row.Name))
		for _, s := range row.Selectors {
			line := fmt.Sprintf("| %#q | %#q | `%t` |", row.Name, strings.ReplaceAll(s.Selector, "|", `\|`), s.OnHost)
			if row.Optional {
				optional = append(optional, line)
				continue
			}
			defaults = append(defaults, line)
			quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.Selector)
			typed = append(typed, fmt.Sprintf("    { source: '%s', selector: '%s', onHost: %t },", row.Name, quoted, s.OnHost))
		}
	}
	head := "| source | selector | onHost |\n|---|---|---|\n"
	rewrite(t, "src/types.ts",
		`(?s)(export const SOURCES = \[\n).*?(\n\] as const;)`, strings.Join(list, "\n"),
		`(?s)(\n  sources: \[\n).*?(\n  \],)`, strings.Join(typed, "\n"))
	rewrite(t, "docs/contract.md",
		`(?s)(### Default selectors\n\n)\|.*?(\n\n)`, head+strings.Join(defaults, "\n"),
		`(?s)(### Optional sources\n.*?\n\n)\|.*?(\n\n)`, head+strings.Join(optional, "\n"),
		"(\\| `sources` \\| list of strings \\| \\| )`.*?`(;)", strings.Join(names, ", "))
}

// rewrite compares parts of a file, each between the two groups of an expression, with what they must be.
func rewrite(t *testing.T, file string, parts ...string) {
	t.Helper()
	was := read(t, file)
	text := was
	for i := 0; i < len(parts); i += 2 {
		at := regexp.MustCompile(parts[i]).FindStringSubmatchIndex(text)
		if at == nil {
			t.Fatalf("%s: nothing matches %s", file, parts[i])
		}
		text = text[:at[3]] + parts[i+1] + text[at[4]:]
	}
	switch {
	case text == was:
	case *update:
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not say what pkg/source/sources.yaml says: go test ./tests/contract -run TestSources -update", file)
	}
}
