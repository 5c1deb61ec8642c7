package scan_test

import (
	"testing"

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
