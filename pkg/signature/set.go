package signature

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/source"
)

// Set is an immutable collection of signatures with unique ids, in order of id.
type Set struct {
	all      []*Signature
	byID     map[string]*Signature
	revision string
}

// NewSet builds a set. A duplicate id is an error that names both places, because the second would shadow the first.
func NewSet(sigs ...*Signature) (*Set, error) {
	s := &Set{byID: make(map[string]*Signature, len(sigs))}
	var errs []error
	for _, sig := range sigs {
		if first, ok := s.byID[sig.ID]; ok {
			errs = append(errs, &Problem{File: sig.File, ID: sig.ID, Path: "id", What: duplicateID, Args: []any{first.File}})
			continue
		}
		s.byID[sig.ID] = sig
		s.all = append(s.all, sig)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	slices.SortFunc(s.all, func(a, b *Signature) int { return strings.Compare(a.ID, b.ID) })
	h := sha256.New()
	for _, sig := range s.all {
		fmt.Fprintf(h, "%s %x\n", sig.ID, sig.hash)
	}
	s.revision = hex.EncodeToString(h.Sum(nil))[:12]
	return s, nil
}

// WithCauses returns a signature, which need not be of the set, and those of the set that it names as its causes.
func (s *Set) WithCauses(sig *Signature) []*Signature {
	out := []*Signature{sig}
	for _, rel := range sig.Cause {
		if cause, ok := s.Get(rel.Signature); ok && cause.ID != sig.ID && !slices.Contains(out, cause) {
			out = append(out, cause)
		}
	}
	return out
}

// LoadFS reads every *.yaml under root of a file system.
func LoadFS(fsys fs.ReadDirFS, root string) ([]*Signature, error) {
	var out []*Signature
	var errs []error
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := fsys.ReadDir(dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("read signatures: %w", err))
			return
		}
		for _, e := range entries {
			name := e.Name()
			if dir != "." {
				name = dir + "/" + name
			}
			switch {
			case e.IsDir():
				walk(name)
			case strings.HasPrefix(e.Name(), "_"): // forms and shared terms are those of the release
			case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
				data, err := fs.ReadFile(fsys, name)
				if err != nil {
					errs = append(errs, fmt.Errorf("read signatures: %w", err))
					continue
				}
				sigs, err := Parse(name, data)
				if err != nil {
					errs = append(errs, err)
				}
				out = append(out, sigs...)
			}
		}
	}
	walk(root)
	return out, errors.Join(errs...)
}

// All returns the signatures in order of id.
func (s *Set) All() []*Signature { return s.all }

// Get returns the signature with an id.
func (s *Set) Get(id string) (*Signature, bool) {
	sig, ok := s.byID[id]
	return sig, ok
}

// Forms are those that the signatures were read with; nil when there are no signatures.
func (s *Set) Forms() *form.Library {
	if len(s.all) == 0 {
		return nil
	}
	return s.all[0].Forms()
}

// Sources lists the known sources, then those that only its signatures name.
func (s *Set) Sources() []Source {
	all := Sources()
	for _, sig := range s.all {
		all = append(all, sig.Sources()...)
	}
	return source.Sort(all)
}

// Revision changes whenever anything in a signature does; it keys caches of matches.
func (s *Set) Revision() string { return s.revision }
