package loki

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// Series returns the label sets of the streams that selector and matchers select in [start, end]; Loki rounds the
// bounds to ms and looks at chunks, so a stream without a line in the range may be among them.
func (c *Client) Series(ctx context.Context, sel string, matchers []logs.Matcher, start, end time.Time) ([]model.LabelSet, error) {
	e, err := newExpression(logs.Request{Selector: sel, Matchers: matchers})
	if err != nil {
		return nil, err
	}
	return c.series(ctx, &meter{}, e.selector, start.UnixNano(), end.UnixNano())
}

func (c *Client) series(ctx context.Context, m *meter, s selector.Selector, start, end int64) ([]model.LabelSet, error) {
	var answer struct {
		Data []model.LabelSet `json:"data"`
	}
	err := c.lookup(ctx, m, "/loki/api/v1/series", url.Values{"match[]": {s.String()}}, start, end, &answer)
	return answer.Data, err
}

// Streams counts the streams of a selector in a range; 0 tells that a selector fits nothing.
func (c *Client) Streams(ctx context.Context, sel string, start, end time.Time) (int, error) {
	sets, err := c.Series(ctx, sel, nil, start, end)
	return len(sets), err
}

// LabelValues returns the sorted values of a label in a range, of the streams of a selector; "" takes all streams.
func (c *Client) LabelValues(ctx context.Context, name, sel string, start, end time.Time) ([]string, error) {
	if !selector.ValidName(name) {
		return nil, &Error{Kind: KindRequest, Detail: fmt.Sprintf("label name %.40q", name)}
	}
	form := url.Values{}
	if sel != "" {
		e, err := newExpression(logs.Request{Selector: sel})
		if err != nil {
			return nil, err
		}
		form.Set("query", e.selector.String())
	}
	var answer struct {
		Data []string `json:"data"`
	}
	err := c.lookup(ctx, &meter{}, "/loki/api/v1/label/"+name+"/values", form, start.UnixNano(), end.UnixNano(), &answer)
	slices.Sort(answer.Data)
	return answer.Data, err
}

// lookup posts a form with a range and reads a JSON answer. The range is always sent: Loki's own default is one hour
// and its documentation says six.
func (c *Client) lookup(ctx context.Context, m *meter, path string, form url.Values, start, end int64, out any) error {
	form.Set("start", strconv.FormatInt(max(start, earliest), 10))
	form.Set("end", strconv.FormatInt(max(end, earliest), 10))
	return c.do(ctx, m, call{
		method: http.MethodPost, path: path, form: form, accept: jsonType,
		decode: func(_ string, body io.Reader) error { return json.NewDecoder(body).Decode(out) },
	})
}
