package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
)

// store is a log store: Loki or the built-in samples.
type store interface {
	scan.Source
	// Ready tells whether the store answers.
	Ready(ctx context.Context) error
	// Streams counts the streams of a selector in a range.
	Streams(ctx context.Context, selector string, start, end time.Time) (int, error)
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

func (s sampleStore) Streams(_ context.Context, sel string, start, end time.Time) (int, error) {
	wanted, err := selector.Parse(sel)
	if err != nil {
		return 0, badSelector(sel, err)
	}
	n := 0
	for _, stream := range s.Store.Streams(start, end) {
		labels, err := selector.ParseLabels(stream.Labels)
		if err != nil {
			return 0, fmt.Errorf("sample stream %s: %w", stream.Labels, err)
		}
		if wanted.Matches(labels) {
			n++
		}
	}
	return n, nil
}

func badSelector(sel string, err error) error {
	return badRequest("日志流选择器 %s 有误（%v）。请在数据源设置中修改。", "Stream selector %s is not valid (%v). Correct it in the data source settings.", sel, err)
}
