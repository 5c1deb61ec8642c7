package contract

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func loadCatalogue(t *testing.T) *signature.Set {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// catalogueRow is the row of contract.md for a signature.
func catalogueRow(s *signature.Signature) string {
	ticked := func(list []string) string { return "`" + strings.Join(list, "`, `") + "`" }
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", ticked([]string{s.ID}), ticked(s.Key), s.Severity, s.Class, ticked(strs(s.Sources())))
}

var update = flag.Bool("update", false, "write what the catalogue and the sources say into docs/contract.md and src/types.ts")

func TestCatalogue(t *testing.T) {
	if *update {
		writeCatalogue(t)
	}
	doc := section(t, "Catalogue")
	for _, s := range loadCatalogue(t).All() {
		want := catalogueRow(s)
		if row := doc.row(s.ID); row == nil {
			t.Errorf("the catalogue has %s; docs/contract.md, Catalogue, has not. Its row is\n%s", s.ID, want)
		} else if have := "| " + strings.Join(row, " | ") + " |"; have != want {
			t.Errorf("docs/contract.md, Catalogue, has\n%s\nthe catalogue has\n%s", have, want)
		}
	}
	for _, id := range doc.names() {
		if _, ok := loadCatalogue(t).Get(id); !ok {
			t.Errorf("docs/contract.md, Catalogue, has %s; the catalogue has not", id)
		}
	}
}

// writeCatalogue replaces the rows of the table.
func writeCatalogue(t *testing.T) {
	t.Helper()
	const head = "\n|---|---|---|---|---|\n"
	text := read(t, "docs/contract.md")
	before, table, found := strings.Cut(text, "\n## Catalogue\n")
	intro, _, hasTable := strings.Cut(table, head)
	_, after, ends := strings.Cut(table, "\n\n## ")
	if !found || !hasTable || !ends {
		t.Fatal("docs/contract.md has no table of the catalogue")
	}
	var rows []string
	for _, s := range loadCatalogue(t).All() {
		rows = append(rows, catalogueRow(s))
	}
	text = before + "\n## Catalogue\n" + intro + head + strings.Join(rows, "\n") + "\n\n## " + after
	if err := os.WriteFile(filepath.Join(root, "docs", "contract.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// signatureKeys lists the keys of the signature format as paths, with the contract's names for their types.
func signatureKeys(t reflect.Type, prefix string, into map[string]string) {
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("yaml")
		switch tag {
		case "", "-":
			continue
		case ",inline":
			signatureKeys(t.Field(i).Type, prefix, into)
			continue
		}
		key, kind := prefix+tag, t.Field(i).Type
		into[key] = formatType(kind)
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
			switch kind.Kind() {
			case reflect.Slice:
				key += "[]"
			case reflect.Map:
				key += ".<name>"
			}
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct && scalar(kind) == "" && tag != "against" { // against is like for
			signatureKeys(kind, key+".", into)
		}
	}
}

// scalar names the types that are written as one YAML value although they are structs in Go.
func scalar(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[signature.Text]():
		return "text"
	case reflect.TypeFor[signature.Template]():
		return "template"
	case reflect.TypeFor[signature.Condition]():
		return "condition"
	case reflect.TypeFor[signature.Pattern]():
		return "pattern"
	case reflect.TypeFor[signature.Where]():
		return "where"
	case reflect.TypeFor[signature.Duration]():
		return "duration"
	}
	return ""
}

func formatType(t reflect.Type) string {
	if name := scalar(t); name != "" {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return formatType(t.Elem())
	case reflect.Struct:
		return "map"
	}
	return typeName(t)
}

func TestSignatureKeys(t *testing.T) {
	format := map[string]string{}
	signatureKeys(reflect.TypeFor[signature.Signature](), "", format)
	doc := section(t, "Signature keys")
	sameNames(t, "Signature keys", doc.names(), "pkg/signature", keys(format))
	for _, row := range doc.rows {
		name := strings.Trim(row[0], "`")
		want, known := format[name]
		have := doc.cell(row, "type")
		if have == "offset" { // a duration since the start of a fixture, as text or as such
			want = strings.NewReplacer("duration", "offset", "string", "offset").Replace(want)
		}
		if known {
			sameValue(t, "Signature keys, type of `"+name+"`", have, "pkg/signature", want)
		}
	}
}
