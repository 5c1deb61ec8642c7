package loki

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"
)

// flat is a page in a form that can be compared: entries by stream, in order.
func flat(p *page) map[string][]logproto.Entry {
	out := map[string][]logproto.Entry{}
	for _, s := range p.streams {
		for _, e := range s.entries {
			out[s.stream.Key] = append(out[s.stream.Key], normal(e))
		}
	}
	return out
}

// normal makes empty and missing lists the same.
func normal(e logproto.Entry) logproto.Entry {
	if len(e.StructuredMetadata) == 0 {
		e.StructuredMetadata = nil
	}
	if len(e.Parsed) == 0 {
		e.Parsed = nil
	}
	e.Timestamp = e.Timestamp.UTC()
	return e
}

func sample(r *rand.Rand, streams, entries int) []logproto.Stream {
	texts := []string{"", "plain", "quote \" back \\ slash", "<a href=\"x\">&</a>", "蓝鲸 \u2028", "tab\tnl\ncr\r", "\x1b[31m", "😀", "\x00", strings.Repeat("x", 300)}
	pairs := func(n int) []logproto.LabelAdapter {
		var out []logproto.LabelAdapter
		for i := range n {
			out = append(out, logproto.LabelAdapter{Name: fmt.Sprint("k", i), Value: texts[r.IntN(len(texts))]})
		}
		return out
	}
	var out []logproto.Stream
	for i := range streams {
		s := logproto.Stream{Labels: fmt.Sprintf(`{app="a\"b\\c蓝", pod="%d"}`, i), Hash: r.Uint64()}
		for j := range entries {
			s.Entries = append(s.Entries, logproto.Entry{
				Timestamp: time.Unix(1_700_000_000+int64(j), r.Int64N(1e9)).UTC(), Line: texts[r.IntN(len(texts))] + fmt.Sprint(j),
				StructuredMetadata: pairs(r.IntN(4)), Parsed: pairs(r.IntN(3)),
			})
		}
		out = append(out, s)
	}
	return out
}

func TestBothDecodersAgreeWithLogproto(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		streams := sample(r, r.IntN(5), r.IntN(20))
		want := map[string][]logproto.Entry{}
		for _, s := range streams {
			for _, e := range s.Entries {
				want[s.Labels] = append(want[s.Labels], normal(e))
			}
		}
		c := New(Options{URL: "http://x"})
		for kind, raw := range map[string][]byte{protobufType: protoAnswer(streams, "careful"), "application/json; charset=UTF-8": jsonAnswer(streams, true, "careful")} {
			p, err := c.decodePage(kind, bytes.NewReader(raw), pageQuery{size: r.IntN(3000)})
			if err != nil {
				t.Fatal(kind, err)
			}
			if got := flat(p); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s\ngot  %v\nwant %v", kind, got, want)
			}
			if !slices.Equal(p.warnings, []string{"careful"}) {
				t.Error(p.warnings)
			}
		}
	}
}

