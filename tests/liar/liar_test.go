package liar

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

const signatures = `
apiVersion: bkincidents/v1
id: symptom
revision: 1
status: active
severity: high
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'agent failed %{int:pid}'}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 30m}
---
apiVersion: bkincidents/v1
id: unresolved
revision: 1
status: active
severity: medium
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  broken: {source: agent, text: name not resolved}
detect: {term: broken}
key: [cluster, host]
resolve: {quiet: 1h}
`

// unit is what falls silent while it fails.
type unit struct {
	name    string
	streams []stream
}

// units are those of the test: each fails and dies, while others ship.
func units() []unit {
	nodeman := func(cluster, failure string, dies bool) stream {
		return stream{labels: model.LabelSet{"app": "nodeman", "cluster": model.LabelValue(cluster)}, failure: failure, beats: true, dies: dies}
	}
	host := func(name, failure string, dies bool) []stream {
		labels := func(file string) model.LabelSet {
			return model.LabelSet{"host": model.LabelValue(name), "cluster": "a", "file": model.LabelValue(file)}
		}
		return []stream{{labels: labels("journal"), beats: true, dies: dies}, {labels: labels("agent-err"), failure: failure, dies: dies}}
	}
	return []unit{
		{"a cluster of two", append([]stream{nodeman("a", "agent failed 1", true), nodeman("b", "", false)}, host("h1", "", false)...)},
		{"a cluster without a name", []stream{nodeman("", "agent failed 1", true), nodeman("b", "", false)}},
		{"a host of two", append(append([]stream{nodeman("a", "", false)}, host("h1", "name not resolved", true)...), host("h2", "", false)...)},
		{"everything", append([]stream{nodeman("a", "agent failed 1", true), nodeman("b", "", true)}, host("h1", "", true)...)},
	}
}

func signatureSet(t *testing.T) *signature.Set {
	t.Helper()
	sigs, err := signature.Parse("liar.yaml", []byte(signatures))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (w *world) scanner(set *signature.Set) *scan.Scanner {
	client := loki.New(loki.Options{URL: "http://loki", HTTP: &http.Client{Transport: w}, RequestTimeout: time.Second, Parallel: 1})
	return scan.New(client, scan.Options{
		Prepared: scan.Prepare(set), Labels: incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors:   []scan.Selector{{Source: "nodeman", Selector: `{app="nodeman"}`}, {Source: "agent", Selector: `{file="agent-err"}`, OnHost: true}},
		LookbackMax: 24 * time.Hour, Lateness: 10 * time.Minute, MemoryBytes: 8 << 20, MaxLines: 100_000, Clock: w.clock,
	})
}

// row is what a rule gets: rows, or an error that says that it must not trust them.
type row int

const (
	firing row = iota
	over
	missing
	refused
)

func (r row) String() string { return []string{"1", "0", "no row", "an error"}[r] }

// evaluate asks as a rule does.
func evaluate(t *testing.T, s *scan.Scanner, now time.Time) row {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second) // Grafana gives a rule 30 s
	defer cancel()
	res, err := s.Scan(ctx, scan.Request{Start: now.Add(-16 * time.Minute), End: now})
	if err != nil || res.Partial() != "" {
		return refused
	}
	for _, c := range res.Coverage {
		if state, _ := c.Worst(); state != logs.Complete {
			return refused
		}
	}
	switch rows := incident.AlertRows(res.Incidents, res.Now); {
	case len(rows) == 0:
		return missing
	case rows[0].Value == 1:
		return firing
	default:
		return over
	}
}

// combination is one case.
type combination struct {
	unit   int
	fault  fault
	outage time.Duration
	when   string
	// restart: the plugin is started anew in the middle of the outage.
	restart bool
}

// few is how many of the combinations are tried, chosen by the seed; LIAR_COMBINATIONS tries more.
const few = 60

func combinations() []combination {
	var out []combination
	times := func(u int, f fault) {
		for _, outage := range []time.Duration{5 * time.Minute, 70 * time.Minute, 25 * time.Hour, 72 * time.Hour} {
			for _, when := range []string{"long before", "before", "during", "after"} {
				out = append(out, combination{unit: u, fault: f, outage: outage, when: when, restart: false})
			}
		}
	}
	for u := range units() {
		for _, f := range offs {
			times(u, f)
		}
		for _, at := range []endpoint{volumes, counts, names, pages, limits, all} {
			list := faults
			switch at {
			case volumes, counts:
				list = append(append([]fault{}, faults...), silence)
			case names:
				list = append(append([]fault{}, faults...), nameless)
			}
			for _, f := range list {
				f.endpoint = at
				times(u, f)
			}
		}
	}
	return out
}

