package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
)

const logsDir = "../../testdata/logs/"

// found gives the incidents of a scan as lines of text, in the order of the report.
func scanned(t *testing.T, stdin string, args ...string) (lines []string, stderr string) {
	t.Helper()
	code, out, stderr := call(t, stdin, append([]string{"scan", "--format", "json", "--fail-on", "any", "--timezone", "+08:00"}, args...)...)
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, stderr)
	}
	if (code == exitProblems) != (len(r.Incidents) > 0) || code == exitUsage {
		t.Errorf("exit %d with %d incidents", code, len(r.Incidents))
	}
	for _, inc := range r.Incidents {
		hosts := make([]string, len(inc.Hosts))
		for i, h := range inc.Hosts {
			hosts[i] = h.Name
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %d [%s]", inc.Signature, inc.State, inc.Verdict, inc.Count, strings.Join(hosts, " ")))
	}
	return lines, stderr
}

func TestScanOfLogFiles(t *testing.T) {
	guide := []string{
		"curl-404 active confirmed 1 []", "job-jwt-key-timeout active confirmed 1 []", "job-api-401 active confirmed 1 []",
		"gse-zk-unresolved active confirmed 1 []", "gse-not-connected active confirmed 1 [unknown]",
		"curl-timeout active confirmed 1 []", "curl-dns active confirmed 1 []",
	}
	for name, c := range map[string]struct {
		stdin string
		args  []string
		want  []string
		notes string
	}{
		"the troubleshooting guide": {"", []string{"guide.log"}, guide, "read as nodeman and agent and bk-job-gateway, because of its content"},
		"files of one host": {"", []string{"host/10.0.6.21/agent-err.log", "host/10.0.6.21/nm.setup_agent.sh.n5c1d8be0f4a63d2fb0e9a7c4418d3b6e"},
			[]string{"gse-not-connected active confirmed 1 [10.0.6.21]", "gse-zk-unresolved active confirmed 2 [10.0.6.21]"}, `because of "agent-err" in its name`},
		"one of them":          {"", []string{"host/10.0.6.21/nm.setup_agent.sh.n5c1d8be0f4a63d2fb0e9a7c4418d3b6e"}, []string{"gse-not-connected active suspected 1 [10.0.6.21]"}, ""},
		"a host that recovers": {"", []string{"host/10.0.6.31/execution.log"}, []string{"curl-dns resolved confirmed 1 [10.0.6.31]"}, "read as nodeman"},
		"long after":           {"", []string{"host/10.0.6.21/agent-err.log", "--now", "2024-10-23 00:00:00"}, []string{"gse-zk-unresolved resolved confirmed 2 [10.0.6.21]"}, ""},
		"before the failure":   {"", []string{"host/10.0.6.21/agent-err.log", "--now", "2024-10-22 17:02:20"}, nil, ""},
		"healthy":              {"", []string{"healthy.log"}, nil, ""},
		"standard input":       {curlCommand + "\n" + curlFailure + "\n", []string{"-"}, []string{"curl-dns active confirmed 1 []"}, "stdin: read as nodeman"},
		"a given source":       {"", []string{"--source", "agent", "guide.log"}, []string{"gse-zk-unresolved active confirmed 1 []"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			args := slices.Clone(c.args)
			for i, a := range args {
				if _, err := os.Stat(logsDir + a); err == nil && a != "-" {
					args[i] = logsDir + a
				}
			}
			got, notes := scanned(t, c.stdin, args...)
			if !slices.Equal(got, c.want) || !strings.Contains(notes, c.notes) {
				t.Errorf("got %q, want %q; notes %q", got, c.want, notes)
			}
		})
	}
}

