//go:build integration

package bench

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder stands between the plugin and Loki and notes what is asked and how much comes back.
type recorder struct {
	url string

	mu    sync.Mutex
	asked []asked
	bytes int64
}

// asked is one request: its path, and for a query its LogQL and range.
type asked struct {
	path, query string
	start, end  time.Time
}

func record(b *testing.B, upstream string) *recorder {
	b.Helper()
	target, err := url.Parse(upstream)
	if err != nil {
		b.Fatal(err)
	}
	r := &recorder{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			r.note(p.Out)
		},
		ModifyResponse: func(res *http.Response) error {
			res.Body = &counted{res.Body, r}
			return nil
		},
	})
	b.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *recorder) note(req *http.Request) {
	a := asked{path: req.URL.Path}
	form := req.URL.Query()
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		if posted, bad := url.ParseQuery(string(body)); err == nil && bad == nil && len(posted) > 0 {
			form = posted
		}
	}
	a.query, a.start, a.end = form.Get("query"), instant(form.Get("start")), instant(form.Get("end"))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, a)
}

func instant(ns string) time.Time {
	n, err := strconv.ParseInt(ns, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// take returns what was noted since the last call.
func (r *recorder) take() (requests []asked, received int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, received = r.asked, r.bytes
	r.asked, r.bytes = nil, 0
	return requests, received
}

// filters joins the log queries to one per LogQL text, over all that was read with it.
func filters(requests []asked) []asked {
	var out []asked
	for _, a := range requests {
		if !strings.HasSuffix(a.path, "/query_range") || strings.HasPrefix(a.query, "sum") {
			continue
		}
		known := false
		for i := range out {
			if f := &out[i]; f.query == a.query {
				known = true
				if a.start.Before(f.start) {
					f.start = a.start
				}
				if a.end.After(f.end) {
					f.end = a.end
				}
			}
		}
		if !known {
			out = append(out, a)
		}
	}
	return out
}

// counted adds what is read of a body to a recorder.
type counted struct {
	io.ReadCloser
	r *recorder
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.r.mu.Lock()
	c.r.bytes += int64(n)
	c.r.mu.Unlock()
	return n, err
}
