package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
)

var backtestNow = time.Date(2024, 10, 22, 9, 0, 0, 0, time.UTC)

// backups are a week of backup failures: one a day on db, more on the last day.
func backups() []logproto.Stream { return backupsUntil(backtestNow) }

func backupsUntil(now time.Time) []logproto.Stream {
	var pod, host logproto.Stream
	pod.Labels = `{cluster="prod", namespace="blueking", pod="bk-nodeman-backend-1"}`
	host.Labels = `{cluster="prod", filename="/tmp/nm.setup_agent.sh.abc", host="10.0.0.1"}`
	for day := 6; day >= 0; day-- {
		at := now.Add(-time.Duration(day)*24*time.Hour - time.Hour)
		pod.Entries = append(pod.Entries,
			logproto.Entry{Timestamp: at, Line: "[2024-10-22 17:01:02 ERROR] backup job db failed, token=very-secret"},
			logproto.Entry{Timestamp: at.Add(time.Second), Line: "[2024-10-22 17:01:02 INFO] the backup job db failed yesterday"})
	}
	for i := range 20 {
		host.Entries = append(host.Entries, logproto.Entry{Timestamp: now.Add(time.Duration(i-30) * time.Minute), Line: "backup job web failed"})
	}
	return []logproto.Stream{pod, host}
}

func backtestJSON(t *testing.T, code int, out, stderr string) backtestReport {
	t.Helper()
	var r backtestReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, stderr)
	}
	return r
}

func draftFile(t *testing.T, text string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{"draft.yaml": text}), "draft.yaml")
}

var draft = strings.Replace(goodSignature, "status: active", "status: draft", 1)

func backtested(t *testing.T, url, file string, args ...string) (int, string, string) {
	t.Helper()
	return call(t, "", append([]string{"backtest", file, "--loki", url, "--now", backtestNow.Format(time.RFC3339), "--timezone", "UTC"}, args...)...)
}

func TestBacktestOfADraft(t *testing.T) {
	url := fakeLoki(t, backups(), nil)
	code, out, stderr := backtested(t, url, draftFile(t, draft), "--format", "json")
	r := backtestJSON(t, code, out, stderr)
	if code != exitProblems || stderr != "" || r.Hits != 27 || r.Incidents != 2 || r.Hosts != 1 || r.Clusters != 1 || r.KnownHosts == nil || *r.KnownHosts != 1 {
		t.Errorf("exit %d, %+v, %s", code, r, stderr)
	}
	if len(r.Days) != 8 || r.Days[0] != (dayHits{"2024-10-15", 0, logs.Complete}) || r.Days[7] != (dayHits{"2024-10-22", 21, logs.Complete}) {
		t.Errorf("days %v", r.Days)
	}
	if r.First == nil || !r.First.Equal(backtestNow.Add(-145*time.Hour)) || !r.Last.Equal(backtestNow.Add(-11*time.Minute)) {
		t.Errorf("from %v to %v", r.First, r.Last)
	}
	if len(r.Samples) != maxSamples || strings.Contains(out, "very-secret") {
		t.Errorf("samples %v", r.Samples)
	}
	if len(r.Hints) != 1 || r.Hints[0].Kind != "level" || !strings.Contains(r.Hints[0].Text, "20 hits (74 %)") {
		t.Errorf("hints %v", r.Hints)
	}
	if r.Cost.Requests < 16 || r.Cost.Lines < 34 || r.Cost.Bytes == 0 || len(r.Cost.Filters) != 3 {
		t.Errorf("cost %+v", r.Cost)
	}
}

var seconds = regexp.MustCompile(`(\d+ requests|[\d.]+ MiB|[\d.]+ (?:seconds|秒)|\d+ 次日志请求)`)

func TestBacktestTable(t *testing.T) {
	url := fakeLoki(t, backups(), nil)
	for _, lang := range []string{"en", "zh"} {
		_, out, _ := backtested(t, url, draftFile(t, draft), "--lang", lang)
		golden(t, "testdata/backtest."+lang+".txt", seconds.ReplaceAllString(out, "…"))
	}
}

// golden compares with a file; BKINCIDENTS_GOLDEN=write writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("BKINCIDENTS_GOLDEN") == "write" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func TestBacktestDoubts(t *testing.T) {
	var noisy logproto.Stream
	noisy.Labels = `{cluster="prod", namespace="blueking", pod="bk-nodeman-backend-1"}`
	for i := range 1500 {
		noisy.Entries = append(noisy.Entries, logproto.Entry{Timestamp: backtestNow.Add(-time.Hour + time.Duration(i)*time.Second), Line: "[2024-10-22 17:01:02 ERROR] backup job db failed " + strconv.Itoa(i)})
	}
	var hosts []logproto.Stream
	for i := range 5 {
		s := logproto.Stream{Labels: fmt.Sprintf(`{filename="/tmp/nm.setup_agent.sh.x", host="10.0.0.%d"}`, i)}
		if i < 3 {
			s.Entries = []logproto.Entry{{Timestamp: backtestNow.Add(-time.Minute), Line: "[2024-10-22 17:01:02 ERROR] backup job db failed"}}
		}
		hosts = append(hosts, s)
	}
	again := strings.NewReplacer("{text: 'backup job %{name:job} failed%{any}'}", "{form: curl, where: {exit_code: 6}}", "[cluster, job]", "[cluster, domain]").Replace(draft)
	resolve := []logproto.Stream{{Labels: noisy.Labels, Entries: []logproto.Entry{{Timestamp: backtestNow.Add(-time.Hour),
		Line: "[2024-10-22 17:01:04 ERROR] [3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com"}}}}
	for name, c := range map[string]struct {
		streams     []logproto.Stream
		text, kind  string
		shows, lang string
	}{
		"a high rate":          {[]logproto.Stream{noisy}, draft, "rate", "1500 hits on 2024-10-22", "en"},
		"a high rate, in zh":   {[]logproto.Stream{noisy}, draft, "rate", "2024-10-22 一天命中 1500 条", "zh"},
		"most hosts":           {hosts, draft, "hosts", "3 of 5 hosts have it", "en"},
		"most hosts, in zh":    {hosts, draft, "hosts", "命中了 5 台主机中的 3 台", "zh"},
		"what is known anyway": {resolve, again, "explained", "1 hits (100 %) are explained by other signatures already: curl-dns (1)", "en"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := backtested(t, fakeLoki(t, c.streams, nil), draftFile(t, c.text), "--since", "2d", "--format", "json", "--lang", c.lang)
			r := backtestJSON(t, code, out, stderr)
			if len(r.Hints) != 1 || r.Hints[0].Kind != c.kind || !strings.Contains(r.Hints[0].Text, c.shows) {
				t.Errorf("hints %+v of %d hits", r.Hints, r.Hits)
			}
		})
	}
}

