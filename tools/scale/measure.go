package scale

import (
	"context"
	"time"

	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
)

// Setup is what is simulated.
type Setup struct {
	Volume   Volume
	Cluster  Cluster
	Settings settings.Settings
}

// World is an installation with its Loki and a data source that was just started.
type World struct {
	setup  Setup
	in     *Installation
	loki   *Loki
	plugin *Plugin
}

// New makes the world of a setup. It has to be used in the bubble of synctest that it was made in.
func (s Setup) New(set *signature.Set) (World, error) {
	in, err := NewInstallation(set, s.Volume)
	if err != nil {
		return World{}, err
	}
	l, err := NewLoki(in, s.Cluster)
	if err != nil {
		return World{}, err
	}
	return World{s, in, l, NewPlugin(set, l, s.Settings, in.Selectors())}, nil
}

// Phase is what happened in a stretch of time.
type Phase struct {
	Name string
	Span time.Duration
	Books
	Dashboards, Rules Seen
}

// perMinute divides by the minutes of the phase.
func (p *Phase) perMinute(total float64) float64 { return total / p.Span.Minutes() }

// share of the queriers' cores that were at work.
func (p *Phase) share(c *Cluster) float64 {
	return p.Core.Seconds() / p.Span.Seconds() / float64(c.Cores)
}

// patience is how long a cold start may take before it counts as never.
const patience = 20 * time.Minute

// Start opens the first dashboard after a restart and refreshes it until an answer is whole.
func (w World) Start(ctx context.Context) (p Phase, whole bool) {
	p.Name = "cold start, until the first whole answer"
	w.loki.Take()
	started := time.Now()
	for !whole && time.Since(started) < patience {
		a := w.plugin.Incidents(ctx, dashboardRange, nil, false)
		p.Dashboards.add(a)
		if whole = a.Failed == "" && a.Partial == ""; !whole {
			wait := refreshEvery - time.Since(started)%refreshEvery
			time.Sleep(wait)
		}
	}
	p.Span, p.Books = time.Since(started), w.loki.Take()
	return p, whole
}

// Watch lets users ask for a while.
func (w World) Watch(ctx context.Context, name string, u Users, span time.Duration) Phase {
	w.loki.Take()
	started := time.Now()
	p := Phase{Name: name}
	p.Dashboards, p.Rules = u.Ask(ctx, w.plugin, span)
	p.Span, p.Books = time.Since(started), w.loki.Take()
	return p
}

// Fail lets the whole fleet write hits from now on, so many a second.
func (w World) Fail(span time.Duration, hits float64) {
	w.in.Fail(time.Now(), time.Now().Add(span), hits)
}
