package loki

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// point is [seconds since 1970, "bytes"].
type point struct {
	at    float64
	value float64
}

// ns is the time of the point since 1970; a float has room for ms.
func (p point) ns() int64 {
	if p.at < 0 || p.at > 9e9 {
		return 0
	}
	return int64(p.at*1000+0.5) * int64(time.Millisecond)
}

func (p *point) UnmarshalJSON(raw []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("a sample of %d elements", len(pair))
	}
	text := ""
	if err := json.Unmarshal(pair[0], &p.at); err != nil {
		return err
	}
	if err := json.Unmarshal(pair[1], &text); err != nil {
		return err
	}
	var err error
	p.value, err = strconv.ParseFloat(text, 64)
	return err
}

// series are the points of one set of labels.
type series struct {
	labels map[string]string
	points []point
}

// matrix asks for a metric over time. When Loki warns that the answer is not whole, it returns what there is with an
// error of KindPartial.
func (c *Client) matrix(ctx context.Context, path string, form url.Values) ([]series, error) {
	var out []series
	var warnings []string
	err := c.do(ctx, &meter{}, call{
		method: http.MethodPost, path: path, form: form, accept: jsonType,
		decode: func(_ string, body io.Reader) (err error) {
			out = nil // of an attempt before
			d := newJSONReader(body)
			warnings, err = d.envelope(func() {
				// A volume of one point is a vector even over a range; of more points, a matrix.
				d.result(func() { out = append(out, d.series()) }, "matrix", "vector")
			})
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return out, partial(warnings)
}

// series reads {"metric","value"} or {"metric","values"}.
func (r *jsonReader) series() series {
	s := series{labels: map[string]string{}}
	one := func() {
		var p point
		if raw := r.it.SkipAndReturnBytes(); r.it.Error == nil {
			if err := p.UnmarshalJSON(raw); err != nil {
				r.fail("a sample: %v", err)
			}
		}
		s.points = append(s.points, p)
	}
	r.object(func(key string) {
		switch key {
		case "metric":
			r.object(func(name string) { s.labels[name] = r.str() })
		case "value":
			one()
		case "values":
			r.array(one)
		default:
			r.it.Skip()
		}
	})
	if len(s.points) == 0 {
		r.fail("a series without samples")
	}
	return s
}
