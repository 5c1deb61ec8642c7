package lokiserver

import (
	"iter"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// fieldOverhead is the tag and length that protobuf puts before an embedded message, at most.
const fieldOverhead = 6

// split yields streams in parts whose encoded size stays at or below limit bytes, in order, cutting a stream between entries
// where it must. An entry that is larger by itself makes a part of its own: Loki's own limit shall judge it.
func split(streams []logproto.Stream, limit int) iter.Seq[[]logproto.Stream] {
	return func(yield func([]logproto.Stream) bool) {
		var part []logproto.Stream
		size := 0
		for _, stream := range streams {
			head := len(stream.Labels) + 2*fieldOverhead + 10 // 10: the stream's hash
			from := 0
			for i := range stream.Entries {
				entry := stream.Entries[i].Size() + fieldOverhead
				if from == i {
					entry += head
				}
				if size > 0 && size+entry > limit {
					part = appendEntries(part, stream, from, i)
					if !yield(part) {
						return
					}
					if from != i {
						entry += head
					}
					part, size, from = nil, 0, i
				}
				size += entry
			}
			part = appendEntries(part, stream, from, len(stream.Entries))
		}
		if len(part) > 0 {
			yield(part)
		}
	}
}

// appendEntries adds stream with its entries [from, to) to part, unless that is nothing.
func appendEntries(part []logproto.Stream, stream logproto.Stream, from, to int) []logproto.Stream {
	if from == to {
		return part
	}
	stream.Entries = stream.Entries[from:to]
	return append(part, stream)
}
