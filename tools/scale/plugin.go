package scale

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

const (
	// memoryBytes is pkg/plugin's bound for what is remembered.
	memoryBytes = 64 << 20
	// alertRange is what pkg/plugin reads at least for an alert rule, and engineRange what the rule of its own health does.
	alertRange  = 16 * time.Minute
	engineRange = time.Hour
	// maxErrorLines is pkg/plugin's cap for unexplained errors.
	maxErrorLines = 20_000
)

// Plugin is a data source: the plugin's own client, scan and memory in front of a Loki.
type Plugin struct {
	scanner  *scan.Scanner
	finder   *unmatched.Finder
	settings settings.Settings

	mu    sync.Mutex
	spent spending
}

// spending is what the plugin's own books say of what it read for incidents.
type spending struct {
	requests int
	bytes    int64
}

// NewPlugin returns a data source that has read nothing yet.
func NewPlugin(set *signature.Set, l http.Handler, s settings.Settings, selectors []scan.Selector) *Plugin {
	p := &Plugin{settings: s}
	client := loki.New(loki.Options{
		URL: "http://loki.simulated", HTTP: &http.Client{Transport: direct{l}}, Parallel: s.Parallel,
		RequestTimeout: s.RequestTimeout.D(), Language: "en", Now: time.Now,
	})
	p.scanner = scan.New(client, scan.Options{
		Prepared: scan.Prepare(set), Labels: incident.Settings{HostLabels: s.HostLabels, ClusterLabel: s.ClusterLabel}, Selectors: selectors,
		LookbackMax: s.LookbackMax.D(), Lateness: s.Lateness.D(), MemoryBytes: memoryBytes,
		MaxLines: s.MaxLines, MaxBytes: s.MaxBytes, Clock: time.Now, Observer: p,
	})
	p.finder = unmatched.NewFinder(client, set, selectors, s.HostLabels)
	return p
}

// direct hands requests to a handler, without a network.
type direct struct{ handler http.Handler }

// RoundTrip answers when the handler does. The handler ends with the request's context.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := recorder.Result()
	answer.Request = r
	return answer, nil
}

// Answer is what a user or a rule saw.
type Answer struct {
	Took time.Duration
	// Incidents and Lines of the range.
	Incidents, Lines int
	// Partial says why it is not complete, and Failed why there is none.
	Partial, Failed string
}

// Incidents answers for a range that ends now; urgent is for alert rules.
func (p *Plugin) Incidents(ctx context.Context, back time.Duration, matchers []logs.Matcher, urgent bool) Answer {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.settings.QueryTimeout.D())
	defer cancel()
	priority := &logs.Priority{}
	defer priority.End()
	if urgent {
		priority.Raise()
	}
	res, err := p.scanner.Scan(logs.WithPriority(ctx, priority), scan.Request{Start: started.Add(-back), End: started, Matchers: matchers})
	a := Answer{Took: time.Since(started)}
	if err != nil {
		a.Failed = err.Error()
		return a
	}
	a.Incidents, a.Lines, a.Partial = len(res.Incidents), len(res.Lines), res.Partial()
	return a
}

// Unexplained answers which errors of a range no signature explains.
func (p *Plugin) Unexplained(ctx context.Context, back time.Duration) Answer {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.settings.QueryTimeout.D())
	defer cancel()
	res, err := p.finder.Find(ctx, unmatched.Request{Start: started.Add(-back), End: started, MaxLines: maxErrorLines})
	a := Answer{Took: time.Since(started)}
	if err != nil {
		a.Failed = err.Error()
		return a
	}
	for _, c := range res.Coverage {
		a.Lines += c.Errors
		if c.Partial != "" {
			a.Partial = fmt.Sprintf("%s: %s", c.Source, c.Partial)
		}
	}
	return a
}

// Remembered is part of scan.Observer; nobody asks.
func (p *Plugin) Remembered(string, int, int) {}

// Read keeps the books of what reads cost.
func (p *Plugin) Read(_ string, cov *logs.Coverage, _ bool, _ time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent.requests += cov.Requests
	p.spent.bytes += cov.Bytes
}

// Built is part of scan.Observer; nobody asks.
func (p *Plugin) Built(int, time.Duration) {}

// take returns what was spent since it was last called.
func (p *Plugin) take() spending {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.spent
	p.spent = spending{}
	return s
}
