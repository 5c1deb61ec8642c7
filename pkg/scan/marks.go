package scan

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

// MarkLabel is the stream label by which a collector says of a line whether a signature could want it: the revision of
// the literals that it knows, behind Unwanted where none of them is in the line.
const (
	MarkLabel = "bkincidents"
	Unwanted  = "no-"
)

// parts are the streams of a selector that are read apart from each other, by further matchers. Of a marked selector:
// lines that are marked as wanted by the literals that we know, and the streams that are marked by other literals or by
// none. What is left out are lines of which a collector that knows our literals says that they have none of them.
func (s *Scanner) parts(sel Selector) [][]logs.Matcher {
	if !sel.Marked {
		return [][]logs.Matcher{nil}
	}
	mark := s.sought[sel.Source].Revision
	return [][]logs.Matcher{
		{{Name: MarkLabel, Op: logs.Equal, Value: mark}},
		{{Name: MarkLabel, Op: logs.NotRegexp, Value: mark + "|" + Unwanted + mark}},
	}
}

// byOtherMarks tells the matcher of the streams that are marked by other literals or by none: once all collectors mark,
// there are none.
func byOtherMarks(m logs.Matcher) bool { return m.Name == MarkLabel && m.Op == logs.NotRegexp }

// readParts reads the parts of a selector side by side. A part that failed leaves what the others found.
func (r *run) readParts(ctx context.Context, sel Selector, matchers []logs.Matcher, read func(context.Context, []logs.Matcher) ([]match.Line, *logs.Coverage, error)) ([]match.Line, *logs.Coverage, error) {
	type answer struct {
		found    []match.Line
		coverage *logs.Coverage
		err      error
	}
	parts := r.Scanner.parts(sel)
	answers := make([]answer, len(parts))
	var g errgroup.Group
	for i, more := range parts {
		g.Go(func() error {
			_, err := logs.Guarded(func() (struct{}, error) {
				a := &answers[i]
				a.found, a.coverage, a.err = read(ctx, append(append([]logs.Matcher{}, matchers...), more...))
				return struct{}{}, nil
			})
			if err != nil {
				answers[i].err = err
			}
			return answers[i].err
		})
	}
	err := g.Wait()
	out := answers[0]
	for _, a := range answers[1:] {
		out.found = append(out.found, a.found...)
		switch {
		case out.coverage == nil:
			out.coverage = a.coverage
		case a.coverage != nil:
			out.coverage.Merge(a.coverage)
		}
	}
	return out.found, out.coverage, err
}

// streams are those of marked selectors without their marks: a stream is the same whether its lines are marked, and by
// which literals. It is safe for concurrent use.
type streams struct {
	mu    sync.Mutex
	plain map[string]*logs.Stream
}

// mostPlain bounds what is remembered.
const mostPlain = 20_000

func (s *streams) unmarked(stream *logs.Stream) *logs.Stream {
	if _, marked := stream.Labels[MarkLabel]; !marked {
		return stream
	}
	labels := stream.Labels.Clone()
	delete(labels, MarkLabel)
	key := labels.String()
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.plain[key]; known != nil {
		return known
	}
	if s.plain == nil || len(s.plain) >= mostPlain {
		s.plain = map[string]*logs.Stream{}
	}
	out := &logs.Stream{Key: key, Labels: labels}
	s.plain[key] = out
	return out
}
