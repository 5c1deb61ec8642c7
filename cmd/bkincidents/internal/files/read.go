package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"
	"unsafe"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
)

var _ scan.Source = (*Store)(nil)

// maxLine bounds a line in bytes; what is beyond is cut off, as collectors do.
const maxLine = 1 << 20

// Read implements scan.Source. Of a file it gives the lines that the request's sieve finds, and every one without a
// sieve. A file whose times go back is given in its own order.
func (s *Store) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	coverage := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		window := logs.Window{Start: req.Start, End: req.End, State: logs.Complete}
		defer func() { coverage.Add(window) }()
		selected, err := memory.Select(req.Selector, req.Matchers)
		if err != nil {
			window.State, window.Reason = logs.Failed, err.Error()
			yield(logs.Record{}, err)
			return
		}
		for _, f := range s.files {
			for _, source := range f.sources {
				stream := f.streams[source]
				if !selected.Matches(stream.Labels) || f.last.Before(req.Start) || !f.first.Before(req.End) {
					continue
				}
				coverage.Requests++
				r := reading{file: f, req: req, loc: s.o.Location, stream: stream, at: f.first, coverage: coverage, yield: yield}
				err := s.eachBlock(ctx, f, r.block)
				if r.stopped {
					return
				}
				if err != nil && ctx.Err() == nil {
					err = fmt.Errorf("%s %s", f.path, reason(err))
				}
				if err != nil {
					window.State, window.Reason = logs.Failed, err.Error()
					yield(logs.Record{}, err)
					return
				}
			}
		}
	}, coverage
}

// Live implements scan.Source. Files are all there is: silence in them is silence of the source.
func (s *Store) Live(context.Context, logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{}, nil
}

// Describe implements scan.Source.
func (s *Store) Describe(req logs.Request) string { return memory.Describe(req) }

// eachLine calls do for every line of a file until it returns false. A line is valid during the call.
func (s *Store) eachLine(ctx context.Context, f *file, do func(line string) bool) error {
	return s.eachBlock(ctx, f, func(text string) bool {
		for text != "" {
			line, rest, _ := strings.Cut(text, "\n")
			if !do(line) {
				return false
			}
			text = rest
		}
		return true
	})
}

// eachBlock calls do for some whole lines of a file at a time until it returns false. They are valid during the call.
func (s *Store) eachBlock(ctx context.Context, f *file, do func(text string) bool) error {
	path := f.path
	if f.spool != "" {
		path = f.spool
	}
	raw, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	counted := &counter{r: raw, report: func(read int64) {
		if s.o.Progress != nil {
			s.o.Progress(f.path, read, f.size)
		}
	}}
	in, err := textOf(counted)
	if err != nil {
		return err
	}
	buf := make([]byte, maxLine+256<<10)
	held, skip := 0, false // bytes of a line that is not whole yet; the rest of a line that is too long
	for ctx.Err() == nil {
		n, err := in.Read(buf[held:])
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text := buf[:held+n]
		if skip {
			end := bytes.IndexByte(text, '\n')
			if end < 0 {
				end = len(text) - 1
			} else {
				skip = false
			}
			text = text[end+1:]
		}
		whole := bytes.LastIndexByte(text, '\n') + 1
		switch {
		case err != nil:
			whole = len(text)
		case whole == 0 && len(text) >= maxLine:
			whole, skip = maxLine, true
			text = text[:maxLine]
		}
		if whole > 0 && !do(unsafe.String(&text[0], whole)) {
			return nil
		}
		if err != nil {
			return f.whole(counted.read)
		}
		held = copy(buf, text[whole:])
	}
	return ctx.Err()
}

// reading gives the lines of one file to a caller of Read.
type reading struct {
	*file
	req      logs.Request
	loc      *time.Location
	stream   *logs.Stream
	coverage *logs.Coverage
	yield    func(logs.Record, error) bool
	// at is the time of the last line that had one, lines how many came before.
	at      time.Time
	lines   int64
	stopped bool
}

// block gives the lines of a text that the sieve finds. The time of a line that states none is that of the nearest
// line before it that does.
func (r *reading) block(text string) bool {
	r.coverage.Bytes += int64(len(text))
	for at := 0; at < len(text); {
		hit := at
		if r.req.Sieve != nil {
			if hit = r.req.Sieve.Next(text, at); hit < 0 {
				r.pass(text[at:])
				break
			}
		}
		start := at + strings.LastIndexByte(text[at:hit], '\n') + 1
		r.pass(text[at:start])
		line, _, _ := strings.Cut(text[start:], "\n")
		r.pass(text[start:min(start+len(line)+1, len(text))])
		if t := r.at.Add(r.pace * time.Duration(r.lines)); !t.Before(r.req.Start) && t.Before(r.req.End) {
			if !r.yield(logs.Record{Stream: r.stream, Entry: logproto.Entry{Timestamp: t, Line: line}}, nil) {
				r.stopped = true
				return false
			}
		}
		at = start + len(line) + 1
	}
	return true
}

// pass goes over lines: it counts them and finds the last time that they state.
func (r *reading) pass(text string) {
	n := int64(strings.Count(text, "\n"))
	if text != "" && text[len(text)-1] != '\n' {
		n++
	}
	r.lines += n
	r.coverage.Lines += n
	for text != "" && r.pace == 0 {
		text = strings.TrimSuffix(text, "\n")
		start := strings.LastIndexByte(text, '\n') + 1
		if t, ok := event.Time(text[start:], r.loc); ok {
			r.at = t
			return
		}
		text = text[:start]
	}
}

// whole returns an error when a file that was read to its end is shorter than at the first time: what is missing may have
// been a failure.
func (f *file) whole(bytes int64) error {
	if bytes < f.bytes.Load() {
		return &unreadError{"became shorter while it was read, as if it was rotated: run the command again, or copy the file first"}
	}
	f.bytes.Store(bytes) // parts of a range are read side by side
	return nil
}

// counter counts what is read.
type counter struct {
	r      io.Reader
	read   int64
	report func(int64)
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	c.report(c.read)
	return n, err
}
