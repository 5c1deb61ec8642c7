package memory

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
)

func TestAnAlertThatWaitsForASharedReadMakesItUrgent(t *testing.T) {
	for name, span := range map[string][2]time.Duration{"closed": {-5 * time.Hour, -4 * time.Hour}, "open": {-time.Minute, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(10*time.Minute, 1<<20, unobserved{})
				reader := make(chan *logs.Priority, 10)
				release := make(chan struct{})
				fetch := func(ctx context.Context, start, end time.Time) ([]match.Line, *logs.Coverage, error) {
					reader <- logs.PriorityOf(ctx)
					<-release
					return nil, &logs.Coverage{Windows: []logs.Window{{Start: start, End: end, State: logs.Complete}}}, nil
				}
				var running sync.WaitGroup
				read := func(p *logs.Priority) {
					running.Go(func() {
						if _, _, err := m.Read(logs.WithPriority(t.Context(), p), "x", t0.Add(span[0]), t0.Add(span[1]), t0, fetch); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				read(&logs.Priority{})
				dashboard := <-reader
				if dashboard.Urgent() {
					t.Error("urgent before an alert came")
				}
				alert := &logs.Priority{}
				alert.Raise()
				read(alert)
				if !dashboard.Urgent() {
					t.Error("the alert waits for a read that queues behind dashboards")
				}
				close(release)
				running.Wait()
			})
		})
	}
}
