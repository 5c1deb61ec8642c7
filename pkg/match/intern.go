package match

import (
	"slices"
	"strconv"
)

// maxInterned bounds what an Interner remembers; past it the memory starts afresh, and what was given out stays valid.
const maxInterned = 20_000

// Interner makes equal captures and attributes one value: a failure that goes on says the same again and again, and a
// hundred thousand hits must fit. It is not safe for concurrent use.
type Interner struct {
	captures map[string]map[string]string
	attrs    map[Attrs]Attrs
	names    []string
	key      []byte
}

// Hit replaces the captures and attributes of a hit by equal ones that other hits have. They must not be changed.
func (in *Interner) Hit(h *Hit) {
	h.Captures = in.Captures(h.Captures)
	if known, ok := in.attrs[h.Attrs]; ok {
		h.Attrs = known
		return
	}
	if in.attrs == nil || len(in.attrs) >= maxInterned {
		in.attrs = map[Attrs]Attrs{}
	}
	in.attrs[h.Attrs] = h.Attrs
}

// Captures returns captures equal to these, the same for equal ones.
func (in *Interner) Captures(captures map[string]string) map[string]string {
	in.names, in.key = in.names[:0], in.key[:0]
	for name := range captures {
		in.names = append(in.names, name)
	}
	slices.Sort(in.names)
	for _, name := range in.names {
		// Neither a name nor a length has a NUL, so that different captures never have one key.
		in.key = append(append(in.key, name...), 0)
		in.key = append(strconv.AppendInt(in.key, int64(len(captures[name])), 10), 0)
		in.key = append(in.key, captures[name]...)
	}
	if known, ok := in.captures[string(in.key)]; ok {
		return known
	}
	if in.captures == nil || len(in.captures) >= maxInterned {
		in.captures = map[string]map[string]string{}
	}
	in.captures[string(in.key)] = captures
	return captures
}