func TestJSONVariants(t *testing.T) {
	for _, c := range []struct{ name, in, line, meta string }{
		{"values before stream", `{"data":{"resultType":"streams","result":[{"values":[["1","x"]],"stream":{"a":"b"}}],"resultType":"streams"},"status":"success"}`, "x", "[]"},
		{"two elements", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x"]]}]}}`, "x", "[]"},
		{"escapes", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","\u003cx\u003e \ud83d\ude00 \"\\\/\b\f\n\r\t\u4e2d"]]}]}}`, "<x> 😀 \"\\/\b\f\n\r\t中", "[]"},
		{"metadata", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x",{"structuredMetadata":{"t":"1"},"parsed":{},"new":[1]}]]}]}}`, "x", "[{t 1}]"},
		{"null third element", `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x",null]]}]}}`, "x", "[]"},
		{"more elements and keys", `{"new":{"a":[1,2,{"b":null}]},"status":"success","warnings":null,"data":{"stats":{},"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x",{},7]],"new":1}]}}`, "x", "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := decodeJSON(strings.NewReader(c.in), &interner{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			e := p.streams[0].entries[0]
			if e.Line != c.line || fmt.Sprint(e.StructuredMetadata) != c.meta || e.Timestamp.UnixNano() != 1 || p.streams[0].stream.Key != `{a="b"}` {
				t.Fatalf("%q %v", e.Line, e)
			}
		})
	}
	for _, bad := range []string{``, `null`, `[]`, `"x"`, `{}`, `{"status":"success"}`, `{"status":"success","data":{}}`, `{"status":"success","data":{"resultType":"streams","result":{}}}`,
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":1},"values":[]}]}}`, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1"]]}]}}`,
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["x","y"]]}]}}`, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[[1,"y"]]}]}}`,
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","y"]`, `{"status":"success","data":{"resultType":"vector","result":[]}}`,
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["99999999999999999999","y"]]}]}}`} {
		if p, err := decodeJSON(strings.NewReader(bad), &interner{}, nil); err == nil {
			t.Errorf("%s: %+v", bad, p)
		}
	}
}

func TestProtobufErrors(t *testing.T) {
	good := protoAnswer(sample(rand.New(rand.NewPCG(1, 1)), 2, 3))
	for cut := range len(good) {
		if p, err := decodeProto(string(good[:cut]), &interner{}, nil); err == nil && cut > 2 && p.lines > 0 {
			t.Fatalf("cut at %d of %d is accepted", cut, len(good))
		}
	}
	wrap := func(number protowire.Number, raw []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), raw)
	}
	varint := func(number protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
	}
	data := func(kind string, raw []byte) []byte {
		return wrap(6, append(wrap(1, []byte("success")), wrap(2, append(wrap(1, []byte(kind)), raw...))...))
	}
	stream := func(raw []byte) []byte {
		return data("streams", wrap(2, append(wrap(1, []byte(`{a="b"}`)), raw...)))
	}
	if _, err := decodeProto(string(stream(nil)), &interner{}, nil); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"empty":             nil,
		"another response":  wrap(5, nil),
		"status":            append(wrap(1, append(varint(1, 13), wrap(2, []byte("boom"))...)), wrap(6, nil)...),
		"error text":        wrap(6, wrap(4, []byte("boom"))),
		"no status":         wrap(6, wrap(2, wrap(1, []byte("streams")))),
		"status error":      wrap(6, append(wrap(1, []byte("error")), wrap(2, wrap(1, []byte("streams")))...)),
		"no data":           wrap(6, wrap(1, []byte("success"))),
		"no result type":    data("", nil),
		"result type":       data("matrix", nil),
		"field 0":           {0, 0},
		"group":             {0x0b},
		"streams as varint": varint(6, 1),
		"stream as varint":  data("streams", varint(2, 1)),
		"labels":            data("streams", wrap(2, wrap(1, []byte("nonsense")))),
		"time as bytes":     stream(wrap(2, wrap(1, wrap(1, nil)))),
		"nanos too large":   stream(wrap(2, wrap(1, varint(2, 1_000_000_000)))),
		"year 9999":         stream(wrap(2, wrap(1, varint(1, 253402300799)))),
		"no time":           stream(wrap(2, wrap(2, []byte("x")))),
		"line as varint":    stream(wrap(2, varint(2, 1))),
		"label as varint":   stream(wrap(2, wrap(3, varint(1, 1)))),
		"long varint":       bytes.Repeat([]byte{0xff}, 11),
		"huge length":       {0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
	} {
		if p, err := decodeProto(string(raw), &interner{}, nil); err == nil {
			t.Errorf("%s: accepted as %+v", name, p)
		}
	}
	var e *Error
	if _, err := decodeProto(string(wrap(6, wrap(4, []byte("boom")))), &interner{}, nil); !errors.As(err, &e) || e.Detail != "boom" {
		t.Error(err)
	}
}

func TestPageIsOrderedAndJoined(t *testing.T) {
	at := func(ns ...int64) (out []logproto.Entry) {
		for _, n := range ns {
			out = append(out, logproto.Entry{Timestamp: time.Unix(0, n), Line: fmt.Sprint(n)})
		}
		return out
	}
	raw := protoAnswer([]logproto.Stream{{Labels: `{a="1"}`, Entries: at(5, 3)}, {Labels: `{a="2"}`, Entries: at(4)}, {Labels: `{ a = "1" }`, Entries: at(9, 1)}, {Labels: `{a="3"}`}})
	p, err := New(Options{URL: "http://x"}).decodePage(protobufType, bytes.NewReader(raw), pageQuery{})
	if err != nil || len(p.streams) != 2 || p.lines != 5 || p.first != 1 || p.last != 9 {
		t.Fatalf("%+v %v", p, err)
	}
	if lines := fmt.Sprint(p.streams[0].entries[0].Line, p.streams[0].entries[3].Line, p.streams[1].entries[0].Line); lines != "1 9 4" && lines != "194" {
		t.Error(lines)
	}
}

func TestStreamsAreSharedAcrossPages(t *testing.T) {
	c := New(Options{URL: "http://x"})
	streams := sample(rand.New(rand.NewPCG(1, 1)), 1, 1)
	a, _ := c.decodePage(protobufType, bytes.NewReader(protoAnswer(streams)), pageQuery{})
	b, _ := c.decodePage(jsonType, bytes.NewReader(jsonAnswer(streams, true)), pageQuery{})
	if a.streams[0].stream != b.streams[0].stream {
		t.Error("the same labels are two streams")
	}
	var in interner
	for i := range internerMax + 10 {
		if _, err := in.parse(fmt.Sprintf(`{a="%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(in.byKey) > internerMax || len(in.byText) > internerMax {
		t.Error("unbounded")
	}
}

