package loki

import (
	"slices"
	"strings"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// seen are the entries at one instant that were yielded already. The next page starts at that instant again, because a
// page may end in the middle of it, and the order among equal timestamps changes from request to request. They are kept by
// the key of their stream, which is looked up once per page: with 100,000 labels it has megabytes.
type seen map[string]entries

type entries map[entryKey]bool

// entryKey is what makes two entries of one instant the same. Loki itself drops such a second one
// (pkg/iter/entry_iterator.go fillBuffer); an ingester's replica, a cache or another store may send it.
type entryKey struct{ line, labels string }

func keyOf(e *logproto.Entry) entryKey {
	k := entryKey{line: e.Line}
	if len(e.StructuredMetadata)+len(e.Parsed) > 0 {
		var b strings.Builder
		for _, list := range [][]logproto.LabelAdapter{e.StructuredMetadata, e.Parsed} {
			for _, l := range list {
				b.WriteString(l.Name)
				b.WriteByte(0xff)
				b.WriteString(l.Value)
				b.WriteByte(0xfe)
			}
			b.WriteByte(0xfd)
		}
		k.labels = b.String()
	}
	return k
}

// without returns the page's streams without the entries at instant that were seen. It reuses the page's memory.
func (s seen) without(p *page, instant int64) []pageStream {
	if len(s) == 0 {
		return p.streams
	}
	out := p.streams[:0]
	for _, stream := range p.streams {
		fresh, known := stream.entries[:0], s[stream.stream.Key]
		for i := range stream.entries {
			e := &stream.entries[i]
			if e.Timestamp.UnixNano() != instant || !known[keyOf(e)] {
				fresh = append(fresh, *e)
			}
		}
		if len(fresh) > 0 {
			out = append(out, pageStream{stream: stream.stream, entries: fresh})
		}
	}
	return out
}

// add notes the entries at instant.
func (s seen) add(streams []pageStream, instant int64) {
	for _, stream := range streams {
		known := s[stream.stream.Key]
		// Entries are in order of time, so the last instant is at the end.
		for i := len(stream.entries) - 1; i >= 0 && stream.entries[i].Timestamp.UnixNano() >= instant; i-- {
			if known == nil {
				known = entries{}
				s[stream.stream.Key] = known
			}
			known[keyOf(&stream.entries[i])] = true
		}
	}
}

// fewTies is up to how many entries of one instant are compared with each other.
const fewTies = 8

// distinct drops the entries of one stream, in order of time, that equal another. It reuses their memory.
func distinct(all []logproto.Entry) []logproto.Entry {
	out := all[:0]
	from := 0 // where the instant of the last entry begins in out
	var ties entries
	for i := range all {
		e := &all[i]
		if len(out) == 0 || !out[from].Timestamp.Equal(e.Timestamp) {
			from, ties = len(out), nil
		}
		same := out[from:]
		if len(same) < fewTies {
			if slices.ContainsFunc(same, func(s logproto.Entry) bool { return sameEntry(&s, e) }) {
				continue
			}
		} else {
			if ties == nil {
				ties = entries{}
				for j := range same {
					ties[keyOf(&same[j])] = true
				}
			}
			k := keyOf(e)
			if ties[k] {
				continue
			}
			ties[k] = true
		}
		out = append(out, *e)
	}
	return out
}

func sameEntry(a, b *logproto.Entry) bool {
	return a.Line == b.Line && slices.Equal(a.StructuredMetadata, b.StructuredMetadata) && slices.Equal(a.Parsed, b.Parsed)
}
