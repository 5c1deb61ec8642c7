package liar

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/scan"
)

// wide is a Loki with one stream of many labels, and a line at each of some times.
type wide struct {
	labels string
	times  []time.Time
}

func (w wide) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/query_range") {
		return respond(req, http.StatusOK, "application/json", []byte(`{"status":"success","data":{"resultType":"matrix","result":[]}}`)), nil
	}
	if err := req.ParseForm(); err != nil {
		return nil, err
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(req.Form.Get(name), 10, 64)
		return n
	}
	var values []string
	for i, at := range w.times {
		if ns := at.UnixNano(); ns >= number("start") && ns < number("end") && int64(len(values)) < number("limit") {
			values = append(values, fmt.Sprintf(`["%d","agent failed %d"]`, ns, i))
		}
	}
	body := `{"status":"success","data":{"resultType":"streams","result":[]}}`
	if len(values) > 0 {
		body = fmt.Sprintf(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{%s"app":"nodeman"},"values":[%s]}]}}`, w.labels, strings.Join(values, ","))
	}
	return respond(req, http.StatusOK, "application/json", []byte(body)), nil
}

// Streams of a hundred thousand labels are an answer or an error, in the time that a query has.
func TestAHundredThousandLabelsEndInTime(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	const lines = 200
	w := wide{}
	var labels strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&labels, `"label_%d":"value %d",`, i, i)
	}
	w.labels = labels.String()
	for i := range lines {
		w.times = append(w.times, now.Add(-10*time.Minute+time.Duration(i)*time.Second))
	}
	client := loki.New(loki.Options{URL: "http://loki", HTTP: &http.Client{Transport: w}})
	s := scan.New(client, scan.Options{
		Prepared: scan.Prepare(signatureSet(t)), Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors:   []scan.Selector{{Source: "nodeman", Selector: `{app="nodeman"}`}},
		LookbackMax: 24 * time.Hour, Lateness: 10 * time.Minute, MemoryBytes: 64 << 20, MaxLines: 100_000, Clock: func() time.Time { return now },
	})
	const timeout = 30 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	started := time.Now()
	res, err := s.Scan(ctx, scan.Request{Start: now.Add(-15 * time.Minute), End: now})
	took := time.Since(started)
	t.Logf("%s: %v", took.Round(time.Millisecond), err)
	if took > timeout+5*time.Second {
		t.Errorf("the query has %s and took %s", timeout, took)
	}
	if err == nil && res.Partial() == "" && (len(res.Incidents) != 1 || res.Incidents[0].Count != lines) {
		t.Errorf("an answer that calls itself complete has %d incidents", len(res.Incidents))
	}
}
