package scan

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// The incidents of one answer are made at a time, but an alert does not wait for a dashboard's.
func TestAnAlertDoesNotWaitForTheIncidentsOfADashboard(t *testing.T) {
	m := &fakeStore{}
	m.log("nodeman", 0, "agent failed 1")
	clock := t0.Add(time.Minute)
	s, _ := refreshing(t, m, &clock)
	s.building <- struct{}{} // a dashboard's answer is being made
	req := Request{Start: t0.Add(-time.Hour), End: clock}

	alert := &logs.Priority{}
	alert.Raise()
	if res, err := s.Scan(logs.WithPriority(t.Context(), alert), req); err != nil || len(res.Incidents) != 1 {
		t.Errorf("the alert's answer: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Scan(ctx, req); !errors.Is(err, context.Canceled) {
		t.Errorf("a dashboard that was left waits on: %v", err)
	}
	<-s.building
	if res, err := s.Scan(t.Context(), req); err != nil || len(res.Incidents) != 1 {
		t.Errorf("the next dashboard's answer: %v", err)
	}
}
