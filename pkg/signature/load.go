package signature

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxFile bounds one YAML text, in bytes.
const MaxFile = 1 << 20

// Further limits on one text; custom signatures are typed in by users and must not exhaust the plugin.
const (
	maxDocuments = 200
	maxRegex     = 1000 // bytes
	// maxPrograms bounds the expressions of a text, in instructions; the shipped catalogue has 10,000.
	maxPrograms = 100_000
	// maxKeys bounds the keys of one mapping, and maxProblems what is told of a text: one of three bytes a document has
	// hundreds of thousands.
	maxKeys     = 200
	maxProblems = 1000
)

// Parse reads the signatures of one YAML text, several documents separated by `---`. The error joins a Problem
// for everything that is wrong, with line and column. Signatures that are whole are returned beside the error.
func Parse(file string, data []byte) ([]*Signature, error) {
	lib, err := Shipped()
	if err != nil {
		return nil, err
	}
	return lib.Parse(file, data)
}

// Parse is Parse with the forms and terms of a library.
func (lib *Library) Parse(file string, data []byte) ([]*Signature, error) {
	if len(data) > MaxFile {
		return nil, &Problem{File: file, What: tooLarge, Args: []any{len(data), MaxFile}}
	}
	var out []*Signature
	var errs []error
	programs := 0
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for documents := 0; ; documents++ {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			errs = append(errs, &Problem{File: file, Line: lineOf(err), Column: 1, What: notYAML, Args: []any{strings.TrimPrefix(err.Error(), "yaml: ")}})
			break
		}
		if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
			continue
		}
		if documents >= maxDocuments {
			errs = append(errs, &Problem{File: file, Line: doc.Line, Column: doc.Column, What: tooMany, Args: []any{maxDocuments}})
			break
		}
		// Counted before anything is compiled, and in expressions that turn out to be wrong, too.
		if programs += programsIn(doc.Content[0]); programs > maxPrograms {
			errs = append(errs, &Problem{File: file, Line: doc.Line, Column: doc.Column, What: hugeText, Args: []any{maxPrograms}})
			break
		}
		sig, err := decode(lib, file, doc.Content[0])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, sig)
	}
	return out, bounded(file, errors.Join(errs...))
}

// bounded keeps the first problems of an error.
func bounded(file string, err error) error {
	problems := Problems(err)
	if len(problems) <= maxProblems {
		return err
	}
	var errs []error
	for _, p := range problems[:maxProblems] {
		errs = append(errs, p)
	}
	return errors.Join(append(errs, &Problem{File: file, What: moreProblems, Args: []any{len(problems) - maxProblems}})...)
}

// Locate gives problems of a text that have a path of keys, but no line, their place in it.
func Locate(problems []*Problem, data []byte) {
	byID := map[string]*yaml.Node{}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			break // the end, or what Parse has told of
		}
		if len(doc.Content) == 0 {
			continue
		}
		// Of two documents with one id the second is the one that is refused.
		if id := child(doc.Content[0], "id"); id != nil {
			byID[id.Value] = doc.Content[0]
		}
	}
	for _, p := range problems {
		if root := byID[p.ID]; root != nil && p.ID != "" {
			_ = p.at(nodeAt(root, p.Path))
		}
	}
}

func decode(lib *Library, file string, node *yaml.Node) (*Signature, error) {
	sig := &Signature{File: file, forms: lib.Forms}
	var problems []*Problem
	if err := unfit(node); err != nil {
		problems = append(problems, err)
	} else {
		problems = append(problems, unknownKeys(node, reflect.TypeOf(*sig))...)
		if err := node.Decode(sig); err != nil {
			problems = append(problems, decodeProblems(node, err)...)
		} else {
			problems = append(problems, sig.complete(lib, node)...)
			if text, err := yaml.Marshal(node); err == nil {
				sig.hash = sha256.Sum256(text)
			}
		}
	}
	if len(problems) > 0 {
		return nil, joined(file, sig.ID, problems)
	}
	return sig, nil
}

// unfit refuses anchors and aliases, of which a few can expand to gigabytes, and mappings so long that yaml.v3's
// search for duplicate keys, which compares each with each, takes minutes.
func unfit(node *yaml.Node) *Problem {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return wrong(hasAlias).at(node)
	}
	if node.Kind == yaml.MappingNode && len(node.Content) > 2*maxKeys {
		return wrong(manyKeys, len(node.Content)/2, maxKeys).at(node)
	}
	for _, child := range node.Content {
		if p := unfit(child); p != nil {
			return p
		}
	}
	return nil
}

// unknownKeys finds mapping keys that the type has no field for. yaml.v3's KnownFields gives no columns.
func unknownKeys(node *yaml.Node, t reflect.Type) []*Problem {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
		return nil
	}
	var out []*Problem
	switch t.Kind() {
	case reflect.Pointer:
		return unknownKeys(node, t.Elem())
	case reflect.Slice:
		for _, child := range node.Content {
			out = append(out, unknownKeys(child, t.Elem())...)
		}
	case reflect.Map:
		for i := 1; i < len(node.Content); i += 2 {
			out = append(out, unknownKeys(node.Content[i], t.Elem())...)
		}
	case reflect.Struct:
		if node.Kind != yaml.MappingNode {
			return []*Problem{wrong(notMapping).at(node)}
		}
		fields := map[string]reflect.Type{}
		known := keysOf(t, fields)
		seen := map[string]bool{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			ft, ok := fields[key.Value]
			switch {
			case !ok:
				out = append(out, wrong(unknownKey, key.Value, strings.Join(known, ", ")).at(key))
				continue
			case seen[key.Value]:
				out = append(out, wrong(keyTwice, key.Value).at(key))
			}
			seen[key.Value] = true
			out = append(out, unknownKeys(value, ft)...)
		}
	}
	return out
}

// keysOf lists the keys of a mapping that a struct is decoded from, those of inlined structs in their place.
func keysOf(t reflect.Type, types map[string]reflect.Type) []string {
	var known []string
	for i := range t.NumField() {
		switch tag := t.Field(i).Tag.Get("yaml"); tag {
		case "", "-":
		case ",inline":
			known = append(known, keysOf(t.Field(i).Type, types)...)
		default:
			types[tag] = t.Field(i).Type
			known = append(known, tag)
		}
	}
	return known
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

func decodeProblems(node *yaml.Node, err error) []*Problem {
	var p *Problem
	if errors.As(err, &p) {
		return []*Problem{p}
	}
	var out []*Problem
	for _, m := range yamlLine.FindAllStringSubmatch(err.Error(), -1) {
		line := 0
		_, _ = fmt.Sscanf(m[1], "%d", &line)
		out = append(out, &Problem{Line: line, Column: 1, What: wrongValue, Args: []any{m[2]}})
	}
	if len(out) == 0 {
		out = append(out, wrong(wrongValue, err).at(node))
	}
	return out
}

func lineOf(err error) int {
	line := 0
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		_, _ = fmt.Sscanf(m[1], "%d", &line)
	}
	return line
}
