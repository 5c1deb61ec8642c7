package loki

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

const (
	// protobufType has to stand alone in Accept: Loki compares the header as a string (codec.go EncodeResponse).
	protobufType = "application/vnd.google.protobuf"
	jsonType     = "application/json"

	pathQueryRange = "/loki/api/v1/query_range"

	// backoffTries bounds how often a rate-limited request is sent.
	backoffTries = 5
	backoffFirst = 500 * time.Millisecond
	backoffMax   = 15 * time.Second
	// pauseMax is the longest Retry-After that is honoured by waiting.
	pauseMax = time.Minute
	// quickCutOff tells a connection that was already dead when we used it from an answer that Loki dropped, which
	// takes its time.
	quickCutOff = 2 * time.Second
)

// call is one request to Loki.
type call struct {
	method, path string
	form         url.Values
	accept       string
	tenant       string // instead of the Client's, if set
	timeout      time.Duration
	// always sends it even while Loki is down: a person waits for what it says.
	always bool
	// decode reads the answer's body.
	decode func(contentType string, body io.Reader) error
}

// meter counts what a read costs. Segments that run at the same time share one.
type meter struct {
	requests, bytes atomic.Int64
}

// do sends the call until it is answered or no retry may help: a pause after 429, one more try after 5xx, because
// Loki's frontend itself tries five times (queryrangebase/retry.go). Every error is an *Error.
func (c *Client) do(ctx context.Context, m *meter, k call) error {
	once := true
	var refusal *Error
	for try := 1; ; try++ {
		started := time.Now()
		err := c.send(ctx, m, k, try)
		if err == nil {
			return nil
		}
		if refusal != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return refusal // why the time ran out
		}
		if ctx.Err() != nil {
			return err
		}
		dead := err.Kind == logs.KindDropped && time.Since(started) < quickCutOff
		pause := backoffFirst / 2
		switch {
		case err.held:
			return err
		case (err.Retry == RetryOnce || dead) && once:
			once = false
		case err.Retry == RetryBackoff && try < backoffTries:
			refusal, pause = err, max(err.RetryAfter, backoff(try))
			// A longer pause than anyone waits for is the user's to take.
			if deadline, ok := ctx.Deadline(); pause > pauseMax || ok && time.Until(deadline) < pause {
				return err
			}
		default:
			return err
		}
		if c.sleep(ctx, pause) != nil {
			return err
		}
	}
}

// backoff doubles per try and is spread by ±50 %, so that panels of one dashboard do not come back together.
func backoff(try int) time.Duration {
	d := min(backoffFirst<<(try-1), backoffMax)
	return d/2 + rand.N(d)
}

// send sends the call once. It holds a slot until the body is read.
func (c *Client) send(ctx context.Context, m *meter, k call, try int) (failed *Error) {
	if c.baseErr != nil {
		return c.baseErr
	}
	turn := k.always
	if !turn {
		var held *Error
		if turn, held = c.outage.wait(ctx, c.now, c.sleep); held != nil {
			return held
		}
	}
	c.observer.Slots(1, 0)
	slot, err := c.slots.acquire(ctx)
	c.observer.Slots(-1, 0)
	if err == nil {
		defer c.slots.release(slot)
		err = ctx.Err()
	}
	if err != nil {
		if turn && !k.always {
			c.outage.pass(c.now())
		}
		return transportError(ctx, err)
	}
	if !turn {
		if held := c.outage.since(-1); held != nil {
			return held // Loki went down while this waited for its slot
		}
	}
	sent := time.Now()
	c.observer.Slots(0, 1)
	defer c.observer.Slots(0, -1)
	timeout := c.timeout
	if k.timeout > 0 {
		timeout = k.timeout
	}
	knocks := false
	if turn && !k.always {
		whole := timeout
		timeout = c.outage.patience(whole)
		knocks = timeout < whole
	}
	defer func() {
		took := time.Since(sent)
		if failed != nil && failed.Kind == logs.KindTimeout && knocks && took >= timeout {
			failed.knocked = true
		}
		c.outage.note(failed, took, c.now())
		if failed != nil && turn && !k.always && ctx.Err() != nil && took < outageGlimpse {
			c.outage.pass(c.now())
		}
	}()
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	limited, x := c.begin(limited, k, try)
	body := &boundedBody{left: maxBody}
	defer func() { x.end(body.read, failed) }()

	request, err := c.request(limited, k)
	if err != nil {
		return transportError(ctx, err)
	}
	m.requests.Add(1)
	response, err := c.http.Do(request)
	if err != nil {
		return transportError(ctx, err)
	}
	c.clock.note(response.Header, c.now())
	x.status, body.from = response.StatusCode, response.Body
	defer func() {
		m.bytes.Add(body.read)
		_ = response.Body.Close()
	}()
	if e := c.refused(request, response, body); e != nil {
		return e
	}
	err = k.decode(response.Header.Get("Content-Type"), body)
	switch {
	case err == nil:
		// Reading to the end lets the connection be used again.
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10))
		return nil
	case body.err != nil:
		// The decoder saw a cut answer; the reason is why it was cut.
		return transportError(ctx, body.err)
	default:
		return decodeError(ctx, response.StatusCode, err)
	}
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	address := *c.base
	address.Path += k.path
	address.RawPath = ""
	var body io.Reader
	if k.method == http.MethodPost {
		// A POST form: a GET's line is cut off at 8 KB by nginx (414) and at 1 MB by Go (431).
		body = strings.NewReader(k.form.Encode())
	} else {
		address.RawQuery = k.form.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, k.method, address.String(), body)
	if err != nil {
		return nil, err
	}
	if k.method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("Accept", k.accept)
	if k.path == pathQueryRange {
		// Without it structured metadata becomes stream labels: as many streams as lines.
		request.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	}
	if tenant := c.tenant; tenant != "" || k.tenant != "" {
		if tenant == "" {
			tenant = k.tenant
		}
		request.Header.Set("X-Scope-OrgID", tenant)
	}
	return request, nil
}

// refused returns an Error unless the answer is 200 from the address that we asked.
func (c *Client) refused(sent *http.Request, response *http.Response, body io.Reader) *Error {
	// A redirect turns POST into GET and drops the form; Loki would then complain about a query that is not there.
	if final := response.Request; final != nil && final.Method != sent.Method {
		return &Error{Kind: logs.KindURL, Status: response.StatusCode, Detail: redirectTo(final.URL.String()), Downstream: true}
	}
	html := strings.Contains(response.Header.Get("Content-Type"), "text/html")
	if response.StatusCode == http.StatusOK && !html {
		return nil
	}
	start, _ := io.ReadAll(io.LimitReader(body, 64<<10))
	return classify(response.StatusCode, response.Header, string(start))
}

// decodeError keeps an *Error of the decoder and wraps anything else.
func decodeError(ctx context.Context, status int, err error) *Error {
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	if ctx.Err() != nil {
		return transportError(ctx, err)
	}
	return &Error{Kind: logs.KindBroken, Status: status, Detail: quote(err.Error()), Retry: RetryOnce, Downstream: true, cause: err}
}
