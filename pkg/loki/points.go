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

// points asks for a metric over time and returns the points of all its series.
func (c *Client) points(ctx context.Context, path string, form url.Values) ([]point, error) {
	var answer struct {
		Data struct {
			Result []struct {
				// A volume of one point is a vector even over a range; of more points, a matrix.
				Value  *point  `json:"value"`
				Values []point `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	err := c.do(ctx, &meter{}, call{
		method: http.MethodPost, path: path, form: form, accept: jsonType,
		decode: func(_ string, body io.Reader) error { return json.NewDecoder(body).Decode(&answer) },
	})
	if err != nil {
		return nil, err
	}
	var points []point
	for _, series := range answer.Data.Result {
		points = append(points, series.Values...)
		if series.Value != nil {
			points = append(points, *series.Value)
		}
	}
	return points, nil
}
