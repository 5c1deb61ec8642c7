package loki

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// Ready reports whether Loki answers queries: /ready, or a look at the label names where a gateway hides that page.
func (c *Client) Ready(ctx context.Context) error {
	err := c.do(ctx, &meter{}, call{
		method: http.MethodGet, path: "/ready", accept: "text/plain", always: true,
		decode: func(_ string, body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		},
	})
	var e *Error
	if !errors.As(err, &e) || e.Kind != logs.KindNotLoki && e.Kind != logs.KindAuth {
		return err
	}
	now := c.now()
	return c.lookup(ctx, &meter{}, pathLabel+"s", url.Values{}, now.Add(-time.Hour).UnixNano(), now.UnixNano(), func(d *jsonReader) { d.it.Skip() })
}

// BuildInfo is what Loki says of itself. Version is "" for a build without one.
type BuildInfo struct {
	Version   string `json:"version"`
	Revision  string `json:"revision"`
	GoVersion string `json:"goVersion"`
}

// BuildInfo asks for Loki's version.
func (c *Client) BuildInfo(ctx context.Context) (BuildInfo, error) {
	var info BuildInfo
	err := c.do(ctx, &meter{}, call{
		method: http.MethodGet, path: "/loki/api/v1/status/buildinfo", accept: jsonType,
		decode: func(_ string, body io.Reader) error { return json.NewDecoder(body).Decode(&info) },
	})
	return info, err
}