func TestBacktestTellsWhatIsMissing(t *testing.T) {
	second := func(r *http.Request) bool {
		start, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
		return strings.HasSuffix(r.URL.Path, "query_range") && time.Unix(0, start).After(backtestNow.Add(-3*24*time.Hour))
	}
	code, out, stderr := backtested(t, fakeLoki(t, backups(), second), draftFile(t, draft), "--format", "json")
	r := backtestJSON(t, code, out, stderr)
	if code != exitProblems || r.Partial == "" || r.Hits == 0 || r.Hits > 5 || r.Days[0].State != logs.Complete || r.Days[7].State != logs.Failed || !strings.Contains(stderr, "not complete") {
		t.Errorf("exit %d, %+v, %s", code, r, stderr)
	}
}

func TestBacktestStopsAtTooManyHits(t *testing.T) {
	set, sig, err := backtestSet(t.Context(), console{}, draftFile(t, draft))
	if err != nil {
		t.Fatal(err)
	}
	flags := lokiFlags{url: fakeLoki(t, backups(), nil)}
	client, err := flags.client(func(string) string { return "" }, "en")
	if err != nil {
		t.Fatal(err)
	}
	b := &backtest{sig: sig, set: set, lang: "en", loc: time.UTC, selectors: defaultSelectors(), start: backtestNow.Add(-7 * 24 * time.Hour), end: backtestNow, hosts: client,
		days: newDays(client, set, sig, time.UTC, newProgress(console{}))}
	b.days.max = 3
	r, err := b.run(t.Context())
	if err != nil || r.Hits < 1 || r.Hits > 6 || !strings.Contains(r.Partial, "stopped after 3 hits") || r.Days[7].State != logs.Capped {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestBacktestExitStatus(t *testing.T) {
	url := fakeLoki(t, backups(), nil)
	refused := fakeLoki(t, nil, func(*http.Request) bool { return true })
	good := draftFile(t, draft)
	for name, c := range map[string]struct {
		args  []string
		code  int
		shows string
	}{
		"nothing found":        {[]string{draftFile(t, strings.ReplaceAll(draft, "backup job", "restore job")), "--loki", url, "--now", "2024-10-22 09:00:00"}, exitOK, "hits     0 lines, 0 incidents"},
		"a shipped signature":  {[]string{"../../pkg/signature/catalogue/nodeman/curl-dns.yaml", "--loki", url, "--since", "1h", "--now", "2024-10-22 09:00:00"}, exitOK, "curl-dns (active)"},
		"no file":              {[]string{"--loki", url}, exitUsage, "name one file"},
		"a folder":             {[]string{".", "--loki", url}, exitUsage, "is a folder"},
		"a file of nothing":    {[]string{draftFile(t, "# nothing\n"), "--loki", url}, exitUsage, "no signatures"},
		"two signatures":       {[]string{draftFile(t, draft+"---\n"+strings.Replace(draft, "id: backup", "id: other", 1)), "--loki", url}, exitUsage, "one at a time"},
		"a deprecated one":     {[]string{draftFile(t, strings.Replace(draft, "status: draft", "status: deprecated", 1)), "--loki", url}, exitUsage, "deprecated"},
		"no Loki":              {[]string{good}, exitUsage, "--loki is missing"},
		"unknown format":       {[]string{good, "--loki", url, "--format", "markdown"}, exitUsage, "use table, json"},
		"a Loki that refuses":  {[]string{good, "--loki", refused}, exitUsage, "credentials"},
		"what does not load":   {[]string{draftFile(t, strings.Replace(draft, "status:", "statux:", 1)), "--loki", url}, exitProblems, "draft.yaml:4:1: backup-failed: unknown key"},
		"what the lint blames": {[]string{draftFile(t, strings.Replace(draft, "quiet: 1h", "quiet: 1m", 1)), "--loki", url}, exitProblems, "resolve.quiet is 1m"},
		"a cause of nothing":   {[]string{draftFile(t, draft+"cause: [{signature: nothing, within: 1h}]\n"), "--loki", url}, exitProblems, `signature "nothing", which does not exist`},
		"a cause":              {[]string{draftFile(t, draft+"cause: [{signature: curl-dns, within: 1h}]\n"), "--loki", url, "--now", "2024-10-22T09:00:00Z", "--since", "1h"}, exitProblems, "21 lines, 2 incidents"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := call(t, "", append([]string{"backtest"}, c.args...)...)
			if code != c.code || !strings.Contains(out+stderr, c.shows) {
				t.Errorf("exit %d, want %d; %s%s", code, c.code, out, stderr)
			}
		})
	}
}
