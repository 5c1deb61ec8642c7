package testrun

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestRunStopsAtTheFirstFailureAndShowsAllParts(t *testing.T) {
	broken := errors.New("broken")
	ok := func(context.Context) error { return nil }
	var out bytes.Buffer
	err := Run(t.Context(), &out,
		Part{"lint", ok},
		Part{"unit", func(context.Context) error { return broken }},
		Part{"race", func(context.Context) error { t.Error("ran after a failure"); return nil }},
	)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "unit: ") {
		t.Errorf("err = %v, want unit's", err)
	}
	want := regexp.MustCompile(`\nlint +ok +\S*\nunit +FAILED +\S*\nrace +not run *\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("summary = %q, want %v", out.String(), want)
	}
}

// writeModule makes a throw-away Go module whose only test file holds body, and moves the test into it.
func writeModule(t *testing.T, body string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.24\n", "m_test.go": "package m\n\n" + body} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestGoTest(t *testing.T) {
	const head = "import \"testing\"\n"
	tests := map[string]struct {
		body    string
		total   string
		printed []string
		silent  []string
		fails   bool
	}{
		"sub-tests count, parents do not": {
			body: head + `func TestA(t *testing.T) { t.Run("x", func(t *testing.T) { t.Log("quiet") }); t.Run("y", func(*testing.T) {}) }
func TestB(t *testing.T) { t.Skip("no gcc here") }`,
			total: "2 passed, 0 failed, 1 skipped (Go 3, Jest 0)", printed: []string{"ok  \texample.com/m", "no gcc here"}, silent: []string{"quiet", "=== RUN"},
		},
		"a failure shows its output": {
			body:  head + `func TestA(t *testing.T) { t.Run("x", func(t *testing.T) { t.Error("wrong host") }) }`,
			total: "0 passed, 1 failed (Go 1, Jest 0)", printed: []string{"wrong host", "FAIL\texample.com/m"}, fails: true,
		},
		"a parent that fails by itself counts": {
			body:  head + `func TestA(t *testing.T) { t.Run("x", func(*testing.T) {}); t.Error("afterwards") }`,
			total: "1 passed, 1 failed (Go 2, Jest 0)", printed: []string{"afterwards"}, fails: true,
		},
		"a panic counts the test it ended": {
			body:  head + `func TestA(*testing.T) {}; func TestB(*testing.T) { panic("boom") }`,
			total: "1 passed, 1 failed (Go 2, Jest 0)", printed: []string{"boom"}, fails: true,
		},
		"what does not compile counts once": {
			body:  head + `func TestA(*testing.T) { undefined() }`,
			total: "0 passed, 1 failed (Go 1, Jest 0)", printed: []string{"undefined: undefined", "[build failed]"}, fails: true,
		},
		"no test at all is a failure": {body: "", total: "0 passed, 0 failed (Go 0, Jest 0)", fails: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			writeModule(t, tt.body)
			var tally Tally
			var out bytes.Buffer
			err := tally.GoTest(t.Context(), &out, "./...")
			if (err != nil) != tt.fails {
				t.Errorf("err = %v, want one: %t", err, tt.fails)
			}
			if got := tally.String(); got != tt.total {
				t.Errorf("total = %q, want %q", got, tt.total)
			}
			for _, want := range tt.printed {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not in the output:\n%s", want, &out)
				}
			}
			for _, not := range tt.silent {
				if strings.Contains(out.String(), not) {
					t.Errorf("%q is in the output:\n%s", not, &out)
				}
			}
		})
	}
}

func TestTallyCountsATestOfTwoRunsOnce(t *testing.T) {
	var tally Tally
	for _, o := range []outcome{skipped, passed} { // without and with the race detector, say
		tally.addGo("m TestA", o)
		tally.addGo("m TestB", failed)
	}
	if got, want := tally.String(), "1 passed, 1 failed (Go 2, Jest 0)"; got != want {
		t.Errorf("total = %q, want %q", got, want)
	}
}

func TestReadJest(t *testing.T) {
	var tally Tally
	report := `{"numPassedTests":5,"numFailedTests":1,"numPendingTests":1,"numTodoTests":1,"numRuntimeErrorTestSuites":1,"success":false}`
	if err := tally.readJest([]byte(report)); err != nil {
		t.Fatal(err)
	}
	if got, want := tally.String(), "5 passed, 2 failed, 2 skipped (Go 0, Jest 9)"; got != want {
		t.Errorf("total = %q, want %q", got, want)
	}
	if err := tally.readJest([]byte("npm ERR!")); err == nil {
		t.Error("took an error message for a report")
	}
}
