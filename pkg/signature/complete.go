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

// carrierVars are captures that come from the carrier of a message, not from a regex group.
var carrierVars = map[string]VarType{"host_ip": IP, "sub_inst_id": Int, "task_id": Ident, "step": Ident}

// CarrierVars lists the captures that come from the carrier of a message.
func CarrierVars() []string { return []string{"host_ip", "step", "sub_inst_id", "task_id"} }

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
func (s *Signature) complete(node *yaml.Node) []*Problem {
	c := &checker{root: node}
	s.checkHead(c)
	for name, term := range s.Terms {
		if term == nil {
			c.at("terms."+name, emptyTerm, name)
			return c.problems
		}
		term.Name = name
		term.complete(c, "terms."+name)
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

func (t *Term) complete(c *checker, path string) {
	if !slices.Contains(Sources(), t.Source) {
		c.at(path+".source", badSource, t.Source)
	}
	if len(t.AnyOf) == 0 {
		c.at(path, noAnyOf, t.Name)
	}
	groups := map[string]bool{}
	for i := range t.AnyOf {
		alt := &t.AnyOf[i]
		at := fmt.Sprintf("%s.any_of.%d", path, i)
		if alt.Regex.Regexp == nil {
			c.at(at, noRegex)
			continue
		}
		alt.Witness = checkedWitness(c, at, alt.Regex, alt.ShortLiteral)
		for _, name := range alt.Regex.SubexpNames() {
			groups[name] = true
		}
	}
	for i := range t.Context {
		t.Context[i].complete(c, fmt.Sprintf("%s.context.%d", path, i))
		if re := t.Context[i].Regex.Regexp; re != nil {
			for _, name := range re.SubexpNames() {
				groups[name] = true
			}
		}
	}
	if t.Levels == nil {
		t.Levels = []string{"warning", "error"}
	}
	for _, level := range t.Levels {
		if !slices.Contains([]string{"debug", "info", "warning", "error"}, level) {
			c.at(path+".levels", badLevel, level)
		}
	}
	for name := range groups {
		if _, ok := t.Vars[name]; !ok && name != "" {
			c.at(path, untyped, name)
		}
	}
	for name, kind := range t.Vars {
		if !slices.Contains([]VarType{Int, Ident, Host, IP, URL, Path, Any}, kind) {
			c.at(path+".vars."+name, badType, kind)
		}
		if carrier, ok := carrierVars[name]; ok && !groups[name] && carrier != kind {
			c.at(path+".vars."+name, carrierType, name, carrier)
		} else if !ok && !groups[name] {
			c.at(path+".vars."+name, notCaptured, name)
		}
	}
}

func (x *Context) complete(c *checker, path string) {
	if x.At != "before" && x.At != "after" {
		c.at(path+".at", badAt, x.At)
	}
	if x.Within == 0 {
		x.Within = defaultContextWithin
	}
	if x.Lines == 0 {
		x.Lines = defaultContextLines
	}
	if x.Role == "" {
		x.Role = Adds
	}
	oneOf(c, path+".role", x.Role, Adds, Requires, Excludes)
	if x.Regex.Regexp == nil {
		c.at(path, noContext)
		return
	}
	x.Witness = checkedWitness(c, path, x.Regex, "")
}

func checkedWitness(c *checker, path string, re Pattern, excuse string) []string {
	set := witnesses(re.String())
	least := 0
	for i, w := range set {
		if i == 0 || len(w) < least {
			least = len(w)
		}
	}
	switch {
	case set == nil:
		c.at(path+".regex", noLiteral)
	case least < MinShortWitness, least < MinWitness && excuse == "":
		c.at(path+".regex", shortLiteral, set, least, MinWitness, MinShortWitness)
	case len(set) > 16:
		c.at(path+".regex", manyLiterals, len(set))
	}
	return set
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
