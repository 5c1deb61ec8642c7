package testrun

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// interruptGrace is how long a stopped `go test` may take to end its tests before it is killed.
const interruptGrace = 5 * time.Second

// errNoTests means that a `go test` found packages but no test in them: it proves nothing.
var errNoTests = errors.New("no test ran")

// GoTest runs `go test` with args, counts into t, and prints to out: the `ok` and `FAIL` lines of the packages, the whole
// output of tests that fail, the reasons of those that are skipped. It is an error when a test fails, a package
// does not compile, or nothing ran at all.
func (t *Tally) GoTest(ctx context.Context, out io.Writer, args ...string) error {
	return t.GoTestIn(ctx, out, "", args...)
}

// GoTestIn is GoTest in a directory, for the nested modules.
func (t *Tally) GoTestIn(ctx context.Context, out io.Writer, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptGrace
	var problems bytes.Buffer // the go command's own complaints: a wrong flag, a missing package
	cmd.Stderr = &problems
	events, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	ran, readErr := t.read(events, out)
	err = errors.Join(readErr, cmd.Wait())
	if _, printErr := io.Copy(out, &problems); printErr != nil {
		err = errors.Join(err, printErr)
	}
	switch {
	case err != nil:
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), err)
	case ran == 0:
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), errNoTests)
	}
	return nil
}

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// read takes the events of one run, prints what matters and returns how many tests ended.
func (t *Tally) read(events io.Reader, out io.Writer) (ran int, err error) {
	log := newLog(out)
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(out, "%s", line) // the go command's own words
			} else if log.take(e, t) {
				ran++
			}
		}
		if errors.Is(err, io.EOF) {
			return ran, nil
		}
		if err != nil {
			return ran, err
		}
	}
}

// log holds the output of what has not ended yet, by package and test.
type log struct {
	out     io.Writer
	pending map[string]map[string]*strings.Builder // package → test ("" is the package's own) → output
	broken  map[string]bool                        // packages with a failed test
}

func newLog(out io.Writer) *log {
	return &log{out: out, pending: map[string]map[string]*strings.Builder{}, broken: map[string]bool{}}
}

// take handles one event and tells whether it is the end of a test.
func (l *log) take(e event, tally *Tally) bool {
	switch e.Action {
	case "build-output":
		fmt.Fprint(l.out, e.Output)
	case "output":
		l.buffer(e.Package, e.Test).WriteString(e.Output)
	case "run":
		l.buffer(e.Package, e.Test) // known from its start, so that a test that never ends is seen
	case "pass", "fail", "skip":
		if e.Test == "" {
			l.endPackage(e, tally)
			return false
		}
		l.endTest(e, tally)
		return true
	}
	return false
}

func (l *log) buffer(pkg, test string) *strings.Builder {
	if l.pending[pkg] == nil {
		l.pending[pkg] = map[string]*strings.Builder{}
	}
	if l.pending[pkg][test] == nil {
		l.pending[pkg][test] = &strings.Builder{}
	}
	return l.pending[pkg][test]
}

func (l *log) endTest(e event, tally *Tally) {
	output := l.buffer(e.Package, e.Test).String()
	delete(l.pending[e.Package], e.Test)
	name := e.Package + " " + e.Test
	switch e.Action {
	case "pass":
		tally.addGo(name, passed)
	case "skip":
		tally.addGo(name, skipped)
		fmt.Fprint(l.out, withoutRunLines(output))
	case "fail":
		tally.addGo(name, failed)
		l.broken[e.Package] = true
		fmt.Fprint(l.out, withoutRunLines(output))
	}
}

// endPackage prints the package's result line; when it failed, also its own output and that of tests that never ended
// (a panic or a timeout takes the whole package down), which count as failed.
func (l *log) endPackage(e event, tally *Tally) {
	own := l.buffer(e.Package, "").String()
	if e.Action != "fail" {
		for line := range strings.Lines(own) {
			if strings.HasPrefix(line, "ok") {
				fmt.Fprint(l.out, line)
			}
		}
		delete(l.pending, e.Package)
		return
	}
	for _, test := range slices.Sorted(maps.Keys(l.pending[e.Package])) {
		if test != "" {
			tally.addGo(e.Package+" "+test, failed)
			l.broken[e.Package] = true
			fmt.Fprint(l.out, withoutRunLines(l.pending[e.Package][test].String()))
		}
	}
	if !l.broken[e.Package] { // does not compile, or TestMain gave up
		tally.addGo(e.Package, failed)
	}
	fmt.Fprint(l.out, own)
	delete(l.pending, e.Package)
}

// withoutRunLines drops the progress marks that -json implies (-v), which a reader of failures does not need.
func withoutRunLines(output string) string {
	var kept strings.Builder
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "=== ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
