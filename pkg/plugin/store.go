package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
)

// store is a log store: Loki or the built-in samples.
type store interface {
	scan.Source
	// Ready reports whether the store answers.
	Ready(ctx context.Context) error
	// Streams counts the streams of a selector in a range.
	Streams(ctx context.Context, selector string, start, end time.Time) (int, error)
	// Series returns the label sets of the streams that a selector and matchers select in a range.
	Series(ctx context.Context, selector string, matchers []logs.Matcher, start, end time.Time) ([]model.LabelSet, error)
	// LabelValues returns the values of a label in a range, of the streams of a selector.
	LabelValues(ctx context.Context, name, selector string, start, end time.Time) ([]string, error)
}

var (
	_ store = (*loki.Client)(nil)
	_ store = sampleStore{}
)

// sampleStore is the built-in samples as a store: always there.
type sampleStore struct{ *samples.Store }

func (sampleStore) Ready(context.Context) error { return nil }

func (s sampleStore) Streams(ctx context.Context, sel string, start, end time.Time) (int, error) {
	sets, err := s.Series(ctx, sel, nil, start, end)
	return len(sets), err
}

func (s sampleStore) Series(_ context.Context, sel string, matchers []logs.Matcher, start, end time.Time) ([]model.LabelSet, error) {
	wanted, err := selector.Parse(sel)
	if err == nil {
		wanted, err = wanted.And(matchers...)
	}
	if err != nil {
		return nil, badSelector(sel, err)
	}
	var out []model.LabelSet
	for _, stream := range s.Store.Streams(start, end) {
		labels, err := selector.ParseLabels(stream.Labels)
		if err != nil {
			return nil, fmt.Errorf("sample stream %s: %w", stream.Labels, err)
		}
		if wanted.Matches(labels) {
			out = append(out, labels)
		}
	}
	return out, nil
}

func badSelector(sel string, err error) error {
	return badRequest("日志流选择器 %s 有误（%v）。请在数据源设置中修改。", "Stream selector %s is not valid (%v). Correct it in the data source settings.", sel, err)
}
