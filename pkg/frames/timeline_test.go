package frames

import (
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// The histogram above a list of logs has to count the lines of the list, in the colours of the list.
func TestLevelsOfATimelineAreThoseOfTheEvidence(t *testing.T) {
	a, v := busy(t).answer(query.Query{QueryType: query.Timeline}), view(signature.EN)
	want := map[string]float64{}
	for l := range a.EachLine() {
		want[level(l.Match)]++
	}
	if len(want) < 2 {
		t.Fatalf("a fixture with one level proves little: %v", want)
	}
	f := Timeline(a, query.StatLevels, time.Minute, v)
	got := map[string]float64{}
	for _, field := range f.Fields[1:] {
		for i := range field.Len() {
			got[field.Labels["level"]] += field.At(i).(float64)
		}
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %g lines in the timeline, %g in the evidence", name, got[name], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("levels %v, want %v", got, want)
	}
}

func TestAnnotationsOfStartsAreLines(t *testing.T) {
	a, v := busy(t).answer(query.Query{QueryType: query.Annotations}), view(signature.EN)
	regions, starts := Annotations(a, "", v), Annotations(a, query.StatStarted, v)
	longer := 0
	for i := range len(a.Incidents) {
		if starts.Fields[0].At(i) != starts.Fields[1].At(i) || regions.Fields[0].At(i) != starts.Fields[0].At(i) {
			t.Errorf("row %d: %v to %v", i, starts.Fields[0].At(i), starts.Fields[1].At(i))
		}
		if regions.Fields[1].At(i) != regions.Fields[0].At(i) {
			longer++
		}
	}
	if longer == 0 {
		t.Error("no incident of the fixture lasts")
	}
}
