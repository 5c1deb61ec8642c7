package main

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/signature"
)

// windowSize is how many lines of input around a line are looked at for its neighbours. It bounds memory on inputs
// of any length; signatures look a few lines far, the rest is room for interleaved streams.
const windowSize = 4096

// answer is what is written for one line of input.
type answer struct {
	ID      json.RawMessage `json:"id"`
	Matches []found         `json:"matches"`
}

type found struct {
	Signature string            `json:"signature"`
	Captures  map[string]string `json:"captures"`
}

// window answers lines in their order, each when all lines are known that can be its neighbours.
type window struct {
	matcher *match.Matcher
	out     *json.Encoder
	// items are up to windowSize lines that were answered, kept as neighbours, and those that wait.
	items    []*item
	answered int
	total    int
	// streams counts the lines of every named stream that is in the window.
	streams map[string]*place
	// run is a stretch of input without a stream and of one source.
	run       int
	runSource signature.Source
}

// item is one line of input.
type item struct {
	id   json.RawMessage
	hits []*match.Match
}

// place is the position in a named stream, and when the stream was last seen.
type place struct{ seq, seen int }

func newWindow(m *match.Matcher, w io.Writer) *window {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return &window{matcher: m, out: out, streams: map[string]*place{}}
}

// interrupt says that something unknown stood in the input: lines without a stream before it and after it are not adjacent.
func (w *window) interrupt() { w.runSource = "" }

// add takes a line and answers those that are ready.
func (w *window) add(in input) error {
	key, seq := w.position(in)
	it := &item{id: in.ID}
	for _, hit := range w.matcher.Line(in.Source, *in.Line) {
		it.hits = append(it.hits, &match.Match{Kind: &match.Kind{Hit: hit, Stream: &logs.Stream{Key: key}}, Entry: &match.Entry{Seq: seq}})
	}
	w.items = append(w.items, it)
	w.total++
	if len(w.items)-w.answered < 2*windowSize {
		return nil
	}
	if err := w.answer(len(w.items) - windowSize); err != nil {
		return err
	}
	w.forget()
	return nil
}

// position says where a line stands: lines of one key are adjacent when their positions are.
func (w *window) position(in input) (string, int) {
	if in.Stream == nil || *in.Stream == "" {
		if w.runSource != in.Source {
			w.run, w.runSource = w.run+1, in.Source
		}
		return string(in.Source) + "\x00run " + strconv.Itoa(w.run), w.total
	}
	w.interrupt()
	key := string(in.Source) + "\x00stream " + *in.Stream
	p := w.streams[key]
	if p == nil {
		p = &place{}
		w.streams[key] = p
	}
	p.seq++
	p.seen = w.total
	return key, p.seq
}

// flush answers all lines that wait.
func (w *window) flush() error { return w.answer(len(w.items)) }

// answer writes the answers of the lines before upTo.
func (w *window) answer(upTo int) error {
	type at struct {
		key string
		seq int
	}
	var all []*match.Match
	owner := map[at]int{}
	for i, it := range w.items {
		for _, m := range it.hits {
			owner[at{m.Stream.Key, m.Seq}] = i
			all = append(all, m)
		}
	}
	matches := make([][]found, len(w.items))
	for _, m := range match.Join(all, true) {
		if !m.Fails() {
			continue
		}
		i := owner[at{m.Stream.Key, m.Seq}]
		matches[i] = addFound(matches[i], m)
	}
	for i := w.answered; i < upTo; i++ {
		a := answer{ID: w.items[i].id, Matches: matches[i]}
		if a.Matches == nil {
			a.Matches = []found{}
		}
		if err := w.out.Encode(a); err != nil {
			return err
		}
	}
	w.answered = upTo
	return nil
}

// addFound adds a match; one signature is found once in a line, with the captures of all its terms.
func addFound(list []found, m *match.Match) []found {
	captures := make(map[string]string, len(m.Captures))
	for name, value := range m.Captures {
		captures[name] = redact.Text(value)
	}
	for i := range list {
		if list[i].Signature == m.Signature.ID {
			for name, value := range captures {
				if _, ok := list[i].Captures[name]; !ok {
					list[i].Captures[name] = value
				}
			}
			return list
		}
	}
	return append(list, found{Signature: m.Signature.ID, Captures: captures})
}

// forget drops lines and streams that can be nobody's neighbours any more.
func (w *window) forget() {
	drop := w.answered - windowSize
	if drop <= 0 {
		return
	}
	w.items = append(w.items[:0:0], w.items[drop:]...)
	w.answered -= drop
	oldest := w.total - len(w.items)
	for key, p := range w.streams {
		if p.seen < oldest {
			delete(w.streams, key)
		}
	}
}
