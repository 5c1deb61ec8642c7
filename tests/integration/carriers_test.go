//go:build integration

package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
	"github.com/blueking/incidents/tools/lokiserver"
)

// TestLokiReturnsEveryHitInEveryCarrier pushes the lines of all fixtures in all carriers. Loki sees raw bytes: what
// the matcher takes for a hit after unwrapping must contain, raw, one of the literals that are pushed down.
func TestLokiReturnsEveryHitInEveryCarrier(t *testing.T) {
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	matcher := match.New(set)
	start := time.Now().Add(-time.Hour)
	streams := map[signature.Source]*logproto.Stream{}
	hits := map[signature.Source]map[string]bool{}
	for _, source := range signature.Sources() {
		streams[source] = &logproto.Stream{Labels: fmt.Sprintf(`{test="carriers", source=%q}`, source)}
		hits[source] = map[string]bool{}
	}
	n := 0
	push := func(source signature.Source, line string) {
		n++
		streams[source].Entries = append(streams[source].Entries, logproto.Entry{Timestamp: start.Add(time.Duration(n) * time.Millisecond), Line: line})
		if len(matcher.Line(source, line)) > 0 {
			hits[source][line] = true
		}
	}
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			for _, l := range f.Lines {
				source := l.SourceIn(sig)
				for _, carrier := range fixtures.Carriers() {
					for _, wrapped := range carrier.Wrap(l.Line, start, event.Error) {
						push(source, wrapped)
						for _, again := range fixtures.DockerJSON.Wrap(wrapped, start, event.Error) {
							push(source, again)
						}
					}
				}
			}
		}
	}
	var all []logproto.Stream
	for _, s := range streams {
		all = append(all, *s)
	}
	if err := lokiserver.Push(t.Context(), lokiURL(), "", all); err != nil {
		t.Fatal(err)
	}
	client := loki.New(loki.Options{URL: lokiURL()})
	for _, source := range signature.Sources() {
		records, _ := client.Read(t.Context(), logs.Request{
			Selector: streams[source].Labels, Filters: pushdown.Filters(matcher.Literals(source)), Start: start, End: time.Now(),
		})
		got := map[string]bool{}
		for rec, err := range records {
			if err != nil {
				t.Fatal(err)
			}
			got[strings.Clone(rec.Entry.Line)] = true
		}
		missed := 0
		for line := range hits[source] {
			if !got[line] {
				missed++
				t.Errorf("%s: Loki did not return %.300q", source, line)
			}
		}
		t.Logf("%s: %d lines pushed, %d returned, %d hits, %d missed", source, len(streams[source].Entries), len(got), len(hits[source]), missed)
	}
}
