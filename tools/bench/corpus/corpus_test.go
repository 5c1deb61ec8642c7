package corpus

import (
	"reflect"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func TestTheCorpusHasTheHitsItSaysAndIsTheSameEachTime(t *testing.T) {
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Lines: 20_000, Hits: 200, End: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), Span: 5 * time.Hour}
	c, err := New(set, o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := New(set, o)
	if err != nil {
		t.Fatal(err)
	}
	m := match.New(set)
	lines, bytes, hits := 0, 0, 0
	for at := o.End.Add(-o.Span); at.Before(o.End); at = at.Add(37 * time.Minute) {
		for _, s := range c.Between(at, at.Add(37*time.Minute)) {
			labels, err := selector.ParseLabels(s.Labels)
			if err != nil {
				t.Fatal(err)
			}
			source, ok := sourceOf(labels)
			if !ok {
				t.Fatalf("no default selector selects %s", s.Labels)
			}
			for i, e := range s.Entries {
				if i > 0 && e.Timestamp.Before(s.Entries[i-1].Timestamp) {
					t.Fatal("lines are not in order of time")
				}
				lines++
				bytes += len(e.Line)
				for _, h := range m.Line(source, e.Line) {
					if h.Role == match.Detects {
						hits++
						break
					}
				}
			}
		}
	}
	if lines < o.Lines*95/100 || lines > o.Lines*105/100 {
		t.Errorf("%d lines, asked for %d", lines, o.Lines)
	}
	if hits < o.Hits || hits > o.Hits+5 {
		t.Errorf("%d hits, asked for %d", hits, o.Hits)
	}
	if size := bytes / lines; size < 150 || size > 300 {
		t.Errorf("%d bytes a line", size)
	}
	from := o.End.Add(-time.Hour)
	if !reflect.DeepEqual(c.Between(from, o.End), again.Between(from, o.End)) {
		t.Error("the same options give other lines")
	}
	t.Logf("%d lines, %d bytes each, %d hits, %d streams", lines, bytes/lines, hits, len(c.streams))
}
