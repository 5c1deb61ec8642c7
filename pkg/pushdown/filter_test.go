package pushdown_test

import (
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// TestWhatASignatureWantsPassesTheFilter takes every fixture's lines in every carrier, and in a container's JSON again.
func TestWhatASignatureWantsPassesTheFilter(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	m := match.New(set)
	filters := map[signature.Source][]logs.Filter{}
	for _, source := range signature.Sources() {
		filters[source] = pushdown.Filters(m.Literals(source))
	}
	wanted := 0
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			for _, l := range f.Lines {
				source := l.SourceIn(sig)
				for _, carrier := range fixtures.Carriers() {
					for _, line := range carrier.Wrap(l.Line, at, event.Error) {
						for _, raw := range append(fixtures.DockerJSON.Wrap(line, at, event.Error), line) {
							if len(m.Line(source, raw)) == 0 {
								continue
							}
							wanted++
							if !logs.Passes(raw, filters[source]) {
								t.Errorf("%s: the filters of %s drop %q", sig.ID, source, raw)
							}
						}
					}
				}
			}
		}
	}
	if wanted < 1000 {
		t.Errorf("only %d lines were judged", wanted)
	}
}
