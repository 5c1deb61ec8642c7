package loki

import (
	"context"
	"path"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Observer receives what the requests of a Client cost. It must be safe for concurrent use.
type Observer interface {
	// Slots: so many more requests wait for their turn, and so many more run; negative for fewer.
	Slots(waiting, running int)
	// Request: a request to an endpoint, such as "query_range", has ended; status is 0 without an answer, bytes are
	// decompressed.
	Request(endpoint string, status int, took time.Duration, bytes int64)
}

// unobserved is the Observer of those who did not ask.
type unobserved struct{}

func (unobserved) Slots(int, int)                            {}
func (unobserved) Request(string, int, time.Duration, int64) {}

// exchange is one request on its way, for the trace and the Observer.
type exchange struct {
	client   *Client
	span     trace.Span
	endpoint string
	started  time.Time
	status   int
}

// begin starts the span of a request. The last part of the path names the endpoint: what stands before it may hold the
// name of a label.
func (c *Client) begin(ctx context.Context, k call, try int) (context.Context, *exchange) {
	x := &exchange{client: c, endpoint: path.Base(k.path), started: time.Now()}
	ctx, x.span = c.tracer.Start(ctx, "loki.request", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("endpoint", x.endpoint), attribute.String("http.request.method", k.method), attribute.Int("attempt", try),
	))
	return ctx, x
}

// end tells what came of it. The error's text stays out: it quotes what stands at the address.
func (x *exchange) end(bytes int64, err *Error) {
	x.client.observer.Request(x.endpoint, x.status, time.Since(x.started), bytes)
	x.span.SetAttributes(attribute.Int("http.response.status_code", x.status), attribute.Int64("bytes", bytes))
	if err != nil {
		x.span.SetStatus(codes.Error, string(err.Kind))
	}
	x.span.End()
}
