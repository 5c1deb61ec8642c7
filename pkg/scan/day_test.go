package scan

import (
	"fmt"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// A day of a dashboard that refreshes every 30 s, with an incident that begins every two hours, some of whose
// lines are late, and somebody who tries another filter every five minutes: the memory has its bound all day, and what
// it answers is what reading everything anew answers.
func TestADayOfRefreshes(t *testing.T) {
	const refreshes = 24 * 60 * 2
	m := &fakeStore{}
	clock := t0
	const bound = 256 << 10
	remembering, fresh := refreshingWithin(t, m, &clock, bound)
	ids := map[string]string{}
	compared, most := 0, int64(0)
	for n := range refreshes {
		clock = t0.Add(time.Duration(n) * 30 * time.Second)
		// For five minutes; then some lines come eight minutes late, which is within lateness.
		if at := clock.Sub(t0); at%(2*time.Hour) < 5*time.Minute {
			m.log("nodeman", at-time.Second, fmt.Sprintf("agent failed %d", n))
		} else if at%(2*time.Hour) < 6*time.Minute {
			m.log("nodeman", at-8*time.Minute, fmt.Sprintf("agent failed %d", n))
		}
		req := Request{Start: clock.Add(-6 * time.Hour), End: clock}
		got, err := remembering.Scan(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if n%10 == 0 {
			filtered := req
			filtered.Matchers = []logs.Matcher{{Name: "cluster", Op: logs.Equal, Value: fmt.Sprint("c", n)}}
			if _, err := remembering.Scan(t.Context(), filtered); err != nil {
				t.Fatal(err)
			}
		}
		for _, inc := range got.Incidents {
			if id, seen := ids[inc.Fingerprint+inc.Start.String()]; seen && id != inc.ID {
				t.Fatalf("after %s the id changed from %s to %s", clock.Sub(t0), id, inc.ID)
			}
			ids[inc.Fingerprint+inc.Start.String()] = inc.ID
		}
		if most = max(most, remembering.memory.Size()); most > bound {
			t.Fatalf("after %s: %d bytes are remembered, the bound is %d", clock.Sub(t0), most, int64(bound))
		}
		if n%96 != 95 {
			continue
		}
		want, err := fresh.Scan(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		compared++
		if got.Partial() != "" || !equalIncidents(got, want) {
			t.Fatalf("after %s: %d incidents, want %d", clock.Sub(t0), len(got.Incidents), len(want.Incidents))
		}
		if len(got.Incidents) == 0 {
			t.Fatalf("after %s: no incidents", clock.Sub(t0))
		}
	}
	t.Logf("%d refreshes, %d compared with a fresh scan, at most %d KB remembered", refreshes, compared, most>>10)
}
