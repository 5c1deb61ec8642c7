package scale

import (
	"context"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// Users are those who ask, until their context ends or time is up.
type Users struct {
	// Panels that ask some milliseconds apart, each with a scan of its own. 0 is one: panels that ask in the same second
	// share an answer in the plugin (pkg/plugin snapshots).
	Panels int
	// Viewers have the dashboard open, refreshing at different seconds; Filtered of them for one cluster of ten.
	Viewers, Filtered int
	// Rules are evaluated each minute: the four of incidents share an answer, that of the engine looks back farther.
	Rules bool
	// Unexplained: the panel of unexplained errors is in view of one viewer.
	Unexplained bool
}

const (
	refreshEvery  = 30 * time.Second
	evaluateEvery = time.Minute
	// unexplainedEvery is how long pkg/plugin holds what no signature explains over a long range, however often a panel asks.
	unexplainedEvery = 5 * time.Minute
	// dashboardRange is that of the shipped dashboards.
	dashboardRange = 24 * time.Hour
)

// Seen is the sum of what users saw.
type Seen struct {
	Answers, Partial, Failed int
	Longest                  time.Duration
	// Reason of an answer that was not complete.
	Reason string
	// Lines of the largest answer.
	Lines int
}

func (s *Seen) add(a Answer) {
	s.Answers++
	s.Longest, s.Lines = max(s.Longest, a.Took), max(s.Lines, a.Lines)
	switch {
	case a.Failed != "":
		s.Failed++
		s.Reason = a.Failed
	case a.Partial != "":
		s.Partial++
		if s.Failed == 0 {
			s.Reason = a.Partial
		}
	}
}

// Ask lets users ask for a while and returns what dashboards and rules saw. Who still waits for an answer misses a turn.
func (u Users) Ask(ctx context.Context, p *Plugin, span time.Duration) (dashboards, rules Seen) {
	end := time.Now().Add(span)
	var mu sync.Mutex
	var asking sync.WaitGroup
	repeat := func(seen *Seen, phase, every time.Duration, ask func() Answer) {
		asking.Go(func() {
			for at := time.Now().Add(phase); at.Before(end); at = at.Add(every) {
				wait := time.Until(at)
				if wait < 0 {
					continue
				}
				time.Sleep(wait)
				a := ask()
				mu.Lock()
				seen.add(a)
				mu.Unlock()
			}
		})
	}
	for n := range u.Viewers {
		var matchers []logs.Matcher
		if n >= u.Viewers-u.Filtered {
			matchers = []logs.Matcher{{Name: "cluster", Op: logs.Equal, Value: "c3"}}
		}
		phase := time.Duration(n*7%30) * time.Second
		for panel := range max(1, u.Panels) {
			repeat(&dashboards, phase+time.Duration(panel)*time.Millisecond, refreshEvery, func() Answer { return p.Incidents(ctx, dashboardRange, matchers, false) })
		}
	}
	if u.Unexplained {
		repeat(&dashboards, 0, unexplainedEvery, func() Answer { return p.Unexplained(ctx, dashboardRange) })
	}
	if u.Rules {
		repeat(&rules, 2*time.Second, evaluateEvery, func() Answer { return p.Incidents(ctx, alertRange, nil, true) })
		repeat(&rules, 12*time.Second, evaluateEvery, func() Answer { return p.Incidents(ctx, engineRange, nil, true) })
		repeat(&rules, 22*time.Second, 5*evaluateEvery, func() Answer { return p.Unexplained(ctx, alertRange) })
	}
	asking.Wait()
	return dashboards, rules
}