// While a failure goes on and its unit does not ship, or cannot be read, no rule is told that it is over: neither by a
// row of 0 nor by a row that is missing. When the unit ships again and Loki answers, the truth is told.
func TestNoLieResolvesAFailureThatGoesOn(t *testing.T) {
	seed := uint64(20261130)
	if s := os.Getenv("LIAR_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	cases := combinations()
	rng.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	most := few
	if n, err := strconv.Atoi(os.Getenv("LIAR_COMBINATIONS")); err == nil {
		most = n
	}
	if only := os.Getenv("LIAR_ONLY"); only != "" {
		cases = slices.DeleteFunc(cases, func(c combination) bool { return string(c.fault.endpoint) != only })
	}
	cases = cases[:min(most, len(cases))]
	set := signatureSet(t)
	evaluations, refusals := 0, 0
	for _, c := range cases {
		c.restart = rng.IntN(3) == 0 && units()[c.unit].name != "a host of two"
		name := fmt.Sprintf("%s, outage of %s, %s: %s %s the outage, restart %v", units()[c.unit].name, c.outage, c.fault.endpoint, c.fault.name, c.when, c.restart)
		offset := time.Duration(rng.IntN(600)) * time.Second
		synctest.Test(t, func(t *testing.T) {
			n, r := judge(t, c, set, name, offset)
			evaluations += n
			refusals += r
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d combinations with seed %d: %d evaluations, %d of them errors", len(cases), seed, evaluations, refusals)
}

func judge(t *testing.T, c combination, set *signature.Set, name string, offset time.Duration) (evaluations, refusals int) {
	t.Helper()
	began := 10 * time.Hour // of the failure; the world has been shipping for ten days before
	died := began + 40*time.Minute
	if c.when == "long before" {
		died += 4 * time.Hour // time to forget what the lie told
	}
	w := &world{
		t0: time.Now().Add(offset.Truncate(time.Minute)), streams: units()[c.unit].streams, fault: c.fault,
		outage: span{died, died + c.outage}, failure: span{began, died + c.outage + 20*time.Minute},
	}
	lasts := min(30*time.Minute, c.outage/2)
	switch c.when {
	case "long before":
		w.lie = span{began + 20*time.Minute, began + 30*time.Minute}
	case "before":
		w.lie = span{died - 20*time.Minute, died + lasts}
	case "during":
		w.lie = span{died + lasts, died + c.outage - lasts/2}
	case "after":
		w.lie = span{died + c.outage - lasts/2, died + c.outage + 15*time.Minute}
	}
	s := w.scanner(set)
	instants := []time.Duration{began + 5*time.Minute}
	for at := began + 15*time.Minute; at < died-10*time.Minute; at += 15 * time.Minute {
		instants = append(instants, at)
	}
	instants = append(instants, died-10*time.Minute, died-time.Minute, died+time.Minute)
	for n := 1; n < 10; n++ {
		instants = append(instants, died+c.outage*time.Duration(n)/10)
	}
	for _, after := range []time.Duration{-time.Minute, 0, time.Minute, 5 * time.Minute, 10 * time.Minute, 16 * time.Minute, 19 * time.Minute} {
		instants = append(instants, died+c.outage+after)
	}
	for i, at := range instants {
		if at += offset % time.Minute; at < w.now() {
			continue
		}
		time.Sleep(at - w.now())
		if c.restart && i == len(instants)-12 {
			s = w.scanner(set)
		}
		got := evaluate(t, s, w.clock())
		evaluations++
		switch got {
		case over, missing:
			t.Errorf("%s: at %s into the outage of a failure that goes on a rule gets %s", name, w.now()-died, got)
			return evaluations, refusals
		case refused:
			refusals++
			if !w.lie.has(w.now()) && !w.lie.has(w.now()-30*time.Second) { // an evaluation takes up to 25 s
				t.Errorf("%s: at %s into the outage Loki answers, and a rule gets an error", name, w.now()-died)
			}
		}
	}
	// All is well again: it ends, within its quiet time and what is not settled.
	time.Sleep(w.failure.to + 70*time.Minute - w.now())
	if got := evaluate(t, s, w.clock()); got != over && got != missing {
		t.Errorf("%s: 70 min after the failure ended a rule gets %s", name, got)
	}
	return evaluations + 1, refusals
}
