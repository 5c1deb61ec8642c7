package plugin

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
	known "github.com/blueking/incidents/pkg/source"
)

// All error lines of a range are read for what signatures miss, so the panels of a dashboard and its refreshes share
// that; what is short, for an alert, or asked for somebody else is read by itself.
func TestUnexplainedErrorsAreReadOnceInAWhile(t *testing.T) {
	f := newFake()
	f.log(signature.Nodeman, 20*time.Minute, "ERROR something that nobody knows")
	now := noon.Add(time.Minute)
	d := open(t, f, func(c *config) { c.Clock = func() time.Time { return now } })
	reads := func(text, cookie string, length time.Duration, end time.Time) int64 {
		before := f.reads.Load()
		req := &backend.QueryDataRequest{Queries: []backend.DataQuery{{
			RefID: "A", JSON: json.RawMessage(text), TimeRange: backend.TimeRange{From: end.Add(-length), To: end},
		}}}
		if cookie != "" {
			req.SetHTTPHeader("Cookie", cookie)
		}
		res, err := d.QueryData(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		frame(t, res.Responses["A"])
		return f.reads.Load() - before
	}
	const day, clusters, coverage = 24 * time.Hour, `{"queryType":"unmatched"}`, `{"queryType":"unmatched","stat":"coverage"}`
	all := int64(len(known.Defaults()))
	for _, step := range []struct {
		name, query, cookie string
		length              time.Duration
		end                 time.Time
		want                int64
	}{
		{"the first panel", clusters, "", day, now, all},
		{"another panel of the refresh", coverage, "", day, now.Add(7 * time.Millisecond), 0},
		{"the next refresh", clusters, "", day, now.Add(30 * time.Second), 0},
		{"somebody else", clusters, "a=b", day, now, all},
		{"another range", clusters, "", 2 * day, now, all},
		{"one source", `{"queryType":"unmatched","sources":["agent"]}`, "", day, now, 1},
		{"a quarter of an hour", clusters, "", 15 * time.Minute, now, all},
		{"and a little later", clusters, "", 15 * time.Minute, now.Add(30 * time.Second), all},
		{"the next 5 minutes", clusters, "", day, now.Add(5 * time.Minute), all},
		{"a range that is over", clusters, "", day, noon.Add(-day), all},
		{"and another, 30 seconds apart", clusters, "", day, noon.Add(-day - 30*time.Second), all},
	} {
		if step.end.After(now) {
			now = step.end
		}
		if got := reads(step.query, step.cookie, step.length, step.end); got != step.want {
			t.Errorf("%s: %d reads, want %d", step.name, got, step.want)
		}
	}
}
