package fuzz

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Target is a fuzz target and the folder of its package, with slashes and relative to the root.
type Target struct{ Folder, Name string }

func (t Target) String() string { return t.Folder + "." + t.Name }

var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// Targets lists the fuzz targets below root, in order of folder and file. Nested modules, node_modules and hidden
// folders are left out, as Go leaves them out.
func Targets(root string) ([]Target, error) {
	var out []Target
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skip(root, path, d.Name())
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, m := range declaration.FindAllSubmatch(text, -1) {
			out = append(out, Target{Folder: filepath.ToSlash(folder), Name: string(m[1])})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list fuzz targets: %w", err)
	}
	return out, nil
}

// skip tells which folders hold no packages of this module.
func skip(root, path, name string) error {
	if path == root {
		return nil
	}
	if name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}
