package corpus

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// entry is a log entry of a story.
type entry struct {
	At     int               `json:"at"`
	Source signature.Source  `json:"source"`
	Line   string            `json:"line"`
	OnHost bool              `json:"on_host"`
	Labels map[string]string `json:"labels"`
}

// expected are the incidents of one signature.
type expected struct {
	Signature string            `json:"signature"`
	Incidents int               `json:"incidents"`
	Hosts     []string          `json:"hosts"`
	Verdict   string            `json:"verdict"`
	State     string            `json:"state"`
	Captures  map[string]string `json:"captures"`
}

type story struct {
	Name    string     `json:"name"`
	Entries []entry    `json:"entries"`
	Expect  []expected `json:"expect"`
}

// report is what an operator published of a failure, with values of our own.
type report struct {
	ID    string `json:"id"`
	Lines []struct {
		Source signature.Source `json:"source"`
		Line   string           `json:"line"`
	} `json:"lines"`
	Expect   []string          `json:"expect"`
	Captures map[string]string `json:"captures"`
}

// day is when stories begin.
var day = time.Date(2026, 9, 16, 13, 40, 0, 0, time.UTC)

// desk scans one story at a time; the scanner, which is costly to compile, serves all.
type desk struct {
	store   *memory.Store
	scanner *scan.Scanner
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{}
	var selectors []scan.Selector
	for _, source := range signature.Sources() {
		for _, onHost := range []bool{false, true} {
			selectors = append(selectors, scan.Selector{Source: source, OnHost: onHost, Selector: `{story_source="` + string(source) + `", story_host="` + strconv.FormatBool(onHost) + `"}`})
		}
	}
	d.scanner = scan.New(d, scan.Options{
		Prepared: scan.Prepare(set), Selectors: selectors, LookbackMax: 24 * time.Hour,
		Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Clock:  func() time.Time { return day.AddDate(1, 0, 0) },
	})
	return d
}

// Read implements scan.Source.
func (d *desk) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	return d.store.Read(ctx, req)
}

// Live implements scan.Source.
func (d *desk) Live(ctx context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	return d.store.Live(ctx, req)
}

// Describe implements scan.Source.
func (d *desk) Describe(req logs.Request) string { return memory.Describe(req) }

// tell returns the incidents of entries.
func (d *desk) tell(t *testing.T, entries []entry) []incident.Incident {
	t.Helper()
	byKey := map[string][]logproto.Entry{}
	labels := map[string]model.LabelSet{}
	last := 0
	for _, e := range entries {
		set := model.LabelSet{"story_source": model.LabelValue(e.Source), "story_host": model.LabelValue(strconv.FormatBool(e.OnHost))}
		for name, value := range e.Labels {
			set[model.LabelName(name)] = model.LabelValue(value)
		}
		key := set.String()
		labels[key] = set
		at := day.Add(time.Duration(e.At)*time.Second + time.Duration(len(byKey[key])))
		byKey[key] = append(byKey[key], logproto.Entry{Timestamp: at, Line: e.Line})
		last = max(last, e.At)
	}
	var streams []memory.Stream
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		streams = append(streams, memory.NewStream(labels[key], byKey[key]))
	}
	d.store = memory.New(streams...)
	result, err := d.scanner.Scan(t.Context(), scan.Request{Start: day.Add(-time.Minute), End: day.Add(time.Duration(last+2) * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	return result.Incidents
}

func TestStoriesOfSeveralCarriers(t *testing.T) {
	d := newDesk(t)
	for _, s := range slices.Concat(read[story](t, "stories.jsonl"), read[story](t, "sequences.jsonl"), read[story](t, "episodes.jsonl"), read[story](t, "evenings.jsonl")) {
		t.Run(s.Name, func(t *testing.T) {
			got := map[string][]incident.Incident{}
			for _, inc := range d.tell(t, s.Entries) {
				got[inc.Signature.ID] = append(got[inc.Signature.ID], inc)
			}
			for _, want := range s.Expect {
				want.check(t, got[want.Signature])
				delete(got, want.Signature)
			}
			for id, incidents := range got {
				t.Errorf("%d incidents of %s, want none", len(incidents), id)
			}
		})
	}
}

func (want expected) check(t *testing.T, got []incident.Incident) {
	t.Helper()
	if len(got) != want.Incidents {
		t.Errorf("%d incidents of %s, want %d", len(got), want.Signature, want.Incidents)
		return
	}
	var hosts []string
	for i := range got {
		hosts = append(hosts, got[i].HostNames()...)
		if want.Verdict != "" && string(got[i].Verdict) != want.Verdict {
			t.Errorf("%s is %s, want %s", want.Signature, got[i].Verdict, want.Verdict)
		}
		if want.State != "" && string(got[i].State) != want.State {
			t.Errorf("%s is %s, want %s", want.Signature, got[i].State, want.State)
		}
		for name, value := range want.Captures {
			if got[i].Captures[name] != value {
				t.Errorf("%s: %s is %q, want %q", want.Signature, name, got[i].Captures[name], value)
			}
		}
	}
	slices.Sort(hosts)
	if want.Hosts != nil && !slices.Equal(hosts, want.Hosts) {
		t.Errorf("%s fails on %v, want %v", want.Signature, hosts, want.Hosts)
	}
}

// What people who run BlueKing reported is named right, and nothing else is said of it.
func TestReportsFromTheField(t *testing.T) {
	d := newDesk(t)
	for _, r := range read[report](t, "reports.jsonl") {
		t.Run(r.ID, func(t *testing.T) {
			var entries []entry
			for i, l := range r.Lines {
				entries = append(entries, entry{At: i, Source: l.Source, Line: l.Line, Labels: map[string]string{"cluster": "c1"}})
			}
			got := map[string]incident.Incident{}
			for _, inc := range d.tell(t, entries) {
				got[inc.Signature.ID] = inc
			}
			if ids := slices.Sorted(maps.Keys(got)); !slices.Equal(ids, slices.Sorted(slices.Values(r.Expect))) {
				t.Fatalf("found %v, want %v: %.300q", ids, r.Expect, r.Lines)
			}
			for name, value := range r.Captures {
				if inc := got[r.Expect[0]]; inc.Captures[name] != value {
					t.Errorf("%s is %q, want %q", name, inc.Captures[name], value)
				}
			}
		})
	}
}

// A 401 whose request had no user is about the user: no step asks for the key or restarts the gateway.
func TestStepsOf401FollowWhatTheGatewaySaid(t *testing.T) {
	d := newDesk(t)
	for _, r := range read[report](t, "reports.jsonl") {
		if r.ID != "B9" {
			continue
		}
		var entries []entry
		for i, l := range r.Lines {
			entries = append(entries, entry{At: i, Source: l.Source, Line: l.Line, Labels: map[string]string{"cluster": "c1"}})
		}
		for _, inc := range d.tell(t, entries) {
			if inc.Signature.ID != "job-api-401" {
				continue
			}
			var ids []string
			for _, s := range inc.Steps(incident.Rendering{Lang: signature.EN, Version: "7.2"}) {
				ids = append(ids, s.ID)
			}
			if inc.Verdict != incident.Confirmed || inc.Proven() != "no-username" || !slices.Equal(ids, []string{"user"}) {
				t.Errorf("%s, proven %q, steps %v", inc.Verdict, inc.Proven(), ids)
			}
		}
	}
}
