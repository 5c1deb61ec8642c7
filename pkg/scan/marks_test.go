package scan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/signature"
)

// later is what a changed catalogue knows besides.
const laterSignature = `
---
apiVersion: bkincidents/v1
id: later
revision: 1
status: active
severity: low
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  full: {source: nodeman, text: 'disk of %{int:size} is full'}
detect: {term: full}
key: [cluster, host]
resolve: {quiet: 10m}
`

func setOf(t *testing.T, text string) *signature.Set {
	t.Helper()
	sigs, err := signature.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// door marks lines as a collector does that knows the literals of a catalogue; nil marks none.
type door struct {
	revision string
	literals []string
}

func newDoor(set *Prepared) *door {
	return &door{set.Sought(signature.Nodeman).Revision, set.matcher.Literals(signature.Nodeman)}
}

func (d *door) mark(line string) string {
	switch {
	case d == nil:
		return ""
	case containsAny(line, d.literals):
		return d.revision
	}
	return Unwanted + d.revision
}

func containsAny(line string, literals []string) bool {
	for _, l := range literals {
		if strings.Contains(line, l) {
			return true
		}
	}
	return false
}

// A line that a collector has marked by an older catalogue, or not at all, is found as if nobody marked anything; and
// where nobody marks, nothing changes.
func TestMarkedStreamsGiveWhatAllStreamsGive(t *testing.T) {
	before, after := Prepare(setOf(t, testSignatures)), Prepare(setOf(t, testSignatures+laterSignature))
	doors := []*door{nil, newDoor(before), newDoor(after)}
	if doors[1].revision == doors[2].revision {
		t.Fatal("a catalogue with more literals has the same revision")
	}
	texts := []string{"agent failed 7", "agent failed 8", "name not resolved", "disk of 100 is full", "all is well", "all is well", "all is well"}
	left := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var plain, marked []memory.Stream
		for host := range 3 {
			all := map[string][]logproto.Entry{}
			labels := model.LabelSet{"app": "nodeman", "cluster": "c1", "host": model.LabelValue(fmt.Sprintf("10.0.0.%d", host))}
			var entries []logproto.Entry
			at, by := time.Duration(0), doors[rng.IntN(3)]
			for at < 3*time.Hour {
				if at += time.Duration(rng.IntN(600)) * time.Second; rng.IntN(6) == 0 {
					by = doors[rng.IntN(3)] // the collector gets another configuration
				}
				e := logproto.Entry{Timestamp: t0.Add(at), Line: texts[rng.IntN(len(texts))]}
				entries = append(entries, e)
				all[by.mark(e.Line)] = append(all[by.mark(e.Line)], e)
			}
			plain = append(plain, memory.NewStream(labels, entries))
			for mark, some := range all {
				set := labels.Clone()
				if mark != "" {
					set[MarkLabel] = model.LabelValue(mark)
				}
				if mark == Unwanted+doors[2].revision {
					left += len(some)
				}
				marked = append(marked, memory.NewStream(set, some))
			}
		}
		from, to := t0.Add(time.Duration(rng.IntN(60))*time.Minute), t0.Add(time.Duration(90+rng.IntN(90))*time.Minute)
		want := told(t, plain, after, false, 0, from, to)
		for name, got := range map[string]string{
			"marked":             told(t, marked, after, true, 0, from, to),
			"marked, remembered": told(t, marked, after, true, 1<<20, from, to),
			"nobody marks":       told(t, plain, after, true, 0, from, to),
		} {
			if got != want {
				t.Fatalf("seed %d, %s:\n%s\nwant\n%s", seed, name, got, want)
			}
		}
	}
	if left == 0 {
		t.Error("no line was left out: the test proves nothing")
	}
}

// told writes what a scan finds.
func told(t *testing.T, streams []memory.Stream, set *Prepared, marked bool, remember int64, from, to time.Time) string {
	t.Helper()
	s := New(memory.New(streams...), Options{
		Prepared: set, Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors:   []Selector{{Source: signature.Nodeman, Selector: `{app="nodeman"}`, OnHost: true, Marked: marked}},
		LookbackMax: 24 * time.Hour, MemoryBytes: remember, Lateness: 10 * time.Minute, Clock: func() time.Time { return to },
	})
	var b strings.Builder
	for range 2 { // the second from memory, if any
		b.Reset()
		res, err := s.Scan(t.Context(), Request{Start: from, End: to})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range res.Incidents {
			fmt.Fprintln(&b, i.ID, i.State, i.Reason, i.Start, i.Last, i.End, i.Count, i.Verdict, i.Hosts, i.Captures)
			for _, m := range i.Evidence {
				fmt.Fprintln(&b, "  ", m.Time, m.Stream.Labels)
			}
		}
		for _, l := range res.Lines {
			fmt.Fprintln(&b, l.Time, l.Line.String())
		}
	}
	return b.String()
}
