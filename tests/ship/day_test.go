//go:build integration

package ship

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tests/asks"
	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/nodeman"
	"github.com/blueking/incidents/tools/pluginrun"
)

// TestADayOfTasksBecomesIncidents follows the execution log from nodeman's tables through the shipper and a real Loki to
// the built plugin, on which nothing but the address is set: every failure is an incident from that log alone. The
// worker's records of the same failures join them and make no second one.
func TestADayOfTasksBecomesIncidents(t *testing.T) {
	empty(t)
	own := startLoki(t)
	now := time.Now().Truncate(time.Second)
	failures, err := db.Day(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	shipOnce(t, t.TempDir(), own.URL(), "prod", "--since", "2d")
	if err := lokiserver.Flush(t.Context(), own.URL()); err != nil {
		t.Fatal(err)
	}
	plugin, err := pluginrun.Start(t.Context(), pluginrun.Binary("../.."), pluginrun.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer plugin.Stop()

	alone := incidents(t, plugin, own.URL(), now, failures)
	worker := logproto.Stream{Labels: `{cluster="prod", namespace="blueking", pod="bk-nodeman-backend-bworker-6d5f7c9b8-x2x4z"}`}
	for _, f := range failures {
		if line, ok := f.Worker(); ok {
			worker.Entries = append(worker.Entries, logproto.Entry{Timestamp: f.At.Add(300 * time.Millisecond), Line: line})
		}
	}
	if err := lokiserver.Push(t.Context(), own.URL(), "", []logproto.Stream{worker}); err != nil {
		t.Fatal(err)
	}
	if err := lokiserver.Flush(t.Context(), own.URL()); err != nil {
		t.Fatal(err)
	}
	// A time that no query has asked for yet: the plugin remembers what it read.
	joined := incidents(t, plugin, own.URL(), now.Add(time.Second), failures)
	if !slices.Equal(alone, joined) {
		t.Errorf("with the worker's records the incidents are\n%s, without\n%s", strings.Join(joined, "\n"), strings.Join(alone, "\n"))
	}
}

// incidents asks for a day and checks that every failure is one incident with steps; it returns them as signature and hosts.
func incidents(t *testing.T, plugin *pluginrun.Plugin, address string, now time.Time, failures []nodeman.Failure) []string {
	t.Helper()
	settings := asks.Settings{"store": "loki", "language": "en"}
	f := asks.Frame(t, plugin, address, settings, now.Add(-24*time.Hour), now, asks.Ask{"queryType": "incidents", "limit": 1000})
	signatures, hosts, first := asks.Column[string](t, f, "signature"), asks.Column[string](t, f, "hosts"), asks.Column[string](t, f, "first_step")
	var got []string
	for i, id := range signatures {
		got = append(got, id+" "+hosts[i])
		if first[i] == "" {
			t.Errorf("%s on %s has no step", id, hosts[i])
		}
	}
	slices.Sort(got)
	var want []string
	for _, failure := range failures {
		want = append(want, fmt.Sprintf("%s %s", failure.Signature, failure.Host))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("incidents\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return got
}
