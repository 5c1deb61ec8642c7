package signature

import (
	_ "embed"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/form"
)

// Library is what signatures share: forms with their sub-patterns, and terms.
type Library struct {
	Forms *form.Library
	Terms map[string]*Term
	// References are documents by id.
	References map[string]Reference
}

//go:embed catalogue/_forms.yaml
var shippedForms []byte

//go:embed catalogue/_terms.yaml
var shippedTerms []byte

//go:embed catalogue/_references.yaml
var shippedReferences []byte

// Shipped is the library of this release. All signatures are read with it.
var Shipped = sync.OnceValues(func() (*Library, error) {
	return ParseLibrary(shippedForms, shippedTerms, shippedReferences)
})

// formsFile, termsFile and referencesFile are the files of a library.
type formsFile struct {
	Patterns map[string]form.Sub   `yaml:"patterns"`
	Forms    map[string]*form.Form `yaml:"forms"`
}

type termsFile struct {
	Terms map[string]*Term `yaml:"terms"`
}

type referencesFile struct {
	References map[string]Reference `yaml:"references"`
}

// UnmarshalYAML reads a document, or the id of a shared one.
func (r *Reference) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		r.ID = node.Value
		return nil
	}
	type plain Reference
	return plainly(node, (*plain)(r))
}

// ParseLibrary reads forms, shared terms and shared references, strictly as signatures are.
func ParseLibrary(forms, terms, references []byte) (*Library, error) {
	var f formsFile
	root, err := strictly("_forms.yaml", forms, &f)
	if err != nil {
		return nil, err
	}
	compiled, problems := form.NewLibrary(f.Patterns, f.Forms)
	if problems != nil {
		var errs []error
		for _, p := range problems {
			at := wrong(wrongValue, p.Err).at(nodeAt(root, p.Path))
			at.File, at.ID = "_forms.yaml", p.Path
			errs = append(errs, at)
		}
		return nil, errors.Join(errs...)
	}
	lib := &Library{Forms: compiled, Terms: map[string]*Term{}}
	var t termsFile
	if root, err = strictly("_terms.yaml", terms, &t); err != nil {
		return nil, err
	}
	c := &checker{root: root}
	for _, name := range slices.Sorted(maps.Keys(t.Terms)) {
		term := t.Terms[name]
		if term == nil {
			c.at("terms", emptyTerm, name)
			continue
		}
		term.Name = name
		term.complete(c, lib, "terms."+name)
	}
	if len(c.problems) > 0 {
		return nil, joined("_terms.yaml", "", c.problems)
	}
	var r referencesFile
	if _, err = strictly("_references.yaml", references, &r); err != nil {
		return nil, err
	}
	for id, ref := range r.References {
		ref.ID = id
		r.References[id] = ref
	}
	lib.Terms, lib.References = t.Terms, r.References
	return lib, nil
}

// strictly decodes one document.
func strictly(file string, data []byte, into any) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, &Problem{File: file, Line: lineOf(err), Column: 1, What: notYAML, Args: []any{strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	if len(doc.Content) == 0 {
		return nil, &Problem{File: file, What: notMapping}
	}
	root := doc.Content[0]
	if p := unfit(root); p != nil {
		return nil, joined(file, "", []*Problem{p})
	}
	if problems := unknownKeys(root, reflect.TypeOf(into).Elem()); len(problems) > 0 {
		return nil, joined(file, "", problems)
	}
	if err := root.Decode(into); err != nil {
		return nil, joined(file, "", decodeProblems(root, err))
	}
	return root, nil
}

// joined is an error of problems of a file.
func joined(file, id string, problems []*Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		p.File = file
		if p.ID == "" {
			p.ID = id
		}
		errs[i] = p
	}
	return errors.Join(errs...)
}
