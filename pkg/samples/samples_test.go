package samples

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

var _ scan.Source = (*Store)(nil)

// selectors are the data source's defaults: the samples are labelled as they expect.
var selectors = []scan.Selector{
	{Source: signature.Nodeman, Selector: `{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"}`},
	{Source: signature.Nodeman, Selector: `{job="nodeman-execution-log"}`},
	{Source: signature.Nodeman, Selector: `{filename=~".*[/\\\\]nm\\.(setup_\\w+|nohup).*", filename!~".*\\.(debug|report_log.*)"}`, OnHost: true},
	{Source: signature.Agent, Selector: `{filename=~".*[/\\\\]gse[^/\\\\]*([/\\\\].*)?[/\\\\]agent-err.*"}`, OnHost: true},
	{Source: signature.Gateway, Selector: `{namespace="blueking", pod=~"bk-job-gateway-.*"}`},
}

func set(t testing.TB) *signature.Set {
	t.Helper()
	s, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(clock string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-23 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func TestHealthyLinesOutweighFailures(t *testing.T) {
	now := at("00:00:00").Add(wholeDay)
	m := match.New(set(t))
	failing, all := 0, 0
	for _, sel := range selectors {
		for _, rec := range read(t, New(func() time.Time { return now }), logs.Request{Selector: sel.Selector, Start: at("00:00:00"), End: now}) {
			all++
			if slices.ContainsFunc(m.Line(sel.Source, rec.Entry.Line), func(h match.Hit) bool { return h.Role == match.Detects }) {
				failing++
			}
		}
	}
	if failing == 0 || all < 10*failing {
		t.Errorf("%d lines of failures among %d", failing, all)
	}
	t.Logf("%d lines of failures among %d", failing, all)
}

func TestEveryLineIsSelected(t *testing.T) {
	now := at("00:00:00").Add(wholeDay)
	store := New(func() time.Time { return now })
	all, selected := 0, 0
	for _, st := range store.Streams(at("00:00:00"), now) {
		all += len(st.Entries)
	}
	for _, sel := range selectors {
		selected += len(read(t, store, logs.Request{Selector: sel.Selector, Start: at("00:00:00"), End: now}))
	}
	if all != selected {
		t.Errorf("%d lines, of which the default selectors select %d", all, selected)
	}
}

func TestTheSameClockGivesTheSameLines(t *testing.T) {
	now := at("13:47:11")
	req := logs.Request{Selector: `{cluster=~".+"}`, Start: now.Add(-26 * time.Hour), End: now.Add(time.Hour)}
	first := read(t, New(func() time.Time { return now }), req)
	for _, rec := range first {
		if !rec.Entry.Timestamp.Before(now) {
			t.Fatalf("a line of the future: %s", rec.Entry.Timestamp)
		}
	}
	later := now.Add(10 * time.Minute)
	second := read(t, New(func() time.Time { return later }), req)
	if len(second) <= len(first) {
		t.Fatalf("%d lines, ten minutes later %d", len(first), len(second))
	}
	second = slices.DeleteFunc(second, func(r logs.Record) bool { return !r.Entry.Timestamp.Before(now) })
	if len(first) != len(second) {
		t.Fatalf("%d lines, then %d", len(first), len(second))
	}
	for i := range first {
		if first[i].Entry.Line != second[i].Entry.Line || !first[i].Entry.Timestamp.Equal(second[i].Entry.Timestamp) {
			t.Fatalf("line %d: %q, then %q", i, first[i].Entry.Line, second[i].Entry.Line)
		}
		if strings.Contains(first[i].Entry.Line, "{{") {
			t.Errorf("a placeholder is left: %q", first[i].Entry.Line)
		}
	}
}

func TestReadHonoursTheRequest(t *testing.T) {
	now := at("12:00:00")
	store := New(func() time.Time { return now })
	pods := `{namespace="blueking"}`
	start, end := now.Add(-time.Hour), now
	all := read(t, store, logs.Request{Selector: pods, Start: start, End: end})
	for i, rec := range all {
		if rec.Entry.Timestamp.Before(start) || !rec.Entry.Timestamp.Before(end) {
			t.Fatalf("outside of the range: %s", rec.Entry.Timestamp)
		}
		if i > 0 && all[i-1].Stream == rec.Stream && rec.Entry.Timestamp.Before(all[i-1].Entry.Timestamp) {
			t.Fatal("a stream is not in order of time")
		}
	}
	shanghai := read(t, store, logs.Request{Selector: pods, Start: start, End: end, Matchers: []logs.Matcher{{Name: "cluster", Op: logs.Equal, Value: "bk-prod-sh"}}})
	if len(shanghai) == 0 || len(shanghai) >= len(all) {
		t.Errorf("%d lines of one cluster among %d", len(shanghai), len(all))
	}
	found := read(t, store, logs.Request{Selector: pods, Start: start, End: end, Filters: []logs.Filter{{"levelname"}, {"JOBV3", "celery"}}})
	for _, rec := range found {
		if l := rec.Entry.Line; !strings.Contains(l, "levelname") || !strings.Contains(l, "JOBV3") && !strings.Contains(l, "celery") {
			t.Fatalf("not asked for: %q", l)
		}
	}
	if len(found) == 0 {
		t.Error("no lines with the literals")
	}
	records, coverage := store.Read(t.Context(), logs.Request{Selector: pods, Start: start, End: end, MaxLines: 7})
	n := 0
	for _, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if state, reason := coverage.Worst(); n != 7 || state != logs.Capped || reason == "" {
		t.Errorf("%d lines, %s: %s", n, state, reason)
	}
	records, coverage = store.Read(t.Context(), logs.Request{Selector: `{`, Start: start, End: end})
	for _, err := range records {
		if err == nil {
			t.Error("a broken selector gives lines")
		}
	}
	if state, _ := coverage.Worst(); state != logs.Failed {
		t.Errorf("a broken selector: %s", state)
	}
}

func TestLiveTellsWhenAPodWasThere(t *testing.T) {
	now := at("20:00:00")
	live, err := New(func() time.Time { return now }).Live(t.Context(), logs.LiveRequest{Selector: `{pod="bk-job-gateway-5b7c9d4f88-x2x7q"}`, Start: at("00:00:00"), End: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if len(live.All.Windows) != 1 || live.All.Windows[0].Start.Before(at("09:40:00")) || live.All.Windows[0].End.After(at("13:55:00")) {
		t.Errorf("%+v", live)
	}
	for _, sel := range selectors {
		live, err := New(func() time.Time { return now }).Live(t.Context(), logs.LiveRequest{Selector: sel.Selector, Start: now.Add(-24 * time.Hour), End: now})
		if err != nil || !live.All.Known || sel.Source != signature.Nodeman && live.All.Within(now.Add(-24*time.Hour), now) < 24*time.Hour {
			t.Errorf("%s: %+v %v", sel.Selector, live, err)
		}
	}
}

func TestLabelValues(t *testing.T) {
	now := at("20:00:00")
	store := New(func() time.Time { return now })
	got, err := store.LabelValues(t.Context(), "cluster", `{filename=~".+"}`, now.Add(-time.Hour), now)
	if want := []string{"bk-prod-sh", "bk-prod-sz"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q %v", got, err)
	}
	if got, err := store.LabelValues(t.Context(), "host", "", now.Add(-time.Hour), now); err != nil || !slices.Contains(got, "10.0.6.21") {
		t.Errorf("%q %v", got, err)
	}
	if got, _ := store.LabelValues(t.Context(), "cluster", "", now.Add(time.Hour), now.Add(2*time.Hour)); len(got) > 0 {
		t.Errorf("values of the future: %q", got)
	}
	if _, err := store.LabelValues(t.Context(), "cluster", "{", now.Add(-time.Hour), now); err == nil {
		t.Error("a broken selector is no error")
	}
}

func TestParseRefusesWhatItCannotRead(t *testing.T) {
	const labels = "# labels {a=\"b\"}\n"
	for _, text := range []string{
		"00:00:01.000 no labels", "# labels {", labels + "25 o'clock", labels + "99:00:00.000 x", labels + "@every 1s",
		labels + "@every 5 00:00:00.000-24:00:00.000 x", labels + "@every 5s 00:00:00.000 x",
		labels + "00:00:01.000 {{moon}}", labels + "00:00:01.000 {{hex a}}", labels + "00:00:01.000 {{int 9-1}}",
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func read(t testing.TB, store *Store, req logs.Request) []logs.Record {
	t.Helper()
	records, coverage := store.Read(t.Context(), req)
	var out []logs.Record
	for rec, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	if state, reason := coverage.Worst(); state != logs.Complete {
		t.Fatalf("%s: %s", state, reason)
	}
	return out
}
