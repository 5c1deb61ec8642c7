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

// addHit takes a hit in: one per term and role, with what each of its messages says.
func addHit(hits []Hit, hit Hit) []Hit {
	for i := range hits {
		h := &hits[i]
		if h.Term == hit.Term && h.Role == hit.Role && (h.Role != Neighbour || h.Alternative == hit.Alternative) {
			// The alternative that starts a match counts, not the one that continues it.
			if h.Role != Neighbour && h.Term.AnyOf[h.Alternative].Continues && !hit.Term.AnyOf[hit.Alternative].Continues {
				h.Alternative, h.Message = hit.Alternative, hit.Message
			}
			h.Complete = h.Complete || hit.Complete || h.Role != Neighbour && h.Alternative != hit.Alternative
			h.Captures, _ = withMissing(h.Captures, hit.Captures)
			h.Attrs = h.Attrs.Or(hit.Attrs)
			return hits
		}
	}
	return append(hits, hit)
}
