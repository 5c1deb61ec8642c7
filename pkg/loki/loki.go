// Package loki reads log lines out of Loki: exactly once each, in bounded memory and time, and it says of every
// stretch of time how completely it was read. It knows nothing of signatures.
//
// A read is a pipeline: query.go says it in LogQL, pager.go pages through a span of time (request.go fetches,
// decode*.go reads the answer, sizer.go sizes the next page), ties.go takes an instant with more lines than a page
// apart, and read.go yields the lines and keeps the books.
package loki

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/blueking/incidents/pkg/logs"
)

// Options configure a Client. The zero value of each but URL means its default.
type Options struct {
	// URL is Loki's base address, without /loki/api/v1.
	URL string
	// HTTP sends the requests; auth, TLS and proxy are its business. Default: http.DefaultClient.
	HTTP *http.Client
	// Tenant is the X-Scope-OrgID header; "" sends none.
	Tenant string
	// PageLimit bounds the lines a page; 0 sizes pages by bytes alone.
	PageLimit int
	// Parallel bounds the concurrent requests of the Client. Default 4.
	Parallel int
	// RequestTimeout bounds one request. Default 25 s: a default Loki drops the connection after 30 s
	// (http_server_write_timeout, loki #4015).
	RequestTimeout time.Duration
	// Language of the reasons in a Coverage, "zh" or "en". Default "en".
	Language string
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Observer receives what requests cost; Tracer makes a span of each. Default: nobody, none.
	Observer Observer
	Tracer   trace.Tracer
}

// Client reads one Loki as one tenant. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	baseErr *Error
	http    *http.Client
	tenant  string
	page    int
	timeout time.Duration
	now     func() time.Time
	// language of reasons, see Options.
	language string
	observer Observer
	tracer   trace.Tracer
	// slots bounds concurrent requests; a request holds one from before it is sent until its body is read.
	slots *slots
	// sleep waits for d or until ctx ends; tests replace it.
	sleep func(ctx context.Context, d time.Duration) error

	streams interner
	// buffers are of answers that nothing points into any more.
	buffers sync.Pool
	limits  limitBook
	outage  outage
	clock   clockCheck
	// longest is how many lines the longest answer had.
	longest atomic.Int64

	mu    sync.Mutex
	sizes map[string]*sizer
}

// New returns a Client. An unusable URL shows as a logs.KindURL error of every call.
func New(o Options) *Client {
	c := &Client{http: o.HTTP, tenant: o.Tenant, page: o.PageLimit, timeout: o.RequestTimeout, now: o.Now, language: o.Language, sleep: sleep}
	if c.observer = o.Observer; c.observer == nil {
		c.observer = unobserved{}
	}
	if c.tracer = o.Tracer; c.tracer == nil {
		c.tracer = noop.NewTracerProvider().Tracer("")
	}
	if c.http == nil {
		c.http = http.DefaultClient
	}
	guarded := *c.http
	guarded.CheckRedirect = stayOnHost
	c.http = &guarded
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	if c.timeout <= 0 {
		c.timeout = 25 * time.Second
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.slots = newSlots(o.Parallel)
	c.sizes = map[string]*sizer{}
	c.limits.asking = make(chan struct{}, 1)
	base, err := url.Parse(strings.TrimRight(o.URL, "/"))
	switch {
	case err != nil:
		// url.Parse repeats the address, which may hold a password.
		c.baseErr = &Error{Kind: logs.KindURL, Downstream: true}
	case base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		c.baseErr = &Error{Kind: logs.KindURL, Downstream: true, Detail: "not an http:// or https:// address"}
	}
	c.base = base
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// sizer returns the page size that reads of this selector share: the size of its lines is learnt once, not per read.
func (c *Client) sizer(selector string) *sizer {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, known := c.sizes[selector]
	if !known {
		if len(c.sizes) >= 256 {
			clear(c.sizes)
		}
		s = &sizer{fixed: c.page, now: c.now, max: c.limits.maxEntries()}
		c.sizes[selector] = s
	}
	return s
}
