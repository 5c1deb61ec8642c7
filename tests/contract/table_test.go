// Package contract holds docs/contract.md against everything that it promises to: the Go code, the TypeScript code,
// the catalogue, the provisioning samples and the dashboards. A message says which side has what.
package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// read returns a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// table is a table of contract.md: rows in order, each a cell per column.
type table struct {
	section string
	columns []string
	rows    [][]string
}

// section returns the first table below a heading of contract.md.
func section(t *testing.T, heading string) table {
	t.Helper()
	lines := strings.Split(read(t, "docs/contract.md"), "\n")
	start := slices.IndexFunc(lines, func(l string) bool { return strings.TrimLeft(l, "#") == " "+heading })
	if start < 0 {
		t.Fatalf("docs/contract.md has no heading %q", heading)
	}
	out := table{section: heading}
	for _, l := range lines[start+1:] {
		switch {
		case strings.HasPrefix(l, "|"):
			cells := splitRow(l)
			switch {
			case out.columns == nil:
				out.columns = cells
			case strings.Trim(l, "|-: ") == "":
			case len(cells) != len(out.columns):
				t.Fatalf("docs/contract.md, %s: %d cells instead of %d: %s", heading, len(cells), len(out.columns), l)
			default:
				out.rows = append(out.rows, cells)
			}
		case out.columns != nil, strings.HasPrefix(l, "#"):
			if out.columns == nil {
				t.Fatalf("docs/contract.md, %s: no table", heading)
			}
			return out
		}
	}
	return out
}

// splitRow cuts a row into cells. `\|` is a bar in a cell.
func splitRow(line string) []string {
	line = strings.ReplaceAll(strings.Trim(strings.TrimSpace(line), "|"), `\|`, "\x00")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "\x00", "|")
	}
	return cells
}

// cell returns what a column has in a row.
func (t table) cell(row []string, column string) string {
	return row[slices.Index(t.columns, column)]
}

// names lists the first column without its backticks.
func (t table) names() []string {
	out := make([]string, len(t.rows))
	for i, row := range t.rows {
		out[i] = strings.Trim(row[0], "`")
	}
	return out
}

// row returns the row whose first column is a name, nil if there is none.
func (t table) row(name string) []string {
	for _, row := range t.rows {
		if strings.Trim(row[0], "`") == name {
			return row
		}
	}
	return nil
}

var code = regexp.MustCompile("`([^`]+)`")

// codes lists what stands in backticks.
func codes(cell string) []string {
	out := []string{}
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// sameNames reports what only one of two sides has. Order does not matter.
func sameNames(t *testing.T, contract string, documented []string, side string, has []string) {
	t.Helper()
	for _, name := range documented {
		if !slices.Contains(has, name) {
			t.Errorf("docs/contract.md, %s, has `%s`; %s has not", contract, name, side)
		}
	}
	for _, name := range has {
		if !slices.Contains(documented, name) {
			t.Errorf("%s has `%s`; docs/contract.md, %s, has not", side, name, contract)
		}
	}
}

// sameValue reports a difference of one value.
func sameValue(t *testing.T, contract, documented, side, has string) {
	t.Helper()
	if documented != has {
		t.Errorf("docs/contract.md, %s, says %q; %s says %q", contract, documented, side, has)
	}
}
