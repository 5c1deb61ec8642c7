package main

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// A source of the user's own works wherever a known one does, once something says where its lines are.
func TestASourceOfItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	const line = "[2024-10-22 17:01:02 ERROR] backup job db failed"
	dir := folder(t, map[string]string{"own.yaml": strings.Replace(goodSignature, "source: nodeman", "source: backup", 1)})
	at := time.Date(2024, 10, 22, 8, 30, 0, 0, time.UTC)
	url := fakeLoki(t, []logproto.Stream{{Labels: `{app="backup"}`, Entries: []logproto.Entry{{Timestamp: at, Line: line}}}}, nil)
	query := []string{"query", "--loki", url, "--to", "2024-10-22T09:00:00Z", "--lang", "en"}
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		shows string
	}{
		"scan":                    {line, []string{"scan", "--source", "backup", "--lang", "en", "-", "--signatures", dir}, exitProblems, "Backup failed"},
		"scan as another":         {line, []string{"scan", "--source", "nodeman", "-", "--signatures", dir}, exitOK, `backup-failed reads the source "backup", which is none of these files: --source backup`},
		"scan without signatures": {line, []string{"scan", "--source", "backup", "-"}, exitUsage, `unknown source "backup"`},
		"match":                   {`{"id":1,"source":"backup","line":"` + line + `"}`, []string{"match", "--signatures", dir}, exitOK, `"signature":"backup-failed"`},
		"match without":           {`{"id":1,"source":"backup","line":"` + line + `"}`, []string{"match"}, exitProblems, `unknown source "backup"`},
		"explain":                 {"", []string{"explain", "--source", "backup", line, "--signatures", dir}, exitOK, "backup-failed/failed: YES"},
		"explain without":         {"", []string{"explain", "--source", "backup", line}, exitUsage, `unknown source "backup"`},
		"query":                   {"", append(query, "--signatures", dir, "--selector", `backup={app="backup"}`), exitProblems, "Backup failed"},
		"query of nowhere":        {"", append(query, "--signatures", dir), exitUsage, `backup-failed reads the source "backup", and nothing says where it is: add --selector 'backup={…}'`},
		"query of a typo":         {"", append(query, "--selector", `nodman={app="backup"}`), exitUsage, `unknown source "nodman"`},
		"no name of a source":     {"", append(query, "--selector", `No Name={app="backup"}`), exitUsage, `unknown source "No Name"`},
		"lint":                    {"", []string{"lint", dir}, exitProblems, `own.yaml:11:13: backup-failed: nothing defines the source "backup"`},
		"lint with the source":    {"", []string{"lint", "--source", "backup", dir}, exitOK, "1 signatures are fine"},
		"test":                    {"", []string{"test", dir}, exitOK, "2 fixtures of 1 signatures pass"},
		"rules for alloy":         {"", []string{"rules", "--format", "alloy", "--selector", `backup={app="backup"}`, dir}, exitOK, `{app=\"backup\"}`},
		"rules for Loki":          {"", []string{"rules", "--format", "loki", dir}, exitUsage, "add --selector 'backup={…}'"},
		"backtest":                {"", []string{"backtest", dir + "/own.yaml", "--loki", url, "--now", "2024-10-22T09:00:00Z", "--selector", `backup={app="backup"}`}, exitProblems, "backup-failed"},
		"new":                     {"", []string{"new", "--source", "backup", "my-failure"}, exitOK, "source: backup"},
	} {
		code, out, stderr := call(t, c.stdin, c.args...)
		if code != c.code || !strings.Contains(out+stderr, c.shows) {
			t.Errorf("%s: exit %d, want %d with %q; %s%s", name, code, c.code, c.shows, out, stderr)
		}
	}
}