// reference decodes an answer with protowire and logproto.Stream's own Unmarshal; ok is false when either refuses.
func reference(raw []byte) (out []logproto.Stream, ok bool) {
	walk := func(b []byte, each func(n protowire.Number, w protowire.Type, v []byte) bool) bool {
		for len(b) > 0 {
			n, w, size := protowire.ConsumeTag(b)
			if size < 0 {
				return false
			}
			b = b[size:]
			if size = protowire.ConsumeFieldValue(n, w, b); size < 0 {
				return false
			}
			v := b[:size]
			if w == protowire.BytesType {
				v, _ = protowire.ConsumeBytes(v)
			}
			if !each(n, w, v) {
				return false
			}
			b = b[size:]
		}
		return true
	}
	ok = walk(raw, func(n protowire.Number, w protowire.Type, v []byte) bool {
		return n != responseStreams || w == protowire.BytesType && walk(v, func(n protowire.Number, w protowire.Type, v []byte) bool {
			return n != lokiData || w == protowire.BytesType && walk(v, func(n protowire.Number, w protowire.Type, v []byte) bool {
				if n != dataStream {
					return true
				}
				var s logproto.Stream
				if w != protowire.BytesType || s.Unmarshal(v) != nil {
					return false
				}
				out = append(out, s)
				return true
			})
		})
	})
	return out, ok
}

// FuzzDecodeProto: no input panics, and what both our decoder and logproto's accept, they read the same.
func FuzzDecodeProto(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		f.Add(protoAnswer(sample(r, 2, 3), "w"))
	}
	f.Add([]byte{0x32, 2, 0x12, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := decodeProto(string(raw), &interner{}, nil)
		if err != nil {
			return
		}
		streams, ok := reference(raw)
		if !ok {
			return
		}
		want, got := []logproto.Entry{}, []logproto.Entry{}
		for _, s := range streams {
			for _, e := range s.Entries {
				want = append(want, normal(e))
			}
		}
		for _, s := range p.streams {
			for _, e := range s.entries {
				got = append(got, normal(e))
			}
		}
		if len(streams) != len(p.streams) || !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		p.finish()
	})
}

// FuzzDecodeJSON: no input panics, and what is accepted has lines with timestamps in order.
func FuzzDecodeJSON(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		f.Add(jsonAnswer(sample(r, 2, 3), r.IntN(2) == 0))
	}
	f.Add([]byte(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1","x",null]]}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := decodeJSON(bytes.NewReader(raw), &interner{}, nil)
		if err != nil {
			return
		}
		p.finish()
		n := 0
		for _, s := range p.streams {
			n += len(s.entries)
			if !slices.IsSortedFunc(s.entries, func(a, b logproto.Entry) int { return a.Timestamp.Compare(b.Timestamp) }) {
				t.Fatal("out of order")
			}
		}
		if n != p.lines {
			t.Fatal(n, p.lines)
		}
	})
}
