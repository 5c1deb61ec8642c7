package loki

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"
)

// answer5000 is the answer of facts/loki.md §1.2: 5,000 lines of 178 bytes in 50 streams, with two metadata labels.
func answer5000() []logproto.Stream {
	var streams []logproto.Stream
	for s := range 50 {
		stream := logproto.Stream{Labels: fmt.Sprintf(`{app="bench", cluster="c1", namespace="blueking", pod="pod-%02d"}`, s)}
		for i := range 100 {
			line := fmt.Sprintf("level=error msg=\"<request> failed\" n=%d %s", s*100+i, strings.Repeat("x", 178))[:178]
			stream.Entries = append(stream.Entries, logproto.Entry{
				Timestamp: time.Unix(1_700_000_000, int64(i*50+s)).UTC(), Line: line,
				StructuredMetadata: []logproto.LabelAdapter{{Name: "detected_level", Value: "error"}, {Name: "trace_id", Value: fmt.Sprintf("%032d", s*100+i)}},
			})
		}
		streams = append(streams, stream)
	}
	return streams
}

func BenchmarkDecode5000(b *testing.B) {
	proto, json := protoAnswer(answer5000()), jsonAnswer(answer5000(), true)
	c := New(Options{URL: "http://x"})
	run := func(name string, raw []byte, decode func() (int, error)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if n, err := decode(); err != nil || n != 5000 {
					b.Fatal(n, err)
				}
			}
		})
	}
	page := func(kind string, raw []byte) func() (int, error) {
		return func() (int, error) {
			p, err := c.decodePage(kind, bytes.NewReader(raw), len(raw)+512)
			if err != nil {
				return 0, err
			}
			return p.lines, nil
		}
	}
	run("protobuf", proto, page(protobufType, proto))
	run("json", json, page(jsonType, json))
	run("protowire walk only", proto, func() (int, error) { return walk(proto, 0), nil })
	run("logproto unmarshal", proto, func() (int, error) {
		streams, _ := reference(proto)
		n := 0
		for _, s := range streams {
			n += len(s.Entries)
		}
		return n, nil
	})
}

// walk visits every field down to the entries' own and counts entries: the least that any decoder has to do.
func walk(b []byte, depth int) (entries int) {
	path := []protowire.Number{responseStreams, lokiData, dataStream, streamEntry}
	for len(b) > 0 {
		number, wire, n := protowire.ConsumeTag(b)
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, wire, b)
		if wire == protowire.BytesType && depth <= len(path) {
			v, _ := protowire.ConsumeBytes(b)
			switch {
			case depth == len(path) && number != entryLine, depth < len(path) && number == path[depth]:
				entries += walk(v, depth+1)
				if depth == len(path)-1 {
					entries++
				}
			}
		}
		b = b[size:]
	}
	return entries
}
