// Package memory is a log store over lines that are already in memory. Fixtures are judged through it, and the
// built-in samples are read through it, so that both pass the same pipeline as a Loki.
package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// Stream is one log stream with its lines in order of time.
type Stream struct {
	Stream  *logs.Stream
	Entries []logproto.Entry
}

// NewStream returns a stream with a label set; entries are brought into order of time, those of one instant keep
// their order.
func NewStream(labels model.LabelSet, entries []logproto.Entry) Stream {
	slices.SortStableFunc(entries, func(a, b logproto.Entry) int { return a.Timestamp.Compare(b.Timestamp) })
	return Stream{Stream: &logs.Stream{Key: labels.String(), Labels: labels}, Entries: entries}
}

// Store is a log store over streams. It is immutable and safe for concurrent use.
type Store struct {
	streams []Stream
}

// New returns a store over streams.
func New(streams ...Stream) *Store { return &Store{streams: streams} }

// Read yields the lines of a request, stream by stream.
func (s *Store) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	coverage := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		selected, err := Select(req.Selector, req.Matchers)
		if err != nil {
			coverage.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Failed, Reason: err.Error()})
			yield(logs.Record{}, err)
			return
		}
		Yield(ctx, s.selected(selected), req, coverage, yield)
	}, coverage
}

// Live answers Known=false: lines in memory are all there are, so silence among them is silence of the source.
func (s *Store) Live(context.Context, logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{}, nil
}

// Describe writes a request as LogQL would.
func (s *Store) Describe(req logs.Request) string { return Describe(req) }

func (s *Store) selected(selected selector.Selector) iter.Seq[Stream] {
	return func(yield func(Stream) bool) {
		for _, st := range s.streams {
			if selected.Matches(st.Stream.Labels) && !yield(st) {
				return
			}
		}
	}
}

// Select reads a stream selector with further matchers.
func Select(text string, matchers []logs.Matcher) (selector.Selector, error) {
	parsed, err := selector.Parse(text)
	if err != nil {
		return selector.Selector{}, fmt.Errorf("stream selector %s: %w", text, err)
	}
	all, err := parsed.And(matchers...)
	if err != nil {
		return selector.Selector{}, fmt.Errorf("label filter: %w", err)
	}
	return all, nil
}

// Yield gives the lines of streams that a request asks for, and fills the coverage. It stops at the request's caps.
func Yield(ctx context.Context, streams iter.Seq[Stream], req logs.Request, coverage *logs.Coverage, yield func(logs.Record, error) bool) {
	coverage.Requests++
	window := logs.Window{Start: req.Start, End: req.End, State: logs.Complete}
	defer func() { coverage.Add(window) }()
	filters := make([]*filter, len(req.Filters))
	for i, literals := range req.Filters {
		filters[i] = newFilter(literals)
	}
	metadata, err := (selector.Selector{}).And(req.Metadata...)
	if err != nil {
		window.State, window.Reason = logs.Failed, err.Error()
		yield(logs.Record{}, err)
		return
	}
	for st := range streams {
		if err := ctx.Err(); err != nil {
			window.State, window.Reason = logs.Failed, err.Error()
			yield(logs.Record{}, err)
			return
		}
		for _, entry := range within(st.Entries, req.Start, req.End) {
			if slices.ContainsFunc(filters, func(f *filter) bool { return !f.passes(entry.Line) }) {
				continue
			}
			if len(req.Metadata) > 0 && !metadata.Matches(carried(st.Stream, entry)) {
				continue
			}
			if full(coverage, req) {
				window.State, window.Reason = logs.Capped, fmt.Sprintf("more than %d lines match: narrow the time range or the filters", coverage.Lines)
				return
			}
			coverage.Lines++
			coverage.Bytes += int64(len(entry.Line))
			if !yield(logs.Record{Stream: st.Stream, Entry: entry}, nil) {
				return
			}
		}
	}
}

// carried are the labels of a stream with what an entry carries besides.
func carried(st *logs.Stream, entry logproto.Entry) model.LabelSet {
	out := st.Labels.Clone()
	for _, m := range entry.StructuredMetadata {
		out[model.LabelName(m.Name)] = model.LabelValue(m.Value)
	}
	return out
}

func full(c *logs.Coverage, req logs.Request) bool {
	return req.MaxLines > 0 && c.Lines >= int64(req.MaxLines) || req.MaxBytes > 0 && c.Bytes >= req.MaxBytes
}

// within cuts entries, which are in order of time, to [start, end).
func within(entries []logproto.Entry, start, end time.Time) []logproto.Entry {
	at := func(t time.Time) int {
		n, _ := slices.BinarySearchFunc(entries, t, func(e logproto.Entry, t time.Time) int {
			if e.Timestamp.Before(t) {
				return -1
			}
			return 1
		})
		return n
	}
	from, to := at(start), at(end)
	if to < from {
		return nil
	}
	return entries[from:to]
}

// Describe writes a request in LogQL, for people.
func Describe(req logs.Request) string {
	text := req.Selector
	if selected, err := Select(req.Selector, req.Matchers); err == nil {
		text = selected.String()
	}
	for _, filter := range req.Filters {
		for i, l := range filter {
			if i == 0 {
				text += " |= "
			} else {
				text += " or "
			}
			text += fmt.Sprintf("%q", l)
		}
	}
	for _, m := range req.Metadata {
		text += fmt.Sprintf(" | %s%s%q", m.Name, m.Op, m.Value)
	}
	return text
}
