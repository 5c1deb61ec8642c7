package testrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

func printing(text string, err error) func(context.Context, io.Writer) error {
	return func(_ context.Context, out io.Writer) error {
		fmt.Fprint(out, text)
		return err
	}
}

func TestRunStopsAtTheFirstFailureAndShowsAllParts(t *testing.T) {
	broken := errors.New("broken")
	var out bytes.Buffer
	err := Run(t.Context(), &out,
		Part{"lint", printing("0 issues.\n", nil)},
		Part{"unit", printing("--- FAIL: TestA\nDONE 3 tests, 1 failure in 0.1s\n", broken)},
		Part{"race", func(context.Context, io.Writer) error { t.Error("ran after a failure"); return nil }},
	)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "unit: ") {
		t.Errorf("err = %v, want unit's", err)
	}
	want := regexp.MustCompile(`\nlint +ok +\S*\nunit +FAILED +\S*\nrace +not run *\n\nDONE 3 tests, 1 failure in 0.1s\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("the end of %q does not match %v", out.String(), want)
	}
}

func TestRunEndsWithTheSummariesOfAllRunners(t *testing.T) {
	var out bytes.Buffer
	err := Run(t.Context(), &out,
		Part{"unit", printing("PASS pkg/a\nDONE 12 tests, 1 skipped in 0.4s\n", nil)},
		Part{"frontend", printing("Test Suites: 3 passed, 3 total\nTests:       40 passed, 40 total\n", nil)},
	)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\n\nDONE 12 tests, 1 skipped in 0.4s\nTests:       40 passed, 40 total\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("output = %q, want the end %q", out.String(), want)
	}
}

func TestRunFailsWhereNoTestRan(t *testing.T) {
	err := Run(t.Context(), io.Discard, Part{"unit", printing("DONE 0 tests in 0.1s\n", nil)})
	if !errors.Is(err, ErrNoTests) {
		t.Errorf("err = %v, want %v", err, ErrNoTests)
	}
}
