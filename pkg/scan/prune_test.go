package scan

import (
	"fmt"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/scan/memory"
)

const withContext = `
apiVersion: bkincidents/v1
id: fetch
revision: 1
status: active
severity: high
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed:
    source: nodeman
    text: 'download failed with code \d+'
    context: [{at: before, within: 1m, text: 'fetching %{url:url}'}]
detect: {term: failed}
key: [cluster]
`

func TestHealthyCommandLinesAreNotKept(t *testing.T) {
	m := &fakeStore{}
	s := scanner(t, m)
	set := setOf(t, withContext)
	o := s.o
	o.Prepared = Prepare(set)
	s = New(&serial{Source: m}, o)
	for i := range 3 * memory.PruneAt {
		m.log("nodeman", time.Duration(i)*time.Second, fmt.Sprintf("fetching http://h%d/x", i))
	}
	r := s.newRun(Request{}, t0, s.o.Selectors)
	found, _, err := r.fetchSpan(t.Context(), s.o.Selectors[0], nil, t0, t0.Add(100*time.Hour), &stopwatch{})
	if err != nil || len(found) > 100 {
		t.Errorf("%d hits are kept, err %v", len(found), err)
	}
}
