package loki

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
)

// letter is a sieve for lines with a letter.
type letter byte

func (l letter) Next(text string, from int) int {
	if i := strings.IndexByte(text[from:], byte(l)); i >= 0 {
		return from + i
	}
	return -1
}

func (l letter) wants(line string) bool { return strings.IndexByte(line, byte(l)) >= 0 }

// Property: with a sieve every line that it wants comes exactly once, whatever ties, page sizes and limits do, and the
// count of lines is that of all lines.
func TestReadWithASieveLosesNothingThatItWants(t *testing.T) {
	encodings(t, func(t *testing.T, json bool) {
		for seed := range seeds(80) {
			r := rand.New(rand.NewPCG(seed, 3))
			f := newFake(t, seed)
			f.json, f.maxEntries = json, 20+r.IntN(60)
			instants, share := 1+r.IntN(60), 1+r.IntN(12)
			for i := range r.IntN(900) {
				line := fmt.Sprintf("line %d of many", i)
				if r.IntN(share) == 0 {
					line += " x"
				}
				at := day.UnixNano() + int64(r.IntN(instants))*int64(time.Minute)
				f.add(fmt.Sprintf(`{app="a", pod="%d"}`, r.IntN(4)), at, line, "trace", fmt.Sprint("x", i))
			}
			end := day.Add(48 * time.Hour)
			req := request(day, end)
			req.Sieve = letter('x')
			g := read(t.Context(), f.client(Options{PageLimit: r.IntN(50)}), req)
			all := f.all(day, end)
			left := map[string]int{}
			for _, l := range all {
				left[l]++
			}
			for _, l := range g.lines {
				if left[l]--; left[l] < 0 {
					t.Fatalf("seed %d: %s came twice", seed, l)
				}
			}
			for l, n := range left {
				if n > 0 && strings.Contains(l, "many x") {
					t.Fatalf("seed %d: %s is missing", seed, l)
				}
			}
			if g.err != nil || g.cover.Lines != int64(len(all)) {
				t.Fatalf("seed %d: %d lines counted of %d, %v", seed, g.cover.Lines, len(all), g.err)
			}
			g.mustCover(t, logs.Window{Start: day, End: end, State: logs.Complete})
		}
	})
}

func TestLinesThatASieveLeavesOutCountForTheCap(t *testing.T) {
	f := newFake(t, 1)
	for i := range 5000 {
		f.add(`{app="a"}`, day.Add(time.Duration(i)*time.Second).UnixNano(), "healthy")
	}
	req := request(day, day.Add(24*time.Hour))
	req.Sieve, req.MaxLines = letter('x'), 700
	g := read(t.Context(), f.client(Options{PageLimit: 100}), req)
	if state, reason := g.cover.Worst(); state != logs.Capped || reason == "" || len(g.lines) > 0 || g.cover.Lines > 900 {
		t.Errorf("%d lines, %+v", len(g.lines), g.cover)
	}
}

// What few hits are kept of does not change when the memory of their answer is used again.
func TestHitsOutliveTheirAnswer(t *testing.T) {
	c := New(Options{URL: "http://x"})
	answer := func(text string) []byte {
		s := logproto.Stream{Labels: `{app="a"}`}
		for i := range 50 {
			s.Entries = append(s.Entries, logproto.Entry{Timestamp: time.Unix(1, int64(i)), Line: strings.Repeat(text, 20)})
		}
		s.Entries[7].Line += "x"
		s.Entries[7].StructuredMetadata = []logproto.LabelAdapter{{Name: "name" + text, Value: text}}
		return protoAnswer([]logproto.Stream{s}, "warning "+text)
	}
	first, second := answer("aaa"), answer("bbb")
	var pages []*page
	for _, raw := range [][]byte{first, second, second} {
		p, err := c.decodePage(protobufType, bytes.NewReader(raw), pageQuery{size: len(first) + 10, sieve: letter('x')})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	p := pages[0]
	e := p.streams[0].entries[0]
	if p.lines != 50 || len(p.streams[0].entries) != 1 || e.Line != strings.Repeat("aaa", 20)+"x" ||
		e.StructuredMetadata[0].Name != "nameaaa" || p.warnings[0] != "warning aaa" || p.first != 1e9 || p.last != 1e9+49 {
		t.Errorf("%+v", p)
	}
}

// sieved is what a sieve must leave of a page: its lines that the letter is in, in order.
func sieved(p *page, l letter) (entries []logproto.Entry) {
	for _, s := range p.streams {
		for _, e := range s.entries {
			if l.wants(e.Line) {
				entries = append(entries, normal(e))
			}
		}
	}
	return entries
}

// FuzzSieve: an answer read with a sieve has of the lines of one read without exactly those that the sieve wants, and
// the same count and bounds.
func FuzzSieve(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		f.Add(protoAnswer(sample(r, 3, 6), "w"), byte('x'))
		f.Add(jsonAnswer(sample(r, 3, 6), true), byte('a'))
	}
	f.Fuzz(func(t *testing.T, raw []byte, want byte) {
		c := New(Options{URL: "http://x"})
		for _, kind := range []string{protobufType, jsonType} {
			whole, err := c.decodePage(kind, bytes.NewReader(raw), pageQuery{})
			if err != nil {
				continue
			}
			some, err := c.decodePage(kind, bytes.NewReader(raw), pageQuery{sieve: letter(want)})
			if err != nil {
				t.Fatal(err)
			}
			var got []logproto.Entry
			for _, s := range some.streams {
				for _, e := range s.entries {
					got = append(got, normal(e))
				}
			}
			if expect := sieved(whole, letter(want)); !reflect.DeepEqual(got, expect) {
				t.Fatalf("got  %v\nwant %v", got, expect)
			}
			if some.lines != whole.lines || some.first != whole.first || some.last != whole.last {
				t.Fatalf("%d lines from %d to %d, want %d from %d to %d", some.lines, some.first, some.last, whole.lines, whole.first, whole.last)
			}
		}
	})
}
