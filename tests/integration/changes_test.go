//go:build integration

package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

// A worker of a new version fails. The incident shows the pod and the version with the time of their first line, and that
// three days ago the same failed; a line of it is explained, and the week is reviewed.
func TestWhatChangedBeforeAnIncident(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	start := now.Add(-20 * time.Minute)
	stream := func(pod, version string) *logproto.Stream {
		return &logproto.Stream{Labels: fmt.Sprintf(
			`{test="changes", source="nodeman", cluster="c1", app="bk-nodeman", pod=%q, app_version=%q}`, pod, version)}
	}
	old, fresh := stream("worker-a", "2.4.3"), stream("worker-b", "2.4.4")
	log := func(s *logproto.Stream, at time.Time, line string) {
		s.Entries = append(s.Entries, logproto.Entry{Timestamp: at, Line: line})
	}
	const failure = "2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:4711) is not connect to gse server"
	for ago := 166 * time.Hour; ago > 10*time.Minute; ago -= time.Minute {
		log(old, start.Add(-ago), "2026-11-23 10:00:00 INFO nothing to do")
		if ago == 72*time.Hour {
			log(old, start.Add(-ago+time.Second), failure)
		}
	}
	born := start.Add(-7 * time.Minute)
	log(fresh, born, "2026-11-23 10:00:00 INFO mounted")
	log(fresh, born.Add(time.Second), "2026-11-23 10:00:00 INFO worker version: 2.4.4")
	log(fresh, start, failure)
	for at := start.Add(10 * time.Second); at.Before(now); at = at.Add(time.Minute) {
		log(fresh, at, failure)
	}
	own, err := lokiserver.Start(t.Context(), lokiserver.Options{}) // a flush is of all that a Loki has
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop() })
	if err := lokiserver.Push(t.Context(), own.URL(), "", []logproto.Stream{*old, *fresh}); err != nil {
		t.Fatal(err)
	}
	if err := lokiserver.Flush(t.Context(), own.URL()); err != nil {
		t.Fatal(err)
	}

	s := on("changes")
	s["sources"] = []map[string]any{{"source": "nodeman", "selector": `{test="changes"}`, "onHost": false}}
	from, to := now.Add(-time.Hour), now
	ids := column[string](t, frame(t, own.URL(), s, from, to, ask{"queryType": "incidents"}), "id")
	if len(ids) != 1 {
		t.Fatalf("incidents %q, want one", ids)
	}
	f := frame(t, own.URL(), s, from, to, ask{"queryType": "changes", "incident": ids[0]})
	var got []string
	times := column[time.Time](t, f, "time")
	lines := column[string](t, f, "line")
	for i, kind := range column[string](t, f, "change") {
		got = append(got, fmt.Sprintf("%s %s was %s at %s", kind, column[string](t, f, "value")[i], column[string](t, f, "was")[i], start.Sub(times[i])))
		if (kind == "pod" || kind == "version") && !strings.Contains(lines[i], "version: 2.4.4") {
			t.Errorf("%s says %q, want the line that names its version", kind, lines[i])
		}
	}
	slices.Sort(got)
	want := []string{"again c1 / unknown was  at 71h59m59s", "pod worker-b was worker-a at 7m0s", "version 2.4.4 was 2.4.3 at 7m0s"}
	if !slices.Equal(got, want) {
		t.Errorf("facts %q\nwant  %q", got, want)
	}

	explained := frame(t, own.URL(), s, from, to, ask{"queryType": "explain", "line": failure})
	if answers := column[string](t, explained, "answer"); !slices.Contains(answers, "failure") {
		t.Errorf("%q is %q", failure, answers)
	}
	week := frame(t, own.URL(), s, now.Add(-6*24*time.Hour), now, ask{"queryType": "review", "stat": "signatures"})
	if incidents := column[int64](t, week, "incidents"); len(incidents) != 1 || incidents[0] != 2 {
		t.Errorf("incidents of the week: %v, want 2 of one signature", incidents)
	}
}
