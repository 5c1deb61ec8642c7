package files

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
)

var _ scan.Source = (*Store)(nil)

// maxLine bounds a line in bytes; what is beyond is cut off, as collectors do.
const maxLine = 1 << 20

// Read implements scan.Source. It gives every line, whatever literals are asked for: the matcher's own filter finds
// them faster than a second pass would. A file whose times go back is given in its own order.
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
				at, stopped := f.first, false
				err := s.eachLine(ctx, f, func(line string) bool {
					if t, ok := Time(line, s.o.Location); ok {
						at = t
					}
					at = at.Add(f.pace)
					if at.Before(req.Start) || !at.Before(req.End) {
						return true
					}
					coverage.Lines++
					coverage.Bytes += int64(len(line))
					stopped = !yield(logs.Record{Stream: stream, Entry: logproto.Entry{Timestamp: at, Line: line}}, nil)
					return !stopped
				})
				if stopped {
					return
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

// eachLine calls do for every line of a file until it returns false.
func (s *Store) eachLine(ctx context.Context, f *file, do func(line string) bool) error {
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
	in := bufio.NewReaderSize(counted, 256<<10)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		in = bufio.NewReaderSize(unzip, 256<<10)
	}
	var long []byte
	for {
		text, err := in.ReadSlice('\n')
		long = long[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(long) < maxLine {
				long = append(long, text...)
			}
			text, err = in.ReadSlice('\n')
		}
		if len(long) > 0 {
			if len(long) < maxLine {
				long = append(long, text...)
			}
			text = long
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		if len(text) > 0 && !do(string(bytes.TrimSuffix(text, []byte("\n")))) {
			return nil
		}
		if err != nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// copy keeps what can be read only once in a temporary file.
func (f *file) copy(r io.Reader) error {
	spool, err := os.CreateTemp("", "bkincidents-stdin-")
	if err != nil {
		return err
	}
	f.spool = spool.Name()
	f.size, err = io.Copy(spool, r)
	return errors.Join(err, spool.Close())
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
