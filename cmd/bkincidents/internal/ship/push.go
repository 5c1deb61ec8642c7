package ship

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"log/slog"
)

const (
	pushTimeout = 30 * time.Second
	// The first wait after a refusal that passes, and the longest; they double, and are spread by a quarter.
	firstWait, longestWait = time.Second, time.Minute
	// answerBytes is how much of a refusal's text is read.
	answerBytes = 4 << 10
)

// PusherOptions say where entries go.
type PusherOptions struct {
	// URL is Loki's base address, without /loki/api/v1.
	URL    string
	Tenant string
	// Header is sent with every push: authorization, for example.
	Header http.Header
	HTTP   *http.Client
	// GiveUp bounds how long one batch is tried; 0 tries until it is accepted.
	GiveUp  time.Duration
	Log     *slog.Logger
	Metrics *Metrics
	Now     func() time.Time
	// Wait sleeps; nil uses the clock.
	Wait func(context.Context, time.Duration) error
}

// Pusher sends batches to Loki.
type Pusher struct {
	PusherOptions
	problems *problems
}

// NewPusher returns a Pusher.
func NewPusher(o PusherOptions) *Pusher {
	if o.Wait == nil {
		o.Wait = wait
	}
	return &Pusher{PusherOptions: o, problems: newProblems(o.Log, o.Now)}
}

// Push sends a batch until Loki has taken it: an error is ctx's, or that GiveUp has passed. Entries that Loki refuses
// for what they are, and will always refuse, are counted and logged with the reason.
func (p *Pusher) Push(ctx context.Context, body []byte) error {
	began, pause := p.Now(), firstWait
	for {
		answer := p.once(ctx, body)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.Metrics.pushed(answer.status)
		verdict := judge(answer)
		if verdict.done {
			if verdict.refused > 0 {
				p.Metrics.refused.Add(float64(verdict.refused))
				p.problems.say("refused "+verdict.kind, "Loki refused entries for good", "entries", verdict.refused, "reason", answer.text, "do", verdict.do)
			}
			p.problems.over("push", "Loki takes entries again")
			return nil
		}
		p.problems.say("push", "Loki did not take the entries, trying again", "status", answer.status, "reason", answer.text, "do", verdict.do)
		if p.GiveUp > 0 && p.Now().Sub(began) > p.GiveUp {
			return fmt.Errorf("%w: status %d: %s: %s", errPush, answer.status, answer.text, verdict.do)
		}
		next := pause + time.Duration(rand.Int64N(int64(pause/4)))
		if answer.after > next {
			next = answer.after
		}
		if err := p.Wait(ctx, next); err != nil {
			return err
		}
		pause = min(2*pause, longestWait)
	}
}

// errPush means that a batch was not accepted in time; the position keeps it.
var errPush = errors.New("the entries were not taken by Loki in time, the position file keeps them")

// answer is what Loki said to a push; status 0 means that it said nothing.
type answer struct {
	status int
	text   string
	after  time.Duration
}

func (p *Pusher) once(ctx context.Context, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/loki/api/v1/push", bytes.NewReader(body))
	if err != nil {
		return answer{text: err.Error()}
	}
	for name, values := range p.Header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if p.Tenant != "" {
		req.Header.Set("X-Scope-OrgID", p.Tenant)
	}
	res, err := p.HTTP.Do(req)
	if err != nil {
		return answer{text: err.Error()}
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(res.Body, answerBytes)) // the status decides; the text is for people
	return answer{status: res.StatusCode, text: string(bytes.TrimSpace(text)), after: retryAfter(res.Header.Get("Retry-After"), p.Now())}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
