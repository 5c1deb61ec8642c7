package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const timedOut = "[2024-10-22 17:01:07 ERROR] [3803009] 命令返回非零值：exit_status -> 28, stdout -> , stderr -> curl: (28) Connection timed out after 5001 milliseconds\n"

// inputs are files as people have them, by name.
func inputs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, content []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(timedOut)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(timedOut)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	for _, name := range []string{"worker.log", "deep/worker.log"} {
		if err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(timedOut)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(timedOut)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	program := []byte("\x7fELF\x02\x01\x01")
	for i := range 200 {
		sum := sha256.Sum256([]byte{byte(i)})
		program = append(program, sum[:]...)
	}
	put("worker.log", []byte(timedOut))
	put("gbk.log", []byte(gbk))
	put("utf16.log", []byte(wide))
	put("bom.log", []byte("\xef\xbb\xbf"+timedOut))
	put("logs.tgz", packed.Bytes())
	put("cut.tgz", packed.Bytes()[:packed.Len()/2])
	put("worker.log.xz", []byte("\xfd7zXZ\x00\x00\x04"))
	put("worker.7z", []byte("7z\xbc\xaf\x27\x1c\x00\x04"))
	put("cut.log.gz", packed.Bytes()[:20])
	put("empty.log", nil)
	put("program", program)
	put("letter.txt", []byte("Dear colleagues,\nthe installation fails since Monday.\n"))
	put("folder/10.0.6.21/worker.log", []byte(timedOut))
	put("folder/program", program)
	put("folder/letter.txt", []byte("see above\n"))
	put("holes/worker.log", []byte("[2024-10-22 17:01:02 INFO] fine\n"))
	put("holes/program", program)
	put("signatures/broken.yaml", []byte("id: [\n"))
	put("signatures/empty.yaml", nil)
	return dir
}

// TestMistakes is what a newcomer types. Nothing that was not read is called clear, and no answer is an error text of Go.
func TestMistakes(t *testing.T) {
	t.Chdir(inputs(t))
	for _, c := range []struct {
		args  string
		stdin string
		code  int
		shows string
	}{
		{"scan worker.log", "", exitProblems, "curl-timeout"},
		{"scan gbk.log", "", exitProblems, "curl-timeout"},
		{"scan utf16.log", "", exitProblems, "curl-timeout"},
		{"scan bom.log", "", exitProblems, "curl-timeout"},
		{"scan logs.tgz", "", exitProblems, "2 lines"},
		{"scan folder", "", exitProblems, "folder/program is no text"},
		{"scan nosuch.log worker.log", "", exitProblems, "nosuch.log does not exist"},
		{"scan worker.log --severity low", "", exitOK, "0 active"},
		{"scan worker.log --fail-on never", "", exitOK, "1 active"},
		{"scan worker.log --state resolved", "", exitOK, "0 active, 0 resolved"},
		{"scan nosuch.log", "", exitUsage, "nosuch.log does not exist"},
		{"scan wroker.log letter.txt", "", exitUsage, "has no line that looks like a log"},
		{"scan letter.txt", "", exitUsage, "has no line that looks like a log"},
		{"scan letter.txt --source nodeman", "", exitUsage, "has no line that looks like a log"},
		{"scan empty.log", "", exitUsage, "is empty"},
		{"scan -", "", exitUsage, "stdin is empty"},
		{"scan program", "", exitUsage, "is no text"},
		{"scan holes", "", exitUsage, "proves nothing for 1 of the inputs"},
		{"scan worker.log.xz", "", exitUsage, "packed with xz"},
		{"scan worker.7z", "", exitUsage, "packed with 7z"},
		{"scan cut.log.gz", "", exitUsage, "ends in the middle"},
		{"scan worker.log --severity severe", "", exitUsage, "use critical, high, medium or low"},
		{"scan worker.log --state open", "", exitUsage, "use active or resolved"},
		{"scan worker.log --signature curl-dn", "", exitUsage, "did you mean curl-dns"},
		{"scan worker.log --fail-on all", "", exitUsage, "use active, any or never"},
		{"scan worker.log --now yesterday", "", exitUsage, "write it like"},
		{"scan worker.log --timezone Beijing", "", exitUsage, "Asia/Shanghai"},
		{"scna worker.log", "", exitUsage, `did you mean "scan"`},
		{"query", "", exitUsage, "LOKI_ADDR"},
		{"query --loki loki:3100", "", exitUsage, "http://loki:3100"},
		{"query --loki http://127.0.0.1:1", "", exitUsage, "the host and port of --loki"},
		{"query --loki http://x --from 2024-10-22 --to 2024-10-21", "", exitUsage, "is not before"},
		{"query --loki http://x worker.log", "", exitUsage, "takes no arguments"},
		{"list --format xml", "", exitUsage, "use table, json"},
		{"show curl-dn", "", exitUsage, "no signature"},
		{"lint nosuch", "", exitUsage, "does not exist"},
		{"lint signatures/empty.yaml", "", exitUsage, "has no signatures"},
		{"lint signatures/broken.yaml", "", exitProblems, "broken.yaml:"},
		{"test nosuch", "", exitUsage, "does not exist"},
		{"ship", "", exitUsage, "say what to ship"},
		{"match", "not json\n", exitProblems, "line 1"},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, out, err := call(t, c.stdin, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(out+err, c.shows) {
				t.Errorf("exit %d, want %d with %q; got\n%s%s", code, c.code, c.shows, out, err)
			}
			for _, text := range []string{"no such file", "stat ", "unexpected EOF", "strconv", "%!", "0x", "data source settings"} {
				if strings.Contains(err, text) {
					t.Errorf("an error text of Go, or of Grafana, reaches the user: %q in %s", text, err)
				}
			}
		})
	}
}
