package loki

import (
	"maps"
	"strings"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// seen is the multiset of the entries at one instant that were yielded already. The next page starts at that
// instant again, because a page may end in the middle of it, and the order among equal timestamps changes from
// request to request (facts: pkg/iter/entry_iterator.go).
type seen map[entryKey]int

// entryKey is what makes two entries of one instant the same: Loki itself drops such a second one.
type entryKey struct{ stream, line, labels string }

func keyOf(stream string, e *logproto.Entry) entryKey {
	k := entryKey{stream: stream, line: e.Line}
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

// without returns the page's streams without the entries at instant that were seen, each as often as it was seen,
// and what of the multiset is left over. It reuses the page's memory.
func (s seen) without(p *page, instant int64) ([]pageStream, seen) {
	if len(s) == 0 {
		return p.streams, s
	}
	left := maps.Clone(s)
	out := p.streams[:0]
	for _, stream := range p.streams {
		fresh := stream.entries[:0]
		for i := range stream.entries {
			e := &stream.entries[i]
			if e.Timestamp.UnixNano() == instant {
				if k := keyOf(stream.stream.Key, e); left[k] > 0 {
					left[k]--
					continue
				}
			}
			fresh = append(fresh, *e)
		}
		if len(fresh) > 0 {
			out = append(out, pageStream{stream: stream.stream, entries: fresh})
		}
	}
	return out, left
}

// seenAt collects the entries at instant.
func seenAt(streams []pageStream, instant int64) seen {
	s := seen{}
	for _, stream := range streams {
		// Entries are in order of time, so the last instant is at the end.
		for i := len(stream.entries) - 1; i >= 0 && stream.entries[i].Timestamp.UnixNano() >= instant; i-- {
			s[keyOf(stream.stream.Key, &stream.entries[i])]++
		}
	}
	return s
}
