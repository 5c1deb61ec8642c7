package plugin

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

func fromAlert(headers map[string]string) map[string]string {
	out := map[string]string{backend.FromAlertHeaderName: "true"}
	for k, v := range headers {
		out[k] = v
	}
	return out
}

func TestAnAlertThatJoinsADashboardsScanMakesItUrgent(t *testing.T) {
	f := newFake()
	scans, reads := make(chan *logs.Priority, 10), make(chan struct{})
	f.onRead = func(ctx context.Context, _ signature.Source) error {
		scans <- logs.PriorityOf(ctx)
		<-reads
		return nil
	}
	d := open(t, f)
	query := func(headers map[string]string) {
		req := &backend.QueryDataRequest{Headers: headers, Queries: []backend.DataQuery{
			{RefID: "A", JSON: json.RawMessage(`{"queryType":"count"}`), TimeRange: lastHour},
		}}
		resp, err := d.QueryData(t.Context(), req)
		if err != nil || resp.Responses["A"].Error != nil {
			t.Errorf("%v %v", err, resp.Responses["A"].Error)
		}
	}
	var running sync.WaitGroup
	running.Go(func() { query(nil) })
	priority := <-scans
	if priority.Urgent() {
		t.Error("a dashboard is as urgent as an alert")
	}
	running.Go(func() { query(fromAlert(nil)) })
	for end := time.Now().Add(20 * time.Second); !priority.Urgent(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the alert waits behind dashboards")
		}
	}
	close(reads)
	running.Wait()
}
