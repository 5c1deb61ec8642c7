package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// ErrNotCollected tells of a stream that no configured source has.
var ErrNotCollected = errors.New("no configured source has a stream with these labels: check the stream selectors")

// Surroundings are the lines of one stream beside an instant, whatever they say.
type Surroundings struct {
	Source signature.Source
	Labels model.LabelSet
	// Lines are in order of time, without secrets.
	Lines []logproto.Entry
	// Partial says why some may be missing, "" when none is.
	Partial string
	// Executed is what was asked of the store.
	Executed string
}

// Beside says which lines of [Start, End) are wanted: the Last ones, or the first.
type Beside struct {
	Labels     model.LabelSet
	Start, End time.Time
	Last       bool
	// Lines is how many are wanted.
	Lines int
}

const (
	// firstBeside is how much time is read first to find the last lines before an instant.
	firstBeside = time.Minute
	// leastBeside is the shortest time that is read where lines are many.
	leastBeside = 10 * time.Millisecond
	// mostBeside caps the lines of one read.
	mostBeside = 2000
)

// Beside reads lines of one stream. Streams that no source of the settings has are not read: who may ask for incidents
// may not therefore ask for everything that the store has.
func (s *Scanner) Beside(ctx context.Context, b Beside) (*Surroundings, error) {
	sel, err := s.Covering(b.Labels)
	if err != nil {
		return nil, err
	}
	req := logs.Request{Selector: sel.Selector, Start: b.Start, End: b.End, MaxLines: max(mostBeside, b.Lines)}
	for name, value := range b.Labels {
		req.Matchers = append(req.Matchers, logs.Matcher{Name: string(name), Op: logs.Equal, Value: string(value)})
	}
	slices.SortFunc(req.Matchers, func(x, y logs.Matcher) int { return strings.Compare(x.Name, y.Name) })
	out := &Surroundings{Source: sel.Source, Labels: b.Labels, Executed: s.source.Describe(req)}
	if !b.Last {
		err = s.beside(ctx, req, b, out)
		if len(out.Lines) >= b.Lines {
			out.Partial = "" // more lines than were wanted are none that are missing
		}
		return out, err
	}
	// A store reads forward: the last lines are those of a span before the instant that is neither too short nor too full.
	short, full := time.Duration(0), time.Duration(0) // the longest span with too few lines, the shortest with too many
	partial := ""                                     // why the span with too many lines is not complete
	for width := firstBeside; ; {
		req.Start = b.Start
		if from := b.End.Add(-width); from.After(b.Start) {
			req.Start = from
		}
		if err := s.beside(ctx, req, b, out); err != nil {
			return nil, err
		}
		fits := false
		switch {
		case out.Partial != "":
			full, partial = width, out.Partial
		case len(out.Lines) < b.Lines && req.Start.After(b.Start):
			short = width
		default:
			fits, partial = true, ""
		}
		if fits || full > 0 && full-short <= leastBeside {
			out.Lines, out.Partial = out.Lines[max(0, len(out.Lines)-b.Lines):], partial
			return out, nil
		}
		if width *= 8; full > 0 {
			width = (short + full) / 2
		}
	}
}

// Covering returns the first selector that has a stream, ErrNotCollected where none has.
func (s *Scanner) Covering(labels model.LabelSet) (Selector, error) {
	for _, sel := range s.o.Selectors {
		parsed, err := selector.Parse(sel.Selector)
		if err != nil {
			return Selector{}, fmt.Errorf("selector of %s: %w", sel.Source, err)
		}
		if parsed.Matches(labels) {
			return sel, nil
		}
	}
	return Selector{}, ErrNotCollected
}

// beside reads a request into out, and no further than the first lines that are wanted.
func (s *Scanner) beside(ctx context.Context, req logs.Request, b Beside, out *Surroundings) error {
	out.Lines, out.Partial = out.Lines[:0], ""
	records, coverage := s.source.Read(ctx, req)
	for rec, err := range records {
		if err != nil {
			return fmt.Errorf("read lines of %s: %w", out.Source, err)
		}
		if !b.Labels.Equal(rec.Stream.Labels) {
			continue // it has the labels, and more
		}
		out.Lines = append(out.Lines, logproto.Entry{Timestamp: rec.Entry.Timestamp, Line: redact.Text(shorten(rec.Entry.Line))})
		if !b.Last && len(out.Lines) == b.Lines {
			break
		}
	}
	if state, reason := coverage.Worst(); state != logs.Complete {
		out.Partial = reason
	}
	return nil
}
