package loki

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	jsoniter "github.com/json-iterator/go"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// answer5000 is an answer as a busy Loki gives it: 5,000 lines of 178 bytes in 50 streams, with two metadata labels.
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

// BenchmarkDecode5000 measures an answer of 5,000 lines. With the sieve of the shipped signatures the lines, which are
// healthy, are searched and counted; a line with a hit in ten or in each shows what hits cost.
func BenchmarkDecode5000(b *testing.B) {
	set, err := catalogue.Set()
	if err != nil {
		b.Fatal(err)
	}
	sieve := match.New(set).Sieve(signature.Nodeman)
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
	page := func(kind string, raw []byte, sieve logs.Sieve) func() (int, error) {
		return func() (int, error) {
			p, err := c.decodePage(kind, bytes.NewReader(raw), pageQuery{size: len(raw) + 512, sieve: sieve})
			if err != nil {
				return 0, err
			}
			return p.lines, nil
		}
	}
	run("protobuf, sieve", proto, page(protobufType, proto, sieve))
	run("protobuf, sieve, a hit in ten lines", proto, page(protobufType, protoAnswer(withHits(10)), sieve))
	run("protobuf, sieve, hits only", proto, page(protobufType, protoAnswer(withHits(1)), sieve))
	run("protobuf, every line", proto, page(protobufType, proto, nil))
	run("protowire walk only", proto, func() (int, error) { return walk(proto, 0), nil })
	run("logproto unmarshal", proto, func() (int, error) {
		streams, _ := reference(proto)
		n := 0
		for _, s := range streams {
			n += len(s.Entries)
		}
		return n, nil
	})
	run("json, sieve", json, page(jsonType, json, sieve))
	run("json, every line", json, page(jsonType, json, nil))
	run("jsoniter reader", json, func() (int, error) { return jsoniterReader(json) })
}

// withHits is answer5000 with a literal of the catalogue in one line of every so many.
func withHits(every int) []logproto.Stream {
	streams := answer5000()
	for _, s := range streams {
		for i := 0; i < len(s.Entries); i += every {
			s.Entries[i].Line = "curl: (6) Could not resolve host" + s.Entries[i].Line[32:]
		}
	}
	return streams
}

// jsoniterReader reads streams the way Grafana's Loki data source does: an iterator over the answer that fills a
// column each of times, lines and labels.
func jsoniterReader(raw []byte) (int, error) {
	var times []time.Time
	var lines []string
	var labels []map[string]string
	read := func(it *jsoniter.Iterator) map[string]string {
		out := map[string]string{}
		for key := it.ReadObject(); key != ""; key = it.ReadObject() {
			out[key] = it.ReadString()
		}
		return out
	}
	entry := func(it *jsoniter.Iterator, stream map[string]string) {
		it.ReadArray()
		ns, err := strconv.ParseInt(it.ReadString(), 10, 64)
		if err != nil {
			it.ReportError("time", err.Error())
		}
		it.ReadArray()
		times, lines = append(times, time.Unix(0, ns).UTC()), append(lines, it.ReadString())
		all := maps.Clone(stream)
		for it.ReadArray() {
			for key := it.ReadObject(); key != ""; key = it.ReadObject() {
				if it.WhatIsNext() == jsoniter.ObjectValue {
					maps.Copy(all, read(it))
				} else {
					it.Skip()
				}
			}
		}
		labels = append(labels, all)
	}
	it := jsoniter.ParseBytes(jsoniter.ConfigDefault, raw)
	for key := it.ReadObject(); key != ""; key = it.ReadObject() {
		if key != "data" {
			it.Skip()
			continue
		}
		for key := it.ReadObject(); key != ""; key = it.ReadObject() {
			if key != "result" {
				it.Skip()
				continue
			}
			for it.ReadArray() {
				var stream map[string]string
				for key := it.ReadObject(); key != ""; key = it.ReadObject() {
					switch key {
					case "stream":
						stream = read(it)
					case "values":
						for it.ReadArray() {
							entry(it, stream)
						}
					default:
						it.Skip()
					}
				}
			}
		}
	}
	if it.Error != nil && !errors.Is(it.Error, io.EOF) {
		return 0, it.Error
	}
	return len(times), nil
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
