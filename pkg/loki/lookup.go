package loki

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

const (
	pathSeries = "/loki/api/v1/series"
	// pathLabel begins the paths of label names and of the values of a label.
	pathLabel = "/loki/api/v1/label"
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
	var sets []model.LabelSet
	err := c.lookup(ctx, m, pathSeries, url.Values{"match[]": {s.String()}}, start, end, func(d *jsonReader) {
		sets = nil // of an attempt before
		d.array(func() { sets = append(sets, d.labels()) })
	})
	return sets, err
}

// Streams counts the streams of a selector in a range; 0 tells that a selector fits nothing.
func (c *Client) Streams(ctx context.Context, sel string, start, end time.Time) (int, error) {
	sets, err := c.Series(ctx, sel, nil, start, end)
	return len(sets), err
}

// longRun is how long a time must be for a look at Loki's index to go before a query of its lines: the index tells of a day
// at once whether there are streams, a query goes through it by the hour, which takes seconds where there is nothing.
const longRun = 3 * time.Hour

// empty reports whether Loki knows no stream of a selector in a long range: none has a value of the label that all have.
// Where the range is short, or Loki does not tell, there may be some.
func (c *Client) empty(ctx context.Context, m *meter, s selector.Selector, start, end int64) (bool, error) {
	if end-start < int64(longRun) {
		return false, nil
	}
	values, err := c.texts(ctx, m, pathLabel+"/"+s.Required()+"/values", url.Values{"query": {s.String()}}, start, end-1)
	if err != nil && stays(ctx, err) {
		return false, nil
	}
	return err == nil && len(values) == 0, err
}

// LabelValues returns the sorted values of a label in a range, of the streams of a selector; "" takes all streams.
func (c *Client) LabelValues(ctx context.Context, name, sel string, start, end time.Time) ([]string, error) {
	if !selector.ValidName(name) {
		return nil, &Error{Kind: logs.KindRequest, Detail: fmt.Sprintf("label name %.40q", name)}
	}
	form := url.Values{}
	if sel != "" {
		e, err := newExpression(logs.Request{Selector: sel})
		if err != nil {
			return nil, err
		}
		form.Set("query", e.selector.String())
	}
	return c.texts(ctx, &meter{}, pathLabel+"/"+name+"/values", form, start.UnixNano(), end.UnixNano())
}

// LabelNames returns the sorted names of the labels that streams have in a range.
func (c *Client) LabelNames(ctx context.Context, start, end time.Time) ([]string, error) {
	return c.texts(ctx, &meter{}, pathLabel+"s", url.Values{}, start.UnixNano(), end.UnixNano())
}

// texts looks up a list of texts, and sorts it.
func (c *Client) texts(ctx context.Context, m *meter, path string, form url.Values, start, end int64) ([]string, error) {
	var texts []string
	err := c.lookup(ctx, m, path, form, start, end, func(d *jsonReader) {
		texts = nil // of an attempt before
		d.array(func() { texts = append(texts, d.str()) })
	})
	slices.Sort(texts)
	return texts, err
}

// Newest returns when the newest line of a selector came, zero when there is none in the range.
func (c *Client) Newest(ctx context.Context, sel string, start, end time.Time) (time.Time, error) {
	e, err := newExpression(logs.Request{Selector: sel})
	if err != nil {
		return time.Time{}, err
	}
	var newest time.Time
	form := url.Values{"query": {e.selector.String()}, "limit": {"1"}, "direction": {"backward"}}
	err = c.lookup(ctx, &meter{}, "/loki/api/v1/query_range", form, start.UnixNano(), end.UnixNano(), func(d *jsonReader) {
		d.result(func() {
			d.object(func(key string) {
				if key != "values" {
					d.it.Skip()
					return
				}
				d.array(func() {
					if at := d.stamp(); at.After(newest) {
						newest = at
					}
				})
			})
		}, "streams")
	})
	return newest, err
}

// stamp reads the time of an entry of the form ["nanoseconds", "line", …].
func (r *jsonReader) stamp() time.Time {
	text := ""
	first := true
	r.array(func() {
		if first {
			text, first = r.str(), false
			return
		}
		r.it.Skip()
	})
	ns, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		r.fail("the time %.40q", text)
	}
	return time.Unix(0, ns)
}

// lookup posts a form with a range; data reads the value of "data" in the answer. The range is always sent: Loki's own
// default is one hour and its documentation says six. An answer that Loki itself calls incomplete is an error.
func (c *Client) lookup(ctx context.Context, m *meter, path string, form url.Values, start, end int64, data func(*jsonReader)) error {
	form.Set("start", strconv.FormatInt(max(start, earliest), 10))
	form.Set("end", strconv.FormatInt(max(end, earliest), 10))
	return c.do(ctx, m, call{
		method: http.MethodPost, path: path, form: form, accept: jsonType,
		decode: func(_ string, body io.Reader) error {
			d := newJSONReader(body)
			warnings, err := d.envelope(func() { data(d) })
			if errors.Is(err, errNoData) && strings.HasPrefix(path, pathLabel) {
				return nil // Loki leaves data out where there is no label or value (pkg/loghttp/labels.go, omitempty)
			}
			if err != nil {
				return err
			}
			return partial(warnings)
		},
	})
}
