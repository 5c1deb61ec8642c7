package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every command that judges lines judges by further signatures, too, beside the built-in ones.
func TestFurtherSignatures(t *testing.T) {
	dir := folder(t, map[string]string{"own.yaml": goodSignature})
	const line = "[2024-10-22 17:01:02 ERROR] backup job db failed"
	url := fakeLoki(t, backups(), nil)
	text, err := json.Marshal(map[string]any{"id": 1, "source": "nodeman", "line": line})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		shows string
	}{
		"scan":    {line + "\n", []string{"scan", "--source", "nodeman", "--lang", "en", "-"}, exitProblems, "Backup failed"},
		"match":   {string(text), []string{"match"}, exitOK, `{"signature":"backup-failed","captures":{"job":"db"}}`},
		"query":   {"", []string{"query", "--loki", url, "--to", "2024-10-22T09:00:00Z", "--lang", "en"}, exitProblems, "Backup failed"},
		"explain": {"", []string{"explain", "--source", "nodeman", line}, exitOK, "backup-failed/failed: YES"},
	} {
		for _, path := range []string{dir, filepath.Join(dir, "own.yaml")} {
			code, out, stderr := call(t, c.stdin, append(slices.Clone(c.args), "--signatures", path)...)
			if code != c.code || !strings.Contains(out, c.shows) {
				t.Errorf("%s --signatures %s: exit %d, %s%s", name, path, code, out, stderr)
			}
		}
		if _, out, _ := call(t, c.stdin, c.args...); strings.Contains(out, c.shows) {
			t.Errorf("%s knows the signature anyway: %s", name, out)
		}
	}
}

func TestFurtherSignaturesThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		shows string
	}{
		"a built-in id": {map[string]string{"a.yaml": strings.Replace(goodSignature, "id: backup-failed", "id: curl-dns", 1)}, "a.yaml: curl-dns: duplicate id, first used in nodeman/curl-dns.yaml"},
		"one id twice":  {map[string]string{"a.yaml": goodSignature, "b.yaml": goodSignature}, "duplicate id"},
		"broken":        {map[string]string{"a.yaml": "id: [\n"}, "not valid YAML"},
		"unknown key":   {map[string]string{"a.yaml": strings.Replace(goodSignature, "status:", "statux:", 1)}, `a.yaml:4:1: backup-failed: unknown key "statux"`},
		"none":          {map[string]string{"a.txt": "x"}, "no *.yaml files"},
	} {
		code, out, stderr := call(t, "", "explain", "--source", "nodeman", "x", "--signatures", folder(t, c.files))
		if code != exitUsage || out != "" || !strings.Contains(stderr, c.shows) {
			t.Errorf("%s: exit %d, %q does not show %q", name, code, stderr, c.shows)
		}
	}
}
