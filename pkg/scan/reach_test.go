package scan_test

import (
	"slices"
	"testing"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func TestWhatSelectorsCanEverSee(t *testing.T) {
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	pods := scan.Selector{Source: signature.Nodeman, Selector: `{namespace="blueking", pod=~"bk-nodeman-.*"}`}
	hosts := scan.Selector{Source: signature.Nodeman, Selector: `{filename=~".*nm.setup.*"}`, OnHost: true}
	shipped := scan.Selector{Source: signature.Nodeman, Selector: `{job="nodeman-execution-log"}`}
	for id, want := range map[string][3]bool{ // by pods, by files on hosts, by the shipped execution log
		"curl-dns":          {true, false, true},
		"install-timeout":   {false, false, true},
		"gse-not-connected": {true, true, true},
		"job-license":       {false, false, false},
	} {
		sig, ok := set.Get(id)
		if !ok {
			t.Fatalf("no signature %s", id)
		}
		for i, s := range []scan.Selector{pods, hosts, shipped} {
			if got := scan.Sees([]scan.Selector{s}, sig); got != want[i] {
				t.Errorf("%s through %s: seen is %v, want %v", id, s.Selector, got, want[i])
			}
		}
	}
}

func TestEverySignatureSaysWhereItsTextAppears(t *testing.T) {
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range set.All() {
		if len(sig.Reaches) == 0 {
			t.Errorf("%s: give reaches", sig.ID)
		}
	}
}

func TestMatchersOfTheExecutionLogsEntriesAreNoneOfItsStreams(t *testing.T) {
	cluster, host := logs.Matcher{Name: "cluster", Op: logs.Equal, Value: "c"}, logs.Matcher{Name: "host", Op: logs.Equal, Value: "10.0.0.1"}
	for sel, shipped := range map[string]bool{
		`{job="nodeman-execution-log"}`:                          true,
		`{cluster="prod", job="nodeman-execution-log"}`:          true,
		`{service_name=~"nodeman-.*"}`:                           true,
		`{namespace="blueking", pod=~"bk-nodeman-.*"}`:           false,
		`{namespace="blueking", job=~".+"}`:                      false,
		`{job="blueking/bk-nodeman", pod=~"bk-nodeman-saas-.*"}`: false,
	} {
		s := scan.Selector{Source: signature.Nodeman, Selector: sel}
		streams, metadata := s.Narrow([]logs.Matcher{cluster, host})
		want := []logs.Matcher{cluster, host}
		if shipped {
			want = []logs.Matcher{cluster}
		}
		if !slices.Equal(streams, want) || len(streams)+len(metadata) != 2 {
			t.Errorf("%s: streams %v, metadata %v", sel, streams, metadata)
		}
	}
}
