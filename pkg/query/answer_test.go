package query

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

func set(t *testing.T) *signature.Set {
	t.Helper()
	var text string
	for _, s := range []struct{ id, status, severity, source string }{
		{"a", "active", "high", "nodeman"}, {"b", "active", "low", "agent"}, {"c", "shadow", "high", "nodeman"}, {"d", "deprecated", "low", "agent"},
	} {
		text += strings.NewReplacer("ID", s.id, "STATUS", s.status, "SEVERITY", s.severity, "SOURCE", s.source).Replace(`---
apiVersion: bkincidents/v1
id: ID
revision: 1
status: STATUS
severity: SEVERITY
class: unknown
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed: {source: SOURCE, text: failure of ID and more}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 20m}
`)
	}
	sigs, err := signature.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestChoose(t *testing.T) {
	all := set(t)
	for name, tc := range map[string]struct {
		q    Query
		want string
	}{
		"active ones by default":     {Query{QueryType: Incidents}, "a b"},
		"all of the catalogue":       {Query{QueryType: Signatures}, "a b c d"},
		"any by id":                  {Query{QueryType: Incidents, Signatures: []string{"c", "a"}}, "a c"},
		"by severity":                {Query{QueryType: Incidents, Severities: []string{"high"}}, "a"},
		"by source":                  {Query{QueryType: Signatures, Sources: []string{"agent"}}, "b d"},
		"none that fits all filters": {Query{QueryType: Count, Severities: []string{"high"}, Sources: []string{"agent"}}, ""},
	} {
		got, err := tc.q.Choose(all)
		var names []string
		for _, s := range got {
			names = append(names, s.ID)
		}
		if err != nil || strings.Join(names, " ") != tc.want {
			t.Errorf("%s: %v %v", name, names, err)
		}
	}
	if _, err := (Query{Signatures: []string{"x"}}).Choose(all); err == nil || !strings.Contains(err.Error(), "choose one of a, b, c, d") {
		t.Error(err)
	}
}

func TestAnIncidentIsFoundThoughItsStartIsKnownHereAndNotThere(t *testing.T) {
	a := set(t).All()[0]
	at := time.UnixMilli(1000)
	known := incident.Incident{Signature: a, Fingerprint: "f1", ID: "f1-1000", Start: at, StartKnown: true}
	later := incident.Incident{Signature: a, Fingerprint: "f1", ID: "f1-9000", Start: at.Add(8 * time.Second), StartKnown: true}
	open := incident.Incident{Signature: a, Fingerprint: "f1", ID: "f1~", Start: at}
	other := incident.Incident{Signature: a, Fingerprint: "f2", ID: "f2-1000", Start: at, StartKnown: true}
	for name, tc := range map[string]struct {
		list []incident.Incident
		id   string
		want []string
	}{
		"by id":          {[]incident.Incident{later, known, other}, "f1-1000", []string{"f1-1000"}},
		"by fingerprint": {[]incident.Incident{later, known, other}, "f1", []string{"f1-9000", "f1-1000"}},
		"a link knew the start, the range does not": {[]incident.Incident{later, open, other}, "f1-1000", []string{"f1~"}},
		"a link did not, the range does":            {[]incident.Incident{later, known, other}, "f1~", []string{"f1-1000"}},
		"another episode is not it":                 {[]incident.Incident{later, other}, "f1-1000", nil},
		"nothing":                                   {nil, "f1", nil},
	} {
		var got []string
		for _, i := range named(tc.list, tc.id) {
			got = append(got, i.ID)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestSelectFiltersLinesLikeIncidents(t *testing.T) {
	all := set(t)
	a, _ := all.Get("a")
	line := func(incidentID, cluster, host string) incident.Line {
		l := incident.Line{Place: &incident.Place{Incident: incidentID, Cluster: cluster, Host: host}}
		l.Match = match.Match{Kind: &match.Kind{Hit: match.Hit{Signature: a}}}
		return l
	}
	res := &scan.Result{
		Incidents: []incident.Incident{
			{Signature: a, Fingerprint: "f1", ID: "f1-1", Cluster: "c1", State: incident.Active, Hosts: []incident.Host{{Name: "h1"}, {Name: "h2"}}},
			{Signature: a, Fingerprint: "f2", ID: "f2-1", Cluster: "c2", State: incident.Resolved, Hosts: []incident.Host{{Name: "h1"}}},
		},
		Lines: []incident.Line{line("f1-1", "c1", "h1"), line("f1-1", "c1", "h2"), line("f2-1", "c2", "h1"), line("", "c1", "h3")},
	}
	for name, tc := range map[string]struct {
		q                Query
		incidents, lines int
	}{
		"everything":     {Query{}, 2, 4},
		"a host":         {Query{Hosts: []string{"h1"}}, 2, 2},
		"another host":   {Query{Hosts: []string{"h2"}}, 1, 1},
		"a cluster":      {Query{Clusters: []string{"c1"}}, 1, 3},
		"a state":        {Query{States: []string{"resolved"}}, 1, 1},
		"one incident":   {Query{Incident: "f1"}, 1, 2},
		"none":           {Query{Clusters: []string{"c3"}}, 0, 0},
		"by signature b": {Query{Signatures: []string{"b"}}, 0, 0},
	} {
		got, err := tc.q.Select(res, all)
		if err != nil || len(got.Incidents) != tc.incidents || lines(got) != tc.lines {
			t.Errorf("%s: %d incidents, %d lines, %v", name, len(got.Incidents), lines(got), err)
		}
	}
	_, err := Query{Incident: "f9"}.Select(res, all)
	var said *Error
	if !errors.As(err, &said) || !said.NotFound || !strings.Contains(said.Message("zh"), "扩大时间范围") {
		t.Error(err)
	}
}

func lines(a Answer) (n int) {
	for range a.EachLine() {
		n++
	}
	return n
}
