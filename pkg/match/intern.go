package match

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// maxInterned bounds what an Interner remembers; past it the memory starts afresh, and what was given out stays valid.
const maxInterned = 20_000

// Interner makes equal findings one, equal kinds, and the equal captures of different kinds: a failure that goes on says
// the same again and again, in many streams, and a hundred thousand hits must fit. It is not safe for concurrent use.
type Interner struct {
	findings map[string]*Finding
	kinds    map[kindKey]numbered
	captures map[string]*captured
	// What a call works with.
	names     []string
	text, key []byte
}

// numbered is a kind with its number among those of an Interner.
type numbered struct {
	*Kind
	number int
}

// captured are captures as the first hit that had them gave them.
type captured struct{ values map[string]string }

// kindKey is all that a Kind says.
type kindKey struct {
	signature   *signature.Signature
	term        *signature.Term
	role        Role
	alternative int
	captures    *captured
	attrs       event.Attrs
	level       event.Level
	stance      event.Stance
	complete    bool
	message     string
	stream      *logs.Stream
	onHost      bool
}

// Finding returns what hits of one line, at least one, in a stream are together, the same for equal ones. clean changes
// captures that are new before anybody sees them.
func (in *Interner) Finding(hits []Hit, stream *logs.Stream, onHost bool, clean func(captures map[string]string)) *Finding {
	if in.kinds == nil || len(in.kinds) >= maxInterned {
		in.findings, in.kinds, in.captures = map[string]*Finding{}, map[kindKey]numbered{}, map[string]*captured{}
	}
	kinds := make([]*Kind, len(hits))
	in.key = in.key[:0]
	for i, hit := range hits {
		kind := in.kind(hit, stream, onHost, clean)
		kinds[i] = kind.Kind
		in.key = binary.AppendUvarint(in.key, uint64(kind.number)) //nolint:gosec // a count
	}
	f := in.findings[string(in.key)]
	if f == nil {
		f = &Finding{kinds}
		in.findings[string(in.key)] = f
	}
	return f
}

// kind returns the kind of a hit in a stream, the same for equal ones.
func (in *Interner) kind(hit Hit, stream *logs.Stream, onHost bool, clean func(captures map[string]string)) numbered {
	captures := in.known(hit.Captures, clean)
	key := kindKey{
		hit.Signature, hit.Term, hit.Role, hit.Alternative, captures, hit.Attrs, hit.Level, hit.Stance, hit.Complete, hit.Message, stream, onHost,
	}
	known, ok := in.kinds[key]
	if !ok {
		hit.Captures = captures.values
		known = numbered{&Kind{Hit: hit, Stream: stream, OnHost: onHost}, len(in.kinds)}
		in.kinds[key] = known
	}
	return known
}

// known returns equal captures. Their text is one that different ones never have in common: neither a name nor a
// length has a NUL.
func (in *Interner) known(captures map[string]string, clean func(map[string]string)) *captured {
	in.names, in.text = in.names[:0], in.text[:0]
	for name := range captures {
		in.names = append(in.names, name)
	}
	slices.Sort(in.names)
	for _, name := range in.names {
		in.text = append(append(in.text, name...), 0)
		in.text = append(strconv.AppendInt(in.text, int64(len(captures[name])), 10), 0)
		in.text = append(in.text, captures[name]...)
	}
	c := in.captures[string(in.text)]
	if c == nil {
		c = &captured{captures}
		in.captures[string(in.text)] = c
		clean(captures)
	}
	return c
}
