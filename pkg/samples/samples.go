// Package samples is the built-in log store: a day of BlueKing logs that repeats every 24 hours from midnight UTC, with
// healthy traffic and every failure of the base catalogue. A new user sees every dashboard alive with it, and what is
// read depends on the clock alone, so two evaluations agree.
package samples

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/selector"
)

// liveStep is how finely Live looks, as pkg/loki does.
const liveStep = 5 * time.Minute

// Store is the log store. It is immutable and safe for concurrent use.
type Store struct {
	clock func() time.Time
	day   []*stream
}

// New returns the store as of a clock: lines later than it are not there yet.
func New(clock func() time.Time) *Store { return &Store{clock: clock, day: day()} }

// Read yields the lines of a request; it is a scan.Source's.
func (s *Store) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	coverage := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		selected, err := memory.Select(req.Selector, req.Matchers)
		if err != nil {
			coverage.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Failed, Reason: err.Error()})
			yield(logs.Record{}, err)
			return
		}
		memory.Yield(ctx, s.selected(selected, req.Start, req.End), req, coverage, yield)
	}, coverage
}

// Live tells when the streams of a selector shipped lines, in steps of five minutes, in which a stream has a line.
func (s *Store) Live(_ context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	selected, err := memory.Select(req.Selector, req.Matchers)
	if err != nil {
		return logs.Shipping{}, err
	}
	without := make([]selector.Selector, len(req.Without))
	for i, text := range req.Without {
		if without[i], err = memory.Select(text, nil); err != nil {
			return logs.Shipping{}, err
		}
	}
	start, end := req.Start, s.until(req.End)
	var whole []logs.Window
	units := map[string][]logs.Window{}
	for step := start.Truncate(liveStep); step.Before(end); step = step.Add(liveStep) {
		window := logs.Window{Start: latest(step, start), End: earliest(step.Add(liveStep), end)}
		n := int(step.Sub(midnight(step)) / liveStep)
		alive := map[string]bool{}
		for _, st := range s.day {
			if st.live[n] && selected.Matches(st.stream.Labels) && !slices.ContainsFunc(without, func(w selector.Selector) bool { return w.Matches(st.stream.Labels) }) {
				alive[string(st.stream.Labels[model.LabelName(req.By)])] = true
			}
		}
		for unit := range alive {
			units[unit] = append(units[unit], window)
		}
		if len(alive) > 0 {
			whole = append(whole, window)
		}
	}
	out := logs.Shipping{All: logs.NewLiveness(whole)}
	if req.By != "" {
		out.Units = map[string]logs.Liveness{}
		for unit, windows := range units {
			out.Units[unit] = logs.NewLiveness(windows)
		}
	}
	return out, nil
}

// Describe writes a request as LogQL would.
func (s *Store) Describe(req logs.Request) string { return memory.Describe(req) }

// LabelValues lists the values of a label among the streams of a selector; an empty selector is every stream. Every
// stream repeats every day, so the range only matters when it is empty.
func (s *Store) LabelValues(_ context.Context, name, sel string, start, end time.Time) ([]string, error) {
	var selected *selector.Selector
	if sel != "" {
		parsed, err := memory.Select(sel, nil)
		if err != nil {
			return nil, err
		}
		selected = &parsed
	}
	var out []string
	if !s.until(end).After(start) {
		return out, nil
	}
	for _, st := range s.day {
		v := string(st.stream.Labels[model.LabelName(name)])
		if v != "" && (selected == nil || selected.Matches(st.stream.Labels)) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Streams returns every line of [start, end), to push into a Loki.
func (s *Store) Streams(start, end time.Time) []logproto.Stream {
	out := make([]logproto.Stream, 0, len(s.day))
	for _, st := range s.day {
		if entries := st.render(start, s.until(end)); len(entries) > 0 {
			out = append(out, logproto.Stream{Labels: st.stream.Key, Entries: entries})
		}
	}
	return out
}

func (s *Store) selected(selected selector.Selector, start, end time.Time) iter.Seq[memory.Stream] {
	return func(yield func(memory.Stream) bool) {
		for _, st := range s.day {
			if !selected.Matches(st.stream.Labels) {
				continue
			}
			if !yield(memory.Stream{Stream: st.stream, Entries: st.render(start, s.until(end))}) {
				return
			}
		}
	}
}

// until cuts the end of a range at the clock.
func (s *Store) until(end time.Time) time.Time { return earliest(end, s.clock()) }

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// midnight is when the day of t begins.
func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
