package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs a command line as a script would, without a terminal and in English.
func call(t *testing.T, stdin string, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, console{in: strings.NewReader(stdin), out: &stdout, err: &stderr, env: func(string) string { return "" }})
	return code, stdout.String(), stderr.String()
}

func TestExitStatus(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		code  int
		shows string // on standard output, or standard error for a usage error
	}{
		"nothing":                  {nil, exitUsage, "Available Commands:"},
		"help":                     {[]string{"help"}, exitOK, "explain"},
		"version":                  {[]string{"--version"}, exitOK, "bkincidents, version"},
		"unknown command":          {[]string{"scam"}, exitUsage, `unknown command "scam", did you mean "scan"?`},
		"help of a command":        {[]string{"help", "scan"}, exitOK, "--timezone zone"},
		"unknown flag":             {[]string{"scan", "--colour"}, exitUsage, "scan --help"},
		"scan without a file":      {[]string{"scan"}, exitUsage, "name a log file"},
		"scan of nothing":          {[]string{"scan", "no-such.log"}, exitUsage, "no-such.log"},
		"scan of an empty folder":  {[]string{"scan", t.TempDir()}, exitUsage, "has no files"},
		"scan, unknown format":     {[]string{"scan", "--format", "xml", "-"}, exitUsage, "use table, oneline, json, markdown"},
		"scan, unknown language":   {[]string{"scan", "--lang", "fr", "-"}, exitUsage, "use zh or en"},
		"scan, unknown zone":       {[]string{"scan", "--timezone", "Mars", "-"}, exitUsage, "Asia/Shanghai"},
		"scan, unknown source":     {[]string{"scan", "--source", "syslog", "-"}, exitUsage, "use nodeman, agent, bk-job-gateway"},
		"scan, unknown now":        {[]string{"scan", "--now", "soon", "-"}, exitUsage, "write it like"},
		"scan, unknown version":    {[]string{"scan", "--bk-version", "6.2", "-"}, exitUsage, "use 7.0, 7.1, 7.2 or 7.3"},
		"match with arguments":     {[]string{"match", "x"}, exitUsage, "standard input"},
		"query without a URL":      {[]string{"query"}, exitUsage, "--loki is missing"},
		"query, broken URL":        {[]string{"query", "--loki", "loki:3100"}, exitUsage, "http://loki:3100"},
		"query, broken selector":   {[]string{"query", "--loki", "http://x", "--selector", "nodeman={"}, exitUsage, "selector"},
		"query, broken since":      {[]string{"query", "--loki", "http://x", "--since", "never"}, exitUsage, "30m, 6h or 1d"},
		"query, nobody there":      {[]string{"query", "--loki", "http://127.0.0.1:1"}, exitUsage, "127.0.0.1:1"},
		"list":                     {[]string{"list"}, exitOK, "curl-dns"},
		"list in Chinese":          {[]string{"list", "--lang", "zh"}, exitOK, "作业平台"},
		"show":                     {[]string{"show", "gse-zk-unresolved", "--lang", "en"}, exitOK, "What to do"},
		"show of nothing":          {[]string{"show", "nothing"}, exitUsage, `no signature "nothing"`},
		"show without an id":       {[]string{"show"}, exitUsage, "name one signature"},
		"explain, no source":       {[]string{"explain", "x"}, exitUsage, "--source is missing"},
		"explain, no line":         {[]string{"explain", "--source", "agent"}, exitUsage, "give the line"},
		"explain, nothing given":   {[]string{"explain", "--source", "agent", "-"}, exitUsage, "standard input is empty"},
		"further signatures, none": {[]string{"explain", "--source", "agent", "--signatures", "no-such", "x"}, exitUsage, "--signatures: no-such does not exist"},
		"rules, unknown format":    {[]string{"rules", "--format", "prometheus"}, exitUsage, "use grafana, loki, alloy"},
		"rules, broken uid":        {[]string{"rules", "--format", "grafana", "--datasource-uid", "a b"}, exitUsage, "not a uid"},
		"rules, broken URL":        {[]string{"rules", "--format", "loki", "--grafana-url", "grafana"}, exitUsage, "https://grafana.example.com"},
		"rules, unknown version":   {[]string{"rules", "--format", "loki", "--bk-version", "6"}, exitUsage, "use 7.0, 7.1, 7.2 or 7.3"},
		"upstream of nothing":      {[]string{"lint", "--upstream", "no-such"}, exitUsage, "no-such"},
		"upstream of a file":       {[]string{"lint", "--upstream", "main.go"}, exitUsage, "name a checkout"},
		"upstream, another folder": {[]string{"lint", "--upstream", "."}, exitUsage, "it is no checkout of TencentBlueKing/bk-job"},
		"lint of no signature":     {[]string{"lint", "main.go"}, exitProblems, "main.go:"},
		"lint of nothing":          {[]string{"lint", "no-such"}, exitUsage, "no-such"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, err := call(t, "", c.args...)
			if code == exitUsage {
				out = err
			}
			if code != c.code || !strings.Contains(out, c.shows) {
				t.Errorf("exit %d, want %d; %q does not show %q", code, c.code, out, c.shows)
			}
		})
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	for _, cmd := range commands() {
		code, out, err := call(t, "", cmd.name, "--help")
		if code != exitOK || err != "" || !strings.Contains(out, "Usage:\n  bkincidents "+cmd.name) {
			t.Errorf("%s: exit %d, %q %q", cmd.name, code, out, err)
		}
	}
}

func TestCompletionAndManPagesComeFromTheCommands(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, err := call(t, "", "completion", shell); code != exitOK || !strings.Contains(out, "bkincidents") || err != "" {
			t.Errorf("completion %s: exit %d, %q", shell, code, err)
		}
	}
	if _, out, _ := call(t, "", "__complete", "sc"); !strings.Contains(out, "scan") {
		t.Errorf("completing sc gives %q, want scan", out)
	}
	dir := t.TempDir()
	if code, _, err := call(t, "", "man", dir); code != exitOK {
		t.Fatalf("man: exit %d, %s", code, err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "bkincidents-scan.1"))
	if err != nil || !strings.Contains(string(page), "timezone") {
		t.Errorf("the page of scan: %v\n%s", err, page)
	}
}

func TestFlagsMayFollowArguments(t *testing.T) {
	const file = "../../testdata/logs/healthy.log"
	for _, args := range [][]string{
		{"scan", "--format", "json", "--source=nodeman", file},
		{"scan", file, "--format", "json", "--source=nodeman"},
		{"scan", "--format=json", file, "--source", "nodeman"},
		{"scan", "--format=json", "--source", "nodeman", "--", file},
	} {
		if code, out, err := call(t, "", args...); code != exitOK || !strings.Contains(out, `"incidents": []`) || err != "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, err)
		}
	}
}

func TestLanguageOfTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		flag string
		want string
	}{
		"none":              {nil, "", "en"},
		"LANG":              {map[string]string{"LANG": "zh_CN.UTF-8"}, "", "zh"},
		"LC_ALL wins":       {map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "", "en"},
		"LC_MESSAGES wins":  {map[string]string{"LANG": "C", "LC_MESSAGES": "zh_TW.UTF-8"}, "", "zh"},
		"the flag wins all": {map[string]string{"LC_ALL": "zh_CN.UTF-8"}, "en", "en"},
	} {
		if got := langFlag(c.flag).or(console{env: func(k string) string { return c.env[k] }}); string(got) != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
