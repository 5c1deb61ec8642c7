package main

import (
	"encoding/json"
	"encoding/xml"
	"path/filepath"
	"strings"
	"testing"
)

// What people read, programs can read, too.
func TestAnswersForPrograms(t *testing.T) {
	type match struct{ Signature, Term, Role string }
	var x struct {
		Matched bool
		Matches []match
		Nearest []struct{ Signature, Why string }
		Events  []struct {
			Message string
			Forms   []struct{ Form string }
		}
	}
	programs(t, exitOK, &x, "explain", "--source", "nodeman", "--format", "json", "curl: (6) Could not resolve host: bkrepo.example.com")
	if !x.Matched || len(x.Matches) == 0 || x.Matches[0].Signature != "curl-dns" || x.Matches[0].Role != "detects" || len(x.Events) != 1 || len(x.Events[0].Forms) == 0 {
		t.Errorf("%+v", x)
	}
	programs(t, exitProblems, &x, "explain", "--source", "nodeman", "--format", "json", "[2026-01-01 10:00:00 INFO] curl: (6) Could not resolve host: bkrepo.example.com is what the guide says")
	if x.Matched || len(x.Nearest) == 0 || x.Nearest[0].Why == "" {
		t.Errorf("%+v", x)
	}
	var s struct {
		ID, Title, Summary string
		Steps              []struct{ Text, Risk string }
		Terms              []struct{ Wordings []string }
		Documents          []struct{ URL string }
	}
	programs(t, exitOK, &s, "show", "--format", "json", "--lang", "zh", "curl-dns")
	if s.ID != "curl-dns" || !strings.Contains(s.Title, "解析") || len(s.Steps) == 0 || len(s.Terms) == 0 || len(s.Terms[0].Wordings) == 0 || len(s.Documents) == 0 {
		t.Errorf("%+v", s)
	}
}

// programs runs a command whose output is JSON.
func programs(t *testing.T, status int, into any, args ...string) {
	t.Helper()
	code, out, stderr := call(t, "", args...)
	if code != status {
		t.Fatalf("%v: exit %d, want %d: %s", args, code, status, stderr)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("%v: %v in %q", args, err, out)
	}
}

// Problems of signature files are known to programs by file, line and column, and to a CI as failed test cases.
func TestProblemsForPrograms(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.yaml": strings.Replace(goodSignature, "status:", "statux:", 1),
		"b.yaml": strings.Replace(strings.ReplaceAll(goodSignature, "backup", "restore"), "job: db}}", "job: web}}", 1),
	})
	var found []problem
	programs(t, exitProblems, &found, "lint", "--format", "json", "--lang", "zh", dir)
	if len(found) == 0 || found[0].File != filepath.Join(dir, "a.yaml") || found[0].Line != 4 || found[0].Column != 1 || !strings.Contains(found[0].Message, "statux") {
		t.Errorf("%+v", found)
	}
	programs(t, exitProblems, &found, "test", "--format", "json", filepath.Join(dir, "b.yaml"))
	if len(found) != 1 || found[0].Line == 0 || !strings.Contains(found[0].Message, `capture job is "db", want "web"`) {
		t.Errorf("%+v", found)
	}
	var suites struct {
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	for args, failures := range map[[2]string]int{{"test", filepath.Join(dir, "b.yaml")}: 1, {"lint", filepath.Join(dir, "b.yaml")}: 0} {
		_, out, _ := call(t, "", args[0], "--format", "junit", args[1])
		if err := xml.Unmarshal([]byte(out), &suites); err != nil {
			t.Fatal(err)
		}
		if suites.Failures != failures || len(suites.Suites) != 1 || len(suites.Suites[0].Cases) != 1 || (suites.Suites[0].Cases[0].Failure != nil) != (failures > 0) {
			t.Errorf("%v: %s", args, out)
		}
		suites.Failures, suites.Suites = 0, nil
	}
}
