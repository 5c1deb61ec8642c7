package signature

import (
	"fmt"
	"slices"
	"strings"
)

// builtins are values that every incident has besides its captures. cluster and host may be "".
var builtins = map[string]VarType{"cluster": Any, "host": Host}

// VarTypes returns the types of all captures of the terms that detection looks at, of derived values and builtins.
func (s *Signature) VarTypes() map[string]VarType {
	types := map[string]VarType{}
	for name, t := range builtins {
		types[name] = t
	}
	for _, name := range s.Detect.TermNames() {
		if term := s.Terms[name]; term != nil {
			for v, t := range term.Vars {
				types[v] = t
			}
		}
	}
	for name, refs := range s.Derive {
		if len(refs) > 0 {
			types[name] = TypeOf(refs[0], types)
		}
	}
	return types
}

// HasHostKey reports whether two hosts with the failure are two incidents.
func (s *Signature) HasHostKey() bool { return slices.Contains(s.Key, "host") }

// Uses reports whether detection, an end, a refutation or a hypothesis looks at a term.
func (s *Signature) Uses(term string) bool {
	named := s.Detect.TermNames()
	for _, r := range slices.Concat(s.Resolve.On, s.Refute) {
		named = append(named, r.Term)
	}
	for _, h := range s.Hypotheses {
		for _, w := range slices.Concat(h.For, h.Against) {
			named = append(named, w.Term)
		}
	}
	return slices.Contains(named, term)
}

func (s *Signature) known(ref Ref, types map[string]VarType) bool {
	name, p, dotted := strings.Cut(string(ref), ".")
	t, ok := types[name]
	if !ok || !dotted {
		return ok
	}
	return t == URL && slices.Contains([]string{"scheme", "host", "port", "path"}, p)
}

func (s *Signature) checkRefs(c *checker) {
	types := s.VarTypes()
	want := func(path string, refs ...Ref) {
		for _, ref := range refs {
			if !s.known(ref, types) {
				c.at(path, unbound, ref)
			}
		}
	}
	for name, refs := range s.Derive {
		want("derive."+name, refs...)
	}
	for i, k := range s.Key {
		want(fmt.Sprintf("key.%d", i), Ref(k))
	}
	if len(s.Key) == 0 {
		c.at("key", noKey)
	}
	want("detect", refsOf(s.Detect.Distinct)...)
	for lang, text := range map[string]Text{"title": s.Title, "summary": s.Summary, "impact": s.Impact} {
		want(lang, append(text.ZH.Refs(), text.EN.Refs()...)...)
	}
	for i, h := range s.Hypotheses {
		path := fmt.Sprintf("hypotheses.%d", i)
		want(path, append(h.Text.ZH.Refs(), h.Text.EN.Refs()...)...)
		if h.Next != nil {
			want(path, h.Next.Filter.Refs()...)
		}
		for _, w := range slices.Concat(h.For, h.Against) {
			if w.Term != "" {
				s.wantTerm(c, path, w.Term)
			}
			want(path, w.When.Refs()...)
		}
	}
	for i, step := range s.Remediation {
		path := fmt.Sprintf("remediation.%d", i)
		want(path, step.When.Refs()...)
		want(path, step.Command.Refs()...)
		want(path, append(step.Text.ZH.Refs(), step.Text.EN.Refs()...)...)
		want(path, append(step.Verify.ZH.Refs(), step.Verify.EN.Refs()...)...)
	}
}

func refsOf(ref Ref) []Ref {
	if ref == "" {
		return nil
	}
	return []Ref{ref}
}

func (s *Signature) checkSteps(c *checker) {
	references := map[string]bool{}
	for _, r := range s.References {
		references[r.ID] = true
	}
	hypotheses := make([]string, len(s.Hypotheses))
	for i := range s.Hypotheses {
		hypotheses[i] = s.Hypotheses[i].ID
	}
	for i, reach := range s.Reaches {
		oneOf(c, fmt.Sprintf("reaches.%d", i), reach, Worker, ExecutionLog, HostFile, Pod)
	}
	for i, step := range s.Remediation {
		path := fmt.Sprintf("remediation.%d", i)
		oneOf(c, path+".risk", step.Risk, ReadOnly, Change, Destructive)
		if step.Text.ZH.IsZero() || step.Text.EN.IsZero() {
			c.at(path, stepText)
		}
		if step.Reference != "" && !references[step.Reference] {
			c.at(path+".reference", noSuchDoc, step.Reference)
		}
		for _, v := range step.Versions {
			oneOf(c, path+".versions", v, "7.0", "7.1", "7.2", "7.3")
		}
		for _, id := range step.For {
			oneOf(c, path+".for", id, hypotheses...)
		}
	}
	for i, r := range s.References {
		for version, link := range r.URL {
			if !strings.HasPrefix(link, "https://") {
				c.at(fmt.Sprintf("references.%d", i), linkNotSecure, version)
			}
		}
	}
}
