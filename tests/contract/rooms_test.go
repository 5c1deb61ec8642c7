package contract

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Newcomers find their way by the table of folders in CONTRIBUTING.md: it names every package of pkg/, and no other.
func TestContributingNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, cell := range strings.Split(cells[1], "`") {
			if strings.HasPrefix(cell, "pkg/") {
				named[cell] = true
			}
		}
	}
	err = filepath.WalkDir(filepath.Join(root, "pkg"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || d.Name() == "testdata" {
			return err
		}
		sources, err := filepath.Glob(filepath.Join(path, "*.go"))
		folder := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if len(sources) > 0 && folder != "pkg" && !named[folder] { // pkg itself is the program
			t.Errorf("CONTRIBUTING.md does not name %s", folder)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range named {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(folder))); err != nil {
			t.Errorf("CONTRIBUTING.md names %s: %v", folder, err)
		}
	}
}
