package loki

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// pageQuery asks for the first limit lines of [start, end), in ns since 1970.
type pageQuery struct {
	expression expression
	start, end int64
	limit      int
	// size is the expected size of the answer in bytes, 0 if unknown.
	size int
	// sieve leaves out lines that nobody wants; nil leaves out none.
	sieve logs.Sieve
}

// fetch asks for one page, oldest lines first. Start is inclusive and end exclusive, to the nanosecond
// (pkg/chunkenc/memchunk.go). There is no step: Loki checks it against 11,000 points even for logs.
func (c *Client) fetch(ctx context.Context, m *meter, q pageQuery) (*page, error) {
	var p *page
	err := c.do(ctx, m, call{
		method: http.MethodPost, path: pathQueryRange, accept: protobufType,
		form: url.Values{
			"query":     {q.expression.String()},
			"start":     {strconv.FormatInt(q.start, 10)},
			"end":       {strconv.FormatInt(q.end, 10)},
			"limit":     {strconv.Itoa(q.limit)},
			"direction": {"forward"},
		},
		decode: func(contentType string, body io.Reader) (err error) {
			counted := &countingReader{from: body}
			if p, err = c.decodePage(contentType, counted, q); err != nil {
				return err
			}
			p.bytes = counted.read
			return p.check(q)
		},
	})
	if err != nil {
		return nil, err
	}
	c.judge(p, q)
	return p, nil
}

// judge finds out whether lines may follow the last one of a page. A page shorter than its limit is the end only if the
// server would have sent more: a gateway that lowers the limit, or a store that sends ten lines whatever it is asked for,
// loses lines without a word. Loki's protobuf answer names the limit that it applied and the lines that it sent. Without
// that, a server that has sent longer answers can; else the page may be cut.
func (c *Client) judge(p *page, q pageQuery) {
	limit := q.limit
	if p.limit > 0 && p.limit < limit {
		limit = p.limit
		c.limits.learn(&Error{MaxEntries: limit})
	}
	longest := c.longest.Load()
	for int64(p.lines) > longest && !c.longest.CompareAndSwap(longest, int64(p.lines)) {
		longest = c.longest.Load()
	}
	p.full = p.lines >= limit
	told := p.limit == q.limit && p.returned == p.lines
	p.cut = p.full || p.lines > 0 && !told && int64(p.lines) >= longest
}

// check refuses an answer with lines outside the window: paging on would lose or repeat lines.
func (p *page) check(q pageQuery) error {
	if p.lines > 0 && (p.first < q.start || p.last >= q.end) {
		return fmt.Errorf("lines at %s to %s in the answer, asked for [%s, %s)",
			stamp(p.first), stamp(p.last), stamp(q.start), stamp(q.end))
	}
	return nil
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

type countingReader struct {
	from io.Reader
	read int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.read += int64(n)
	return n, err
}
