package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/blueking/incidents/pkg/signature"
)

// custom is the flag of commands that judge by further signatures beside the built-in ones.
type custom struct{ path string }

func (f *custom) declare(flags *flag.FlagSet) {
	flags.StringVar(&f.path, "signatures", "", "`path` of further signatures, a folder or a YAML file; a built-in id cannot be used again")
}

// set returns the built-in signatures and those of the flag.
func (f *custom) set() (*signature.Set, error) {
	if f.path == "" {
		return shipped()
	}
	ours, err := builtin()
	if err != nil {
		return nil, brokenCatalogue(err)
	}
	further, err := readSignatures(f.path)
	if err != nil {
		return nil, fmt.Errorf("--signatures: %w", err)
	}
	set, err := signature.NewSet(append(ours[:len(ours):len(ours)], further...)...)
	if err != nil {
		return nil, fmt.Errorf("--signatures: %w", err)
	}
	return set, nil
}

// readSignatures reads a file, or every *.yaml below a folder. Signatures and problems name their file by its path from
// here; the whole signatures are returned beside the error.
func readSignatures(path string) ([]*signature.Signature, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("%s does not exist: name a YAML file or a folder of them", path)
	}
	if err != nil {
		return nil, usagef("%s cannot be read", path)
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sigs, err := signature.Parse(path, data)
		if len(sigs) == 0 && err == nil {
			return nil, usagef("%s has no signatures", path)
		}
		return sigs, err
	}
	fsys, ok := os.DirFS(path).(fs.ReadDirFS)
	if !ok {
		return nil, errors.New("this system cannot list folders")
	}
	sigs, err := signature.LoadFS(fsys, ".")
	if len(sigs) == 0 && err == nil {
		return nil, usagef("%s has no *.yaml files", path)
	}
	for _, sig := range sigs {
		sig.File = filepath.Join(path, filepath.FromSlash(sig.File))
	}
	for _, p := range signature.Problems(err) {
		if p.File != "" {
			p.File = filepath.Join(path, filepath.FromSlash(p.File))
		}
	}
	return sigs, err
}
