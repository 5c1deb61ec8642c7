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
	lines   int
	// bytes is the size of the answer, decompressed.
	bytes int64
	// first and last are the smallest and largest timestamp, in ns since 1970; 0 without lines.
	first, last int64
	// warnings are Loki's remarks on the answer.
	warnings []string
}

// pageStream holds the entries of one stream, in order of time.
type pageStream struct {
	stream  *logs.Stream
	entries []logproto.Entry
}

// decodePage reads an answer by the type it declares, whatever we asked for: a bare querier ignores the Accept
// header and sends JSON. size is the expected size in bytes, 0 if unknown.
func (c *Client) decodePage(contentType string, body io.Reader, size int) (*page, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.TrimSpace(contentType)
	}
	var p *page
	switch kind {
	case protobufType:
		raw, err := readAll(body, size)
		if err != nil {
			return nil, err
		}
		// The page owns raw from here on and nothing writes to it again, so strings may point into it.
		if p, err = decodeProto(unsafe.String(unsafe.SliceData(raw), len(raw)), &c.streams); err != nil {
			return nil, err
		}
	case jsonType:
		if p, err = decodeJSON(body, &c.streams); err != nil {
			return nil, err
		}
	default:
		start, err := io.ReadAll(io.LimitReader(body, 4*quoteMax))
		if err != nil {
			return nil, err
		}
		return nil, &Error{Kind: KindNotLoki, Status: 200, Detail: quote(fmt.Sprintf("%s: %s", contentType, start)), Downstream: true}
	}
	p.finish()
	return p, nil
}

// readAll is io.ReadAll with a first buffer of the expected size, so that it rarely grows.
func readAll(r io.Reader, size int) ([]byte, error) {
	buf := make([]byte, 0, max(size, 4<<10))
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

// finish counts, joins what came in two pieces, and makes sure of the order within a stream: the paging relies
// on both.
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
	}
}
