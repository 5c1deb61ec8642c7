package signature

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Defaults of a term.
const (
	defaultContextWithin = Duration(time.Minute)
	defaultContextLines  = 1
	defaultQuiet         = Duration(30 * time.Minute)
)

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$`)

// checker collects problems of one signature; node gives them a place.
type checker struct {
	root     *yaml.Node
	problems []*Problem
}

// at reports a problem at a path of keys, or at the nearest parent that exists.
func (c *checker) at(path string, what Phrase, args ...any) {
	c.problems = append(c.problems, wrong(what, args...).at(nodeAt(c.root, path)))
}

// nodeAt returns the node at a path of keys, or its nearest parent that exists.
func nodeAt(node *yaml.Node, path string) *yaml.Node {
	for _, key := range strings.Split(path, ".") {
		next := child(node, key)
		if next == nil {
			break
		}
		node = next
	}
	return node
}

func child(node *yaml.Node, key string) *yaml.Node {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		i := 0
		if _, err := fmt.Sscanf(key, "%d", &i); err == nil && i < len(node.Content) {
			return node.Content[i]
		}
	}
	return nil
}

// complete fills in defaults, computes witnesses and checks what the rest of the program relies on.
func (s *Signature) complete(lib *Library, node *yaml.Node) []*Problem {
	c := &checker{root: node}
	s.checkHead(c)
	for i := range s.References {
		if r := &s.References[i]; r.URL == nil {
			shared, ok := lib.References[r.ID]
			if !ok {
				c.at(fmt.Sprintf("references.%d", i), noSharedDoc, r.ID)
			}
			*r = shared
		}
	}
	for name, term := range s.Terms {
		if term == nil {
			c.at("terms."+name, emptyTerm, name)
			return c.problems
		}
		term.Name = name
		term.complete(c, lib, "terms."+name)
	}
	s.checkDetect(c)
	s.checkRefs(c)
	s.checkSteps(c)
	if s.Resolve.Quiet == 0 {
		s.Resolve.Quiet = defaultQuiet
	}
	return c.problems
}

func (s *Signature) checkHead(c *checker) {
	if s.APIVersion != APIVersion {
		c.at("apiVersion", badVersion, s.APIVersion, APIVersion)
	}
	if !idPattern.MatchString(s.ID) || len(s.ID) > 60 {
		c.at("id", badID, s.ID)
	}
	if s.Revision < 1 {
		c.at("revision", badRevision)
	}
	if s.Family == "" {
		s.Family = s.ID
	}
	oneOf(c, "status", s.Status, Draft, Shadow, Active, Deprecated)
	oneOf(c, "severity", s.Severity, Severities()...)
	oneOf(c, "class", s.Class, Environment, Operation, Upstream, Unknown)
	if s.Title.ZH.IsZero() || s.Title.EN.IsZero() {
		c.at("title", needsBoth, "title")
	}
	if s.Summary.ZH.IsZero() || s.Summary.EN.IsZero() {
		c.at("summary", needsBoth, "summary")
	}
	if len(s.Terms) == 0 {
		c.at("terms", noTerms)
	}
}

func oneOf[T ~string](c *checker, path string, v T, known ...T) {
	if slices.Contains(known, v) {
		return
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if v == "" {
		c.at(path, missing, path, strings.Join(names, ", "))
		return
	}
	c.at(path, notOneOf, path, string(v), strings.Join(names, ", "))
}

func (s *Signature) checkDetect(c *checker) {
	d := &s.Detect
	forms := 0
	for _, set := range []bool{d.Term != "", len(d.Sequence) > 0, len(d.All) > 0, d.Absent != ""} {
		if set {
			forms++
		}
	}
	if forms != 1 {
		c.at("detect", detectForms)
		return
	}
	if d.AtLeast == 0 {
		d.AtLeast = 1
	}
	if d.Absent != "" && d.After == "" {
		c.at("detect", detectAfter)
		return
	}
	for _, name := range d.TermNames() {
		s.wantTerm(c, "detect", name)
	}
	if d.Within == 0 && (d.AtLeast > 1 || d.Term == "") {
		c.at("detect", detectWithin)
	}
	for _, r := range s.Resolve.On {
		s.wantTerm(c, "resolve", r.Term)
	}
	for _, r := range s.Refute {
		s.wantTerm(c, "refute", r.Term)
	}
}

func (s *Signature) wantTerm(c *checker, path, name string) {
	if _, ok := s.Terms[name]; !ok {
		c.at(path, noSuchTerm, name)
	}
}
