package scan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// dense is a store with a line every gap, of two streams of which one has the labels of the other and one more.
type dense struct {
	fakeStore
	gap   time.Duration
	asked int
}

func (d *dense) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	d.asked++
	cov := &logs.Coverage{}
	streams := []*logs.Stream{{Key: "1", Labels: model.LabelSet{"app": "nodeman"}}, {Key: "2", Labels: model.LabelSet{"app": "nodeman", "pod": "x"}}}
	return func(yield func(logs.Record, error) bool) {
		n := 0
		first := req.Start.Sub(t0)
		if first%d.gap != 0 {
			first += d.gap - first%d.gap
		}
		for at := first; at < req.End.Sub(t0); at += d.gap {
			for _, s := range streams {
				if n++; req.MaxLines > 0 && n > req.MaxLines {
					cov.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Capped, Reason: "too many lines"})
					return
				}
				if ctx.Err() != nil || !yield(logs.Record{Stream: s, Entry: logproto.Entry{Timestamp: t0.Add(at), Line: fmt.Sprintf("line %s token=abcdef123456", at)}}, nil) {
					return
				}
			}
		}
		cov.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Complete})
	}, cov
}

// The lines beside an instant are the nearest ones, of one stream, however many there are.
func TestBesideIsTheNearestLinesOfOneStream(t *testing.T) {
	for _, gap := range []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Minute} {
		d := &dense{gap: gap}
		s := New(d, Options{Prepared: Prepare(setOf(t, testSignatures)), Selectors: []Selector{{Source: "nodeman", Selector: `{app="nodeman"}`}}})
		b := Beside{Labels: model.LabelSet{"app": "nodeman"}, Start: t0, End: t0.Add(2 * time.Hour), Last: true, Lines: 10}
		before, err := s.Beside(t.Context(), b)
		if err != nil || len(before.Lines) != 10 || before.Partial != "" || d.asked > 20 {
			t.Fatalf("%s: %d lines, partial %q, %d reads: %v", gap, len(before.Lines), before.Partial, d.asked, err)
		}
		for i, l := range before.Lines {
			if want := b.End.Add(-time.Duration(10-i) * gap); !l.Timestamp.Equal(want) {
				t.Errorf("%s: line %d before is of %s, want %s", gap, i, l.Timestamp, want)
			}
			if strings.Contains(l.Line, "abcdef") {
				t.Errorf("a secret leaves: %s", l.Line)
			}
		}
		b.Last = false
		after, err := s.Beside(t.Context(), b)
		if err != nil || len(after.Lines) != 10 || !after.Lines[9].Timestamp.Equal(t0.Add(9*gap)) || after.Partial != "" {
			t.Errorf("%s: %+v %v", gap, after, err)
		}
	}
}

func TestBesideReadsNothingThatNoSourceHas(t *testing.T) {
	d := &dense{gap: time.Second}
	s := New(d, Options{Prepared: Prepare(setOf(t, testSignatures)), Selectors: []Selector{{Source: "nodeman", Selector: `{app="nodeman"}`}}})
	_, err := s.Beside(t.Context(), Beside{Labels: model.LabelSet{"app": "payroll"}, Start: t0, End: t0.Add(time.Hour), Lines: 10})
	if !errors.Is(err, ErrNotCollected) || d.asked > 0 {
		t.Errorf("%v after %d reads", err, d.asked)
	}
}
