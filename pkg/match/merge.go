package match

import "maps"

// merger merges what adjacent lines say. Lines of equal kinds merge into one kind.
type merger struct {
	kinds  map[pair]*Kind
	intern Interner
}

// pair names a merge: what is added to what, with its attributes or without.
type pair struct {
	into, from *Kind
	attrs      bool
}

// match returns a match with what only the other says.
func (g *merger) match(m, other *Match, attrs bool) *Match {
	key := pair{m.Kind, other.Kind, attrs}
	kind := g.kinds[key]
	if kind == nil {
		kind = m.Kind
		hit := m.Hit
		captures, more := withMissing(m.Captures, other.Captures)
		if attrs {
			hit.Attrs, hit.Complete = m.Attrs.Or(other.Attrs), true
		}
		if more || hit.Attrs != m.Attrs || hit.Complete != m.Complete {
			hit.Captures = captures
			kind = g.intern.Finding([]Hit{hit}, m.Stream, m.OnHost, func(map[string]string) {}).Kinds[0]
		}
		g.kinds[key] = kind
	}
	if kind == m.Kind {
		return m
	}
	changed := *m
	changed.Kind = kind
	return &changed
}

// withMissing returns captures with what only the other has, and whether that is any. It copies: captures are shared.
func withMissing(captures, other map[string]string) (map[string]string, bool) {
	var out map[string]string
	for k, v := range other {
		if _, ok := captures[k]; ok {
			continue
		}
		if out == nil {
			out = maps.Clone(captures)
		}
		out[k] = v
	}
	if out == nil {
		return captures, false
	}
	return out, true
}
