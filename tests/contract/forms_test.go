package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/signature"
)

// The pages on writing signatures list every form with its fields. The table is made of the forms: run
// `go test ./tests/contract -update` after a change.
func TestThePagesListTheForms(t *testing.T) {
	lib, err := signature.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for page, zh := range map[string]bool{"docs/signatures.md": false, "docs/signatures.zh.md": true} {
		text := read(t, page)
		before, rest, opened := strings.Cut(text, "<!-- forms -->\n")
		have, after, closed := strings.Cut(rest, "<!-- /forms -->")
		if !opened || !closed {
			t.Fatalf("%s has no place for the table of forms", page)
		}
		want := formsTable(lib.Forms, zh)
		if *update {
			if err := os.WriteFile(filepath.Join(root, page), []byte(before+"<!-- forms -->\n"+want+"<!-- /forms -->"+after), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have != want {
			t.Errorf("%s lists other forms or fields than catalogue/_forms.yaml: run go test ./tests/contract -update", page)
		}
	}
}

func formsTable(lib *form.Library, zh bool) string {
	var b strings.Builder
	if zh {
		b.WriteString("| 格式 | 内容 | 字段 | 所在位置 | 版本 |\n|---|---|---|---|---|\n")
	} else {
		b.WriteString("| form | what it is | fields | stands in | versions |\n|---|---|---|---|---|\n")
	}
	for _, f := range lib.Forms() {
		doc := f.Doc.EN
		if zh {
			doc = f.Doc.ZH
		}
		var fields, versions []string
		for _, p := range f.Patterns {
			for _, field := range p.Fields() {
				if s := "`" + field.Name + "` " + string(field.Type); !slices.Contains(fields, s) {
					fields = append(fields, s)
				}
			}
			if p.Versions != "" && !slices.Contains(versions, p.Versions) {
				versions = append(versions, p.Versions)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s |\n", f.Name, doc, strings.Join(fields, ", "), strings.Join(f.In, "`, `"), strings.Join(versions, "; "))
	}
	return b.String()
}
