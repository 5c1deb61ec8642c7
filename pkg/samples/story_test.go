package samples

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
)

// base are the failures that the day shows.
var base = []string{"curl-404", "curl-dns", "curl-timeout", "gse-not-connected", "gse-zk-unresolved", "job-api-401", "job-jwt-key-timeout"}

// viewer asks for the incidents of the 24 hours before now. Compiling the signatures is what takes time, so it is done once.
type viewer struct {
	now     time.Time
	scanner *scan.Scanner
}

func newViewer(t testing.TB) *viewer {
	t.Helper()
	v := &viewer{}
	clock := func() time.Time { return v.now }
	v.scanner = scan.New(New(clock), scan.Options{
		Prepared:    scan.Prepare(set(t)),
		Labels:      incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors:   selectors,
		LookbackMax: 24 * time.Hour,
		Clock:       clock,
	})
	return v
}

// incidents of a range that ends now.
func (v *viewer) incidents(t testing.TB, now time.Time, back time.Duration) []incident.Incident {
	t.Helper()
	v.now = now
	result, err := v.scanner.Scan(t.Context(), scan.Request{Start: now.Add(-back), End: now})
	if err != nil {
		t.Fatal(err)
	}
	if reason := result.Partial(); reason != "" {
		t.Fatal(reason)
	}
	return result.Incidents
}

// At any time of the day somebody who opens the dashboards sees something that goes on, something that ended within six
// hours, and within a day every failure. Three days seen at once tell it for every minute of the one in the middle.
func TestThereIsAlwaysSomethingToSee(t *testing.T) {
	end := at("00:00:00").Add(2 * wholeDay)
	all := newViewer(t).incidents(t, end, 3*wholeDay)
	for minute := range 24 * 60 {
		now := at("00:00:00").Add(time.Duration(minute) * time.Minute)
		seen := map[string]bool{}
		active, recent := 0, 0
		for _, inc := range all {
			over := inc.EndOr(end)
			if inc.Start.Before(now) && over.After(now.Add(-wholeDay)) {
				seen[inc.Signature.ID] = true
			}
			switch {
			case inc.Start.After(now):
			case over.After(now):
				active++
			case now.Sub(over) <= 6*time.Hour:
				recent++
			}
		}
		if active == 0 || recent == 0 {
			t.Errorf("%s: %d active and %d over within 6 h", now.Format(time.TimeOnly), active, recent)
		}
		for _, id := range base {
			if !seen[id] {
				t.Errorf("%s: no %s within a day", now.Format(time.TimeOnly), id)
			}
			delete(seen, id)
		}
		for id := range seen {
			t.Errorf("%s: %s is not part of the story: change its lines in day/", now.Format(time.TimeOnly), id)
		}
	}
}

// What was told of a time afterwards is what is seen at that time.
func TestEveryHourHasItsActiveIncident(t *testing.T) {
	v := newViewer(t)
	for _, clock := range []string{"00:59:00", "05:46:00", "11:30:00", "15:30:00"} {
		if all := v.incidents(t, at(clock), wholeDay); len(all) == 0 || all[0].State != incident.Active {
			t.Errorf("%s: nothing is active", clock)
		}
	}
}

func TestTheStory(t *testing.T) {
	type short struct {
		signature, cluster string
		state              incident.State
		verdict            incident.Verdict
		reason             incident.Reason
		count              int
		hosts              string
	}
	var got []short
	all := newViewer(t).incidents(t, at("23:59:00"), wholeDay)
	for _, inc := range all {
		got = append(got, short{inc.Signature.ID, inc.Cluster, inc.State, inc.Verdict, inc.Reason, inc.Count, strings.Join(inc.HostNames(), " ")})
	}
	for _, want := range []short{
		{"curl-dns", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Recovered, 8, "10.0.6.31 10.0.6.32"},
		// Half of its lines come from the page's text, which names no host, so no host's recovery ends it.
		{"curl-dns", "bk-prod-sh", incident.Resolved, incident.Confirmed, incident.Quiet, 6, "10.8.2.18"},
		{"curl-timeout", "bk-prod-sh", incident.Resolved, incident.Confirmed, incident.Quiet, 52, "10.8.2.11 10.8.2.12"},
		{"curl-timeout", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Recovered, 6, "10.0.6.33"},
		{"curl-404", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Quiet, 24, "10.0.6.23 10.0.6.24"},
		{"gse-not-connected", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Recovered, 8, "10.0.6.21"},
		{"gse-not-connected", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Recovered, 4, "10.0.6.22"},
		{"gse-not-connected", "bk-prod-sh", incident.Resolved, incident.Suspected, incident.Quiet, 16, "10.8.2.15"},
		{"job-api-401", "bk-prod-sz", incident.Resolved, incident.Confirmed, incident.Quiet, 60, "10.0.6.51 10.0.6.52 10.0.6.53 10.0.6.54 10.0.6.55"},
		{"job-api-401", "bk-prod-sh", incident.Active, incident.Suspected, "", 39, "10.8.2.31 10.8.2.32 10.8.2.33 10.8.2.34 10.8.2.35"},
	} {
		if !slices.Contains(got, want) {
			t.Errorf("missing %+v", want)
		}
	}
	for _, inc := range all {
		if inc.Signature.ID == "job-jwt-key-timeout" && (inc.Count != 2 || inc.Reason != incident.Recovered) {
			t.Errorf("job-jwt-key-timeout: %d lines, %s", inc.Count, inc.Reason)
		}
	}
	if t.Failed() {
		t.Logf("got %+v", got)
	}
}

func BenchmarkADay(b *testing.B) {
	v := newViewer(b)
	for b.Loop() {
		v.incidents(b, at("12:00:00"), wholeDay)
	}
}

// An incident has as many lines in a range that begins in its middle as in one that has it whole, whichever of its carriers
// was read how far back.
func TestACountDoesNotDependOnTheRange(t *testing.T) {
	v := newViewer(t)
	now := at("17:24:10")
	counts := map[string]int{}
	for _, inc := range v.incidents(t, now, 48*time.Hour) {
		counts[inc.ID] = inc.Count
	}
	for _, inc := range v.incidents(t, now, 24*time.Hour) {
		if want, ok := counts[inc.ID]; ok && inc.Count != want {
			t.Errorf("%s from %s: %d lines in a day, %d in two", inc.Signature.ID, inc.Start, inc.Count, want)
		}
	}
}
