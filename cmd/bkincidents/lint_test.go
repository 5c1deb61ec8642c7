package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodSignature = `apiVersion: bkincidents/v1
id: backup-failed
revision: 1
status: active
severity: high
class: environment
title: {zh: 备份失败, en: Backup failed}
summary: {zh: 备份失败, en: Backup failed}
terms:
  failed:
    source: nodeman
    any_of: [{text: 'backup job %{name:job} failed%{any}'}]
detect: {term: failed}
key: [cluster, job]
resolve: {quiet: 1h}
tests:
  - name: fails
    lines: [{line: '[2024-10-22 17:01:02 ERROR] backup job db failed'}]
    expect: {captures: {job: db}}
  - name: is about to fail
    lines: [{line: '[2024-10-22 17:01:02 INFO] the backup job db failed yesterday'}]
    expect: {incidents: 0}
`

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLintAndTestOfFolders(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	positive, _, _ := strings.Cut(goodSignature, "  - name: is about")
	for name, c := range map[string]struct {
		files      map[string]string
		lint, test int
		lintShows  string
		testShows  string
	}{
		"good":             {map[string]string{"a.yaml": goodSignature}, exitOK, exitOK, "", ""},
		"no signatures":    {map[string]string{"a.txt": "x"}, exitUsage, exitUsage, "", ""},
		"unknown key":      {map[string]string{"a.yaml": strings.Replace(goodSignature, "status:", "statux:", 1)}, exitProblems, exitProblems, `a.yaml:4:1: backup-failed: unknown key "statux"`, "unknown key"},
		"wrong fixture":    {map[string]string{"a.yaml": strings.Replace(goodSignature, "job: db}}", "job: web}}", 1)}, exitOK, exitProblems, "", `capture job is "db", want "web"`},
		"no negative":      {map[string]string{"a.yaml": positive}, exitProblems, exitOK, `term "failed" has no negative fixture`, ""},
		"duplicate id":     {map[string]string{"a.yaml": goodSignature, "b.yaml": goodSignature}, exitProblems, exitProblems, "duplicate id, first used in", "duplicate id, first used in"},
		"a built-in id":    {map[string]string{"a.yaml": strings.Replace(goodSignature, "id: backup-failed", "id: curl-dns", 1)}, exitProblems, exitProblems, "duplicate id, first used in nodeman/curl-dns.yaml", "duplicate id"},
		"fires on another": {map[string]string{"a.yaml": goodSignature, "b.yaml": strings.Replace(goodSignature, "id: backup-failed", "id: any-backup", 1)}, exitProblems, exitProblems, "has the same text: write it once", "any-backup fires on these lines, too"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, c.files)
			for _, run := range []struct {
				command, shows string
				code           int
			}{{"lint", c.lintShows, c.lint}, {"test", c.testShows, c.test}} {
				code, out, stderr := call(t, "", run.command, dir)
				if code != run.code || !strings.Contains(out, run.shows) {
					t.Errorf("%s: exit %d, want %d; %q %q does not show %q", run.command, code, run.code, out, stderr, run.shows)
				}
				if run.shows == "" && out != "" {
					t.Errorf("%s: %q", run.command, out)
				}
			}
		})
	}
}

func TestTheBuiltInCatalogueIsFineAndSoIsACheckoutOfIt(t *testing.T) {
	for _, args := range [][]string{{"lint"}, {"lint", "../../pkg/signature/catalogue"}} {
		if code, out, stderr := call(t, "", args...); code != exitOK || out != "" {
			t.Errorf("%v: exit %d, %s%s", args, code, out, stderr)
		}
	}
}

func TestExplain(t *testing.T) {
	for name, c := range map[string]struct {
		source, line string
		code         int
		shows        []string
	}{
		"a failure in a worker's record": {"nodeman",
			`{"levelname": "ERROR", "message": "abcdef0123 | [task_engine][service_task_exc_handler:InstallService] sub_inst_id -> 42, exc -> [3803009] Command returned non-zero value: exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com"}`,
			exitOK, []string{"envelopes   json", "level       error", "sub_inst_id 42", "curl-dns/failed: YES", `domain = "bkrepo.example.com" (host)`}},
		"codes that disagree": {"nodeman", "[2024-10-22 17:01:04 ERROR] [3803009] 命令返回非零值：exit_status -> 7, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com",
			exitProblems, []string{"No signature matches; nearest:", "curl-dns/failed: "}},
		"a level that does not count": {"nodeman", "[2024-10-22 17:01:04 DEBUG] [3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com",
			exitProblems, []string{"the level debug does not count (it counts: warning, error)"}},
		"recovery": {"nodeman", "[2024-10-22 17:01:40 INFO] [script] [check_deploy_result] gse agent has been deployed successfully",
			exitProblems, []string{"gse-not-connected/connected: yes, but the term only judges"}},
		"a context line":    {"nodeman", curlCommand, exitProblems, []string{"a line before the failure, which it adds captures to"}},
		"nothing at all":    {"agent", "hello", exitProblems, []string{"No signature matches, and none comes near"}},
		"an empty line":     {"agent", "", exitProblems, []string{"the line is empty"}},
		"the wrong source":  {"agent", curlFailure, exitProblems, []string{"No signature matches"}},
		"escaped in a form": {"nodeman", `{"levelname": "INFO", "message": "x"}`, exitProblems, []string{"level       info"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := call(t, "", "explain", "--source", c.source, c.line)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, stderr)
			}
			for _, want := range c.shows {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}
