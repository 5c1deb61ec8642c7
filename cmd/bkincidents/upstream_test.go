package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quoting has one alternative with a text of TencentBlueKing/bk-nodeman, one of TencentBlueKing/bk-job, one of none.
var quoting = strings.Replace(goodSignature, `    any_of: [{text: 'backup job %{name:job} failed%{any}'}]
`, `    any_of:
      - text: 'backup job %{name:job} failed%{any}'
        upstream: {repo: TencentBlueKing/bk-nodeman, path: src/backup.py, text: 'backup job "%s" failed'}
      - text: 'backup of %{name:job} is broken%{any}'
        upstream: {repo: TencentBlueKing/bk-job, path: Backup.java, text: is broken}
      - text: 'the backup %{name:job} did not work%{any}'
`, 1)

// tree writes files with folders.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLintUpstream(t *testing.T) {
	own := folder(t, map[string]string{"own.yaml": quoting})
	const text = `log('backup job "%s" failed')`
	for name, c := range map[string]struct {
		files map[string]string
		at    string
		code  int
		out   []string
		notes []string
	}{
		"both by name": {map[string]string{"bk-nodeman/src/backup.py": text, "bk-job/Backup.java": "it is broken"}, "", exitOK, nil,
			[]string{"2 texts still occur, 0 do not", "1 wordings not checked, they name no upstream"}},
		"by owner and name": {map[string]string{"TencentBlueKing/bk-nodeman/src/backup.py": text}, "", exitOK, nil,
			[]string{"1 texts still occur", "1 texts not checked, there is no checkout of TencentBlueKing/bk-job"}},
		"a checkout":               {map[string]string{"bk-nodeman/src/backup.py": text}, "bk-nodeman", exitOK, nil, []string{"1 texts still occur", "1 texts not checked"}},
		"a release":                {map[string]string{"bk-nodeman-2.4.5/src/backup.py": text}, "bk-nodeman-2.4.5", exitOK, nil, []string{"1 texts still occur"}},
		"a checkout of any name":   {map[string]string{"src/backup.py": text}, "", exitOK, nil, []string{"is taken for a checkout of TencentBlueKing/bk-nodeman", "1 texts not checked"}},
		"over two lines":           {map[string]string{"bk-nodeman/src/backup.py": "log(\"backup job \\\"%s\\\" \"\r\n    \"failed\")"}, "", exitOK, nil, []string{"1 texts still occur"}},
		"the text is gone":         {map[string]string{"bk-nodeman/src/backup.py": "log('no backup of %s')"}, "", exitProblems, []string{`own.yaml:13:1: backup-failed: upstream of term failed: "backup job \"%s\" failed" is not in src/backup.py of TencentBlueKing/bk-nodeman (newest)`}, []string{"0 texts still occur, 1 do not"}},
		"the file is gone":         {map[string]string{"bk-nodeman/README": ""}, "", exitProblems, []string{"own.yaml:13:1: ", "src/backup.py is not in TencentBlueKing/bk-nodeman (newest)"}, nil},
		"the file is gone, inside": {map[string]string{"bk-nodeman/README": ""}, "bk-nodeman", exitProblems, []string{"src/backup.py is not in"}, nil},
		"two are wrong":            {map[string]string{"bk-nodeman/README": "", "bk-job/Backup.java": "x"}, "", exitProblems, []string{"own.yaml:13:1: ", "own.yaml:15:1: "}, []string{"0 texts still occur, 2 do not"}},
		"neither is there":         {map[string]string{"README": ""}, "", exitUsage, nil, []string{"it is no checkout of TencentBlueKing/bk-job, TencentBlueKing/bk-nodeman"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := upstream(t, own, filepath.Join(tree(t, c.files), c.at))
			if code != c.code || len(c.out) == 0 && out != "" {
				t.Errorf("exit %d, want %d: %s%s", code, c.code, out, stderr)
			}
			for _, want := range c.out {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in %s", want, out)
				}
			}
			for _, want := range c.notes {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in %s", want, stderr)
				}
			}
		})
	}
}

// upstream is lint without what it finds in the signatures themselves, which takes a second.
func upstream(t *testing.T, own string, dirs ...string) (code int, out, stderr string) {
	t.Helper()
	sigs, err := readSignatures(own)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := checkUpstream(t.Context(), dirs, sigs, false)
	if err != nil {
		return exitUsage, "", err.Error()
	}
	var notes, problems strings.Builder
	checked.tell(console{err: &notes})
	for _, p := range checked.problems {
		problems.WriteString(p.Error() + "\n")
		code = exitProblems
	}
	return code, problems.String(), notes.String()
}

func TestLintWithUpstream(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	own := folder(t, map[string]string{"own.yaml": quoting})
	for text, want := range map[string]int{`log('backup job "%s" failed')`: exitOK, "x": exitProblems} {
		code, out, stderr := call(t, "", "lint", "--upstream", tree(t, map[string]string{"bk-nodeman/src/backup.py": text}), own)
		if code != want || (code == exitProblems) != strings.Contains(out, "own.yaml:13:1: ") || !strings.Contains(stderr, "1 texts not checked, there is no checkout of TencentBlueKing/bk-job") {
			t.Errorf("exit %d, want %d: %s%s", code, want, out, stderr)
		}
	}
}

func TestLintUpstreamStaysInTheCheckout(t *testing.T) {
	own := folder(t, map[string]string{"own.yaml": strings.Replace(quoting, "path: src/backup.py", "path: ../../secret", 1)})
	dir := tree(t, map[string]string{"secret": `backup job "%s" failed`, "all/bk-nodeman/README": ""})
	code, out, _ := upstream(t, own, filepath.Join(dir, "all"))
	if code != exitProblems || !strings.Contains(out, "cannot be read") {
		t.Errorf("exit %d, %s", code, out)
	}
}
