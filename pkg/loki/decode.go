package loki

import (
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"unsafe"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
)

// page is one answer of query_range. Lines may alias the bytes of the answer, which live as long as any of them.
type page struct {
	streams []pageStream
	// lines counts what came, equal ones each.
	lines int
	// bytes is the size of the answer, decompressed.
	bytes int64
	// first and last are the smallest and largest timestamp, in ns since 1970; 0 without lines.
	first, last int64
	// warnings say that the answer is not whole.
	warnings []string
	// limit is the page limit that Loki says it applied, and returned how many lines it says are in the answer; 0 when it
	// does not say.
	limit, returned int
	// full: the answer has as many lines as its limit allows. cut: lines may follow the last one, see Client.judge.
	full, cut bool
	// sifted are the lines that a sieve left out: counted in lines, first and last, and not in streams.
	sifted tally
}

// tally counts lines, and apart those of the first and the last instant.
type tally struct {
	lines           int
	first, last     int64 // in ns since 1970
	atFirst, atLast int
}

func (t *tally) add(ns int64) {
	if t.lines++; t.lines == 1 {
		t.first, t.last = ns, ns
	}
	switch {
	case ns < t.first:
		t.first, t.atFirst = ns, 0
	case ns > t.last:
		t.last, t.atLast = ns, 0
	}
	if ns == t.first {
		t.atFirst++
	}
	if ns == t.last {
		t.atLast++
	}
}

// at returns how many of the lines are of an instant, which is none between the first and the last.
func (t *tally) at(ns int64) int {
	switch {
	case t.lines == 0:
		return 0
	case ns == t.first:
		return t.atFirst
	case ns == t.last:
		return t.atLast
	}
	return 0
}

// pageStream holds the entries of one stream, in order of time.
type pageStream struct {
	stream  *logs.Stream
	entries []logproto.Entry
}

// decodePage reads an answer by the type it declares, whatever we asked for: a bare querier ignores the Accept
// header and sends JSON.
func (c *Client) decodePage(contentType string, body io.Reader, q pageQuery) (*page, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.TrimSpace(contentType)
	}
	var p *page
	switch kind {
	case protobufType:
		raw, err := readAll(body, c.buffer(q.size))
		if err != nil {
			return nil, err
		}
		// Strings may point into raw, because nothing writes to it again: the page owns it unless it is detached.
		if p, err = decodeProto(unsafe.String(unsafe.SliceData(raw), len(raw)), &c.streams, q.sieve); err != nil {
			return nil, err
		}
		if q.sieve != nil && p.detach(len(raw)/detachShare) {
			c.buffers.Put(&raw)
		}
	case jsonType:
		if p, err = decodeJSON(body, &c.streams, q.sieve); err != nil {
			return nil, err
		}
	default:
		start, err := io.ReadAll(io.LimitReader(body, 4*quoteMax))
		if err != nil {
			return nil, err
		}
		return nil, &Error{Kind: logs.KindNotLoki, Status: 200, Detail: quote(fmt.Sprintf("%s: %s", contentType, start)), Downstream: true}
	}
	p.finish()
	return p, nil
}

// buffer returns an empty buffer of at least a size, which rarely has to grow.
func (c *Client) buffer(size int) []byte {
	if used, ok := c.buffers.Get().(*[]byte); ok && cap(*used) >= size {
		return (*used)[:0]
	}
	return make([]byte, 0, max(size, 4<<10))
}

// readAll is io.ReadAll into a buffer.
func readAll(r io.Reader, buf []byte) ([]byte, error) {
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, len(buf))
		}
	}
}

// finish counts, joins what came in two pieces, makes sure of the order within a stream, and drops what came twice: the
// paging relies on all of it.
func (p *page) finish() {
	at := make(map[*logs.Stream]int, len(p.streams))
	joined := p.streams[:0]
	for _, s := range p.streams {
		if len(s.entries) == 0 {
			continue
		}
		if i, twice := at[s.stream]; twice {
			joined[i].entries = append(joined[i].entries[:len(joined[i].entries):len(joined[i].entries)], s.entries...)
			continue
		}
		at[s.stream] = len(joined)
		joined = append(joined, s)
	}
	p.streams = joined
	byTime := func(a, b logproto.Entry) int { return a.Timestamp.Compare(b.Timestamp) }
	for i, s := range p.streams {
		if !slices.IsSortedFunc(s.entries, byTime) {
			slices.SortStableFunc(s.entries, byTime)
		}
		first, last := s.entries[0].Timestamp.UnixNano(), s.entries[len(s.entries)-1].Timestamp.UnixNano()
		if i == 0 || first < p.first {
			p.first = first
		}
		if i == 0 || last > p.last {
			p.last = last
		}
		p.lines += len(s.entries)
		p.streams[i].entries = distinct(s.entries)
	}
	if t := p.sifted; t.lines > 0 {
		if p.lines == 0 || t.first < p.first {
			p.first = t.first
		}
		if p.lines == 0 || t.last > p.last {
			p.last = t.last
		}
		p.lines += t.lines
	}
}

// detachShare is up to which part of an answer's bytes, one in this many, its entries are copied out of it.
const detachShare = 8

// detach copies what the page has out of the answer's bytes when that is at most so many bytes. A page of few hits
// then does not keep megabytes alive while it waits for its turn.
func (p *page) detach(most int) bool {
	for _, s := range p.streams {
		for i := range s.entries {
			if most -= s.entries[i].Size(); most < 0 {
				return false
			}
		}
	}
	for _, s := range p.streams {
		for i := range s.entries {
			e := &s.entries[i]
			e.Line = strings.Clone(e.Line)
			for _, list := range [][]logproto.LabelAdapter{e.StructuredMetadata, e.Parsed} {
				for i := range list {
					list[i].Name, list[i].Value = strings.Clone(list[i].Name), strings.Clone(list[i].Value)
				}
			}
		}
	}
	for i := range p.warnings {
		p.warnings[i] = strings.Clone(p.warnings[i])
	}
	return true
}
