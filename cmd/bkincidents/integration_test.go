//go:build integration

package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/cmd/bkincidents/internal/report"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/tools/lokiserver"
)

// The sample lines in a real Loki, of one tenant among others, give what the built-in samples give.
func TestQueryOfARealLoki(t *testing.T) {
	loki, err := lokiserver.Start(t.Context(), lokiserver.Options{Overrides: "auth_enabled: true"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := loki.Stop(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now().Truncate(time.Second)
	clock := func() time.Time { return now }
	start := now.Add(-24 * time.Hour)
	store := samples.New(clock)
	if err := lokiserver.Push(t.Context(), loki.URL(), "bk", store.Streams(now.Add(-49*time.Hour), now)); err != nil {
		t.Fatal(err)
	}
	if err := lokiserver.Flush(t.Context(), loki.URL()); err != nil {
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
		code, out, stderr := call(t, "", append([]string{"query", "--loki", loki.URL(), "--since", "1d", "--now", now.Format(time.RFC3339), "--format", "json", "--timezone", "UTC"}, args...)...)
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