func TestScanReadsGzip(t *testing.T) {
	raw, err := os.ReadFile(logsDir + "host/10.0.6.31/execution.log")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(raw); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	got, _ := scanned(t, packed.String(), "-")
	if want := []string{"curl-dns active confirmed 1 []"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScanFormats(t *testing.T) {
	for format, want := range map[string]string{
		"table":    "● HIGH · active · confirmed · Target host cannot resolve",
		"json":     `"signature": "curl-dns"`,
		"markdown": "## Target host cannot resolve the download host bkrepo.example.com",
	} {
		code, out, _ := call(t, curlFailure, "scan", "--lang", "en", "--format", format, "-")
		if code != exitProblems || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s", format, code, out)
		}
	}
	if _, out, _ := call(t, curlFailure, "scan", "--lang", "zh", "-"); !strings.Contains(out, "未恢复 · 确认 · 目的主机无法解析") {
		t.Errorf("in Chinese: %s", out)
	}
}

// What the built-in samples show in Grafana, scan shows of the same lines in files.
func TestScanOfTheSamplesInFilesIsThatOfTheStore(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 47, 33, 0, time.UTC)
	clock := func() time.Time { return now }
	start := now.Add(-24 * time.Hour)
	store := samples.New(clock)
	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	o := report.Options{Lang: "en", Version: "7.2", Location: time.FixedZone("", 8*60*60)}
	result, err := scan.New(store, scanOptions(set, defaultSelectors(), clock)).Scan(t.Context(), scan.Request{Start: start, End: now})
	if err != nil {
		t.Fatal(err)
	}
	want := outlines(report.New(result, o), start)

	var got []string
	for cluster, files := range writeFiles(t, store.Streams(start.Add(-24*time.Hour), now)) {
		_, out, stderr := call(t, "", append([]string{"scan", "--format", "json", "--timezone", "+08:00", "--now", now.Format(time.RFC3339), "--cluster", cluster}, files...)...)
		var r report.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s", err, stderr)
		}
		got = append(got, outlines(r, start)...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 12 || !slices.Equal(got, want) {
		t.Errorf("files give\n%s\nthe store gives\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// outlines writes what must be equal; times to the second, because some of BlueKing's logs have no more.
func outlines(r report.Report, start time.Time) []string {
	var out []string
	for _, inc := range r.Incidents {
		if inc.End != nil && inc.End.Before(start) {
			continue
		}
		hosts := make([]string, len(inc.Hosts))
		for i, h := range inc.Hosts {
			hosts[i] = fmt.Sprint(h.Name, " ", h.Count)
		}
		out = append(out, fmt.Sprint(inc.Fingerprint, " ", inc.Signature, " ", inc.Subject, " ", inc.State, " ", inc.Reason, " ", inc.Verdict, " ",
			inc.Start.Format(time.DateTime), " ", inc.Last.Format(time.DateTime), " ", inc.Count, hosts, inc.Captures["url"]))
	}
	return out
}

var unsafeInNames = regexp.MustCompile(`[^\w.-]+`)

// writeFiles writes streams as files by cluster, named as people collect them.
func writeFiles(t *testing.T, streams []logproto.Stream) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	out := map[string][]string{}
	for _, st := range streams {
		labels, err := selector.ParseLabels(st.Labels)
		if err != nil {
			t.Fatal(err)
		}
		name := func(label model.LabelName) string { return unsafeInNames.ReplaceAllString(string(labels[label]), "_") }
		cluster := string(labels["cluster"])
		path := filepath.Join(dir, cluster, "pods", cmp.Or(name("pod"), name("container"))+".log")
		if labels["host"] != "" {
			path = filepath.Join(dir, cluster, name("host"), filepath.Base(string(labels["filename"])))
		}
		var text strings.Builder
		for _, e := range st.Entries {
			text.WriteString(e.Line + "\n")
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out[cluster] = append(out[cluster], path)
	}
	return out
}

// "0 active" of a log with errors says which errors no signature explains, and what comes nearest.
func TestErrorsThatNothingExplainsAreTold(t *testing.T) {
	dir := folder(t, map[string]string{
		"errors.log": "[2026-11-30 22:10:01 INFO] begin\n" + strings.Repeat("[2026-11-30 22:10:02 ERROR] [3809999] the moon is in the wrong house\n", 3) +
			"[2026-11-30 22:10:03 ERROR] it said curl: (6) Could not resolve host once\n",
		"clean.log": "[2026-11-30 22:10:01 INFO] begin\n[2026-11-30 22:10:02 INFO] done\n",
	})
	code, out, stderr := call(t, "", "scan", "--source", "nodeman", filepath.Join(dir, "errors.log"))
	if code != exitOK || !strings.HasPrefix(out, "0 active") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, want := range []string{"explains 4 error lines", "nodeman, 3 lines: [2026-11-30 22:10:02 ERROR] [3809999] the moon", "nearest: curl-dns"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is missing in %s", want, stderr)
		}
	}
	if _, _, stderr := call(t, "", "scan", "--source", "nodeman", filepath.Join(dir, "clean.log")); strings.Contains(stderr, "explains") {
		t.Error(stderr)
	}
}
