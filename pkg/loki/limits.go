package loki

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

const (
	// defaultMaxEntries is Loki's default for max_entries_limit_per_query.
	defaultMaxEntries = 5000
	// limitsFresh is how long the answer of the limits endpoint counts, and limitsTimeout how long a read waits for it.
	limitsFresh   = 10 * time.Minute
	limitsTimeout = 3 * time.Second
	// limitsAgain is when the endpoint is asked again after it failed. Until then a limit that nobody has told, such as
	// max_query_lookback, cannot show as a cap.
	limitsAgain = 5 * time.Second
)

// Limits are what Loki allows the tenant. A zero value means unknown or unlimited.
type Limits struct {
	// MaxEntries is max_entries_limit_per_query, in lines.
	MaxEntries int
	// MaxLength is max_query_length: a longer range is refused.
	MaxLength time.Duration
	// MaxLookback is max_query_lookback: Loki answers nothing older, silently.
	MaxLookback time.Duration
	// QueryTimeout is query_timeout.
	QueryTimeout time.Duration
	// Version is Loki's own, often "unknown".
	Version string
}

// Limits asks /loki/api/v1/drilldown-limits, which Loki has since 3.6. It is an error on an older one.
func (c *Client) Limits(ctx context.Context) (Limits, error) {
	var answer struct {
		Limits *struct {
			MaxEntries   int    `json:"max_entries_limit_per_query"`
			MaxLength    string `json:"max_query_length"`
			MaxLookback  string `json:"max_query_lookback"`
			QueryTimeout string `json:"query_timeout"`
		} `json:"limits"`
		Version string `json:"version"`
	}
	// The endpoint wants a tenant even where Loki runs without tenants (401 otherwise); any will do there.
	err := c.do(ctx, &meter{}, call{
		method: http.MethodGet, path: "/loki/api/v1/drilldown-limits", accept: jsonType, tenant: "fake", timeout: limitsTimeout,
		decode: func(_ string, body io.Reader) error {
			if err := json.NewDecoder(body).Decode(&answer); err != nil {
				return err
			}
			if answer.Limits == nil {
				return errors.New("an answer without limits")
			}
			return nil
		},
	})
	if err != nil {
		return Limits{}, err
	}
	l := Limits{
		MaxEntries: max(0, answer.Limits.MaxEntries), MaxLength: duration(answer.Limits.MaxLength),
		MaxLookback: duration(answer.Limits.MaxLookback), QueryTimeout: duration(answer.Limits.QueryTimeout),
		Version: answer.Version,
	}
	c.limits.store(l, c.now().Add(limitsFresh))
	return l, nil
}

// limitBook remembers limits, asked for or learnt from refusals.
type limitBook struct {
	// asking is held by the one read that asks, while the others wait for what it learns.
	asking chan struct{}

	mu    sync.Mutex
	known Limits
	// due is when to ask next.
	due time.Time
	// held is what the last one that asked heard of a Loki that is down, at heldAt.
	held   *Error
	heldAt time.Time
}

// hold keeps the error of a request that an outage held back, for all that have been waiting for it since earlier.
func (b *limitBook) hold(e *Error, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held, b.heldAt = e, now
}

// heldSince returns what the last one that asked heard of an outage, if that was after an instant.
func (b *limitBook) heldSince(t time.Time) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil || !b.heldAt.After(t) {
		return nil
	}
	return b.held
}

func (b *limitBook) store(l Limits, due time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known, b.due = l, due
}

func (b *limitBook) stale(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !now.Before(b.due)
}

func (b *limitBook) postpone(due time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.due = due
}

// learn keeps what a refusal said.
func (b *limitBook) learn(e *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.MaxEntries > 0 {
		b.known.MaxEntries = e.MaxEntries
	}
	if e.MaxLength > 0 {
		b.known.MaxLength = e.MaxLength
	}
}

func (b *limitBook) get() Limits {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known
}

// maxEntries is the most lines that a page may ask for.
func (b *limitBook) maxEntries() int {
	if n := b.get().MaxEntries; n > 0 {
		return n
	}
	return defaultMaxEntries
}

// current returns the limits, asking for them when they are old; reads that start together wait for one answer, because
// a read that does not know max_query_lookback takes Loki's silence for an empty log. A Loki without the endpoint leaves
// what was learnt. The error is that of an outage, for all that waited for one answer: they must not stand in line for it.
func (c *Client) current(ctx context.Context) (Limits, error) {
	came := c.now()
	select {
	case c.limits.asking <- struct{}{}:
		defer func() { <-c.limits.asking }()
	case <-ctx.Done():
		return c.limits.get(), nil
	}
	if !c.limits.stale(c.now()) {
		return c.limits.get(), nil
	}
	if held := c.limits.heldSince(came); held != nil {
		return Limits{}, held
	}
	ctx, cancel := context.WithTimeout(ctx, limitsTimeout) // pauses after a 429 included
	defer cancel()
	var e *Error
	switch _, err := c.Limits(ctx); {
	case errors.As(err, &e) && e.held:
		// Nobody was asked. The read that gets through next needs to know.
		c.limits.hold(e, c.now())
		return Limits{}, e
	case errors.As(err, &e) && e.Status >= 400 && e.Status < 500 && e.Kind != logs.KindRateLimited:
		c.limits.postpone(c.now().Add(limitsFresh))
	case err != nil:
		c.limits.postpone(c.now().Add(limitsAgain))
	}
	return c.limits.get(), nil
}
