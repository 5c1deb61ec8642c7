package main

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

// dashboard refreshes one: all panels at once, a request each.
func (s *soak) dashboard(ctx context.Context, back time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	// Whole seconds: the plugin judges as of the end of the range, and so does the checker.
	asked := time.Now()
	to := asked.Truncate(time.Second)
	from := to.Add(-back)
	var running sync.WaitGroup
	for _, m := range panels {
		running.Go(func() {
			if _, err := s.report.client.ask(ctx, m, from, to, false); err != nil {
				s.failed(ctx, "a panel", err)
			}
		})
	}
	answer, err := s.report.client.incidents(ctx, from, to)
	running.Wait()
	if err != nil {
		s.failed(ctx, "incidents", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wrong := range s.checker.incidents(answer, asked, from, to) {
		s.report.problem("dashboard of %s: %s", back, wrong)
	}
}

// rules evaluates the shipped rules: both views of every severity, and the engine's health.
func (s *soak) rules(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	asked := time.Now()
	to := asked.Truncate(time.Second)
	from := to.Add(-15 * time.Minute)
	all := map[string]float64{}
	for _, severity := range severities {
		identity, err := s.report.client.rows(ctx, severity, "identity", from, to)
		if err != nil {
			s.failed(ctx, "a rule", err)
			return
		}
		evidence, err := s.report.client.rows(ctx, severity, "evidence", from, to)
		if err != nil {
			s.failed(ctx, "a rule", err)
			return
		}
		if !maps.Equal(identity, evidence) {
			s.report.problem("rule %s: the views differ: %d and %d rows", severity, len(identity), len(evidence))
		}
		maps.Copy(all, identity)
	}
	if err := s.report.client.healthy(ctx, from, to); err != nil {
		s.failed(ctx, "health", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wrong := range s.checker.alerts(all, asked, to) {
		s.report.problem("alerts: %s", wrong)
	}
}

// failed records an error, unless the run was interrupted.
func (s *soak) failed(ctx context.Context, what string, err error) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		s.report.problem("%s: %v", what, err)
	}
}
