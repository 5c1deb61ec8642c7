//go:build integration

package main

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/unmatched"
	"github.com/blueking/incidents/tools/lokiserver"
)

// The sample lines in a real Loki, of one tenant among others, give what the built-in samples give.
func TestQueryOfARealLoki(t *testing.T) {
	server, err := lokiserver.Start(t.Context(), lokiserver.Options{Overrides: "auth_enabled: true"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now().Truncate(time.Second)
	clock := func() time.Time { return now }
	start := now.Add(-24 * time.Hour)
	store := samples.New(clock)
	if err := lokiserver.Push(t.Context(), server.URL(), "bk", store.Streams(now.Add(-49*time.Hour), now)); err != nil {
		t.Fatal(err)
	}
	if err := lokiserver.Flush(t.Context(), server.URL()); err != nil {
		t.Fatal(err)
	}
	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	result, err := scan.New(store, scanOptions(set, defaultSelectors(), clock)).Scan(t.Context(), scan.Request{Start: start, End: now})
	if err != nil {
		t.Fatal(err)
	}
	want := outlines(report.New(result, report.Options{Lang: "en", Version: "7.2", Location: time.UTC}), start)

	query := func(args ...string) (int, []string, string) {
		code, out, stderr := call(t, "", append([]string{"query", "--loki", server.URL(), "--since", "1d", "--fail-on", "any", "--to", now.Format(time.RFC3339), "--format", "json", "--timezone", "UTC"}, args...)...)
		var r report.Report
		if code != exitUsage {
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatalf("%v: %s %s", err, out, stderr)
			}
		}
		return code, outlines(r, start), stderr
	}
	if code, got, stderr := query("--tenant", "bk"); code != exitProblems || !slices.Equal(got, want) || stderr != "" {
		t.Errorf("exit %d, %s\nLoki gives\n%s\nthe samples\n%s", code, stderr, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	code, out, stderr := call(t, "", "report", "--loki", server.URL(), "--tenant", "bk", "--since", "1d", "--to", now.Format(time.RFC3339), "--format", "json", "--timezone", "UTC")
	if review := trendOf(t, code, out, stderr); review.Incidents != len(want) || review.Partial != "" || len(review.Weeks) != 1 || review.Weeks[0].Explained == 0 {
		t.Errorf("report: %d incidents (%s), query has %d; weeks %+v", review.Incidents, review.Partial, len(want), review.Weeks)
	}
	if code, got, stderr := query("--tenant", "someone-else"); code != exitOK || len(got) > 0 {
		t.Errorf("another tenant: exit %d, %q, %s", code, got, stderr)
	}
	if code, got, stderr := query("--header", "X-Scope-OrgID: bk"); code != exitProblems || len(got) != len(want) {
		t.Errorf("the tenant as a header: exit %d, %q, %s", code, got, stderr)
	}
	if code, _, stderr := query(); code != exitUsage || stderr == "" {
		t.Errorf("no tenant: exit %d, %s", code, stderr)
	}
	if code, got, _ := query("--tenant", "bk", "--selector", `nodeman={pod="nowhere"}`, "--selector", `agent={host="10.0.6.21"}`, "--selector", `bk-job-gateway={pod="nowhere"}`); code != exitProblems ||
		!slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "gse-zk-unresolved") }) || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "curl") }) {
		t.Errorf("own selectors: exit %d, %q", code, got)
	}
}

// A real Loki answers backtest and the look for unexplained errors as the fakes of the other tests do.
func TestBacktestAndUnmatchedOfARealLoki(t *testing.T) {
	server, err := lokiserver.Start(t.Context(), lokiserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now().Truncate(time.Second)
	store := samples.New(func() time.Time { return now })
	sampled := store.Streams(now.Add(-26*time.Hour), now)
	for _, streams := range [][]logproto.Stream{sampled, backupsUntil(now)} {
		if err := lokiserver.Push(t.Context(), server.URL(), "", streams); err != nil {
			t.Fatal(err)
		}
	}
	if err := lokiserver.Flush(t.Context(), server.URL()); err != nil {
		t.Fatal(err)
	}

	file := draftFile(t, draft)
	backtest := func(url string) backtestReport {
		code, out, stderr := call(t, "", "backtest", file, "--loki", url, "--now", now.Format(time.RFC3339), "--timezone", "UTC", "--format", "json")
		return backtestJSON(t, code, out, stderr)
	}
	// How many incidents these are depends on when sources shipped, which the fake does not know.
	got, want := backtest(server.URL()), backtest(fakeLoki(t, slices.Concat(sampled, backupsUntil(now)), nil))
	if got.Hits != want.Hits || got.Hosts != want.Hosts || got.Clusters != want.Clusters || !slices.Equal(got.Days, want.Days) || got.Hits < 27 {
		t.Errorf("backtest of Loki: %+v\nof the fake: %+v", got, want)
	}

	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	find := func(url string) *unmatched.Result {
		client := loki.New(loki.Options{URL: url, HTTP: http.DefaultClient, Parallel: 4, RequestTimeout: time.Minute, Language: "en", Now: time.Now})
		found, err := unmatched.NewFinder(client, set, defaultSelectors(), defaults.HostLabels).Find(t.Context(), unmatched.Request{Start: now.Add(-24 * time.Hour), End: now, MaxLines: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	fromLoki, fromFake := find(server.URL()), find(fakeLoki(t, slices.Concat(sampled, backupsUntil(now)), nil))
	if len(fromLoki.Clusters) == 0 || !reflect.DeepEqual(fromLoki.Clusters, fromFake.Clusters) || !slices.Equal(fromLoki.Coverage, fromFake.Coverage) {
		t.Errorf("unexplained errors of Loki: %+v %+v\nof the fake: %+v %+v", fromLoki.Coverage, fromLoki.Clusters, fromFake.Coverage, fromFake.Clusters)
	}
}
