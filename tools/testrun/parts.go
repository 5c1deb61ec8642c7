// Package testrun runs what `go tool mage test` consists of: parts in order, each a program that reports by itself,
// and a summary that repeats the runners' own last lines.
package testrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"text/tabwriter"
	"time"
)

// ErrNoTests means that a runner found no test: that proves nothing.
var ErrNoTests = errors.New("no test ran")

// Part is one named step, such as the linters or the race detector. What Run prints goes to its writer.
type Part struct {
	Name string
	Run  func(context.Context, io.Writer) error
}

// Run runs parts in order and stops at the first that fails, whose error it returns. It ends with a table on out, one line
// per part with its result and duration, also for those that were not reached, and with the summary lines of the runners.
func Run(ctx context.Context, out io.Writer, parts ...Part) error {
	type result struct {
		word string
		took time.Duration
	}
	results := make([]result, len(parts))
	summaries := &summaries{out: out}
	var failed error
	for i, part := range parts {
		if failed != nil {
			results[i].word = "not run"
			continue
		}
		fmt.Fprintf(out, "\n== %s\n", part.Name)
		began := time.Now()
		err := part.Run(ctx, summaries)
		if err == nil && summaries.empty {
			err = ErrNoTests
		}
		results[i] = result{"ok", time.Since(began)}
		if err != nil {
			results[i].word = "FAILED"
			failed = fmt.Errorf("%s: %w", part.Name, err)
		}
	}

	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, r := range results {
		took := ""
		if r.took > 0 {
			took = r.took.Round(100 * time.Millisecond).String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", parts[i].Name, r.word, took)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	if len(summaries.lines) > 0 {
		fmt.Fprintf(out, "\n%s\n", bytes.Join(summaries.lines, []byte{'\n'}))
	}
	return failed
}

var (
	// summaryLine is the last line of gotestsum, or Jest's line of tests.
	summaryLine = regexp.MustCompile(`^(?:DONE \d.*|Tests: .*)$`)
	// noTests is gotestsum's summary when packages were there and tests were not.
	noTests = regexp.MustCompile(`^DONE 0 tests`)
)

// summaries passes on what the runners print and keeps their summary lines. It is used by one part at a time.
type summaries struct {
	out     io.Writer
	partial []byte
	lines   [][]byte
	empty   bool // a runner ran no test
}

func (s *summaries) Write(p []byte) (int, error) {
	s.partial = append(s.partial, p...)
	for {
		line, rest, ok := bytes.Cut(s.partial, []byte{'\n'})
		if !ok {
			break
		}
		if summaryLine.Match(line) {
			s.lines = append(s.lines, bytes.Clone(line))
			s.empty = s.empty || noTests.Match(line)
		}
		s.partial = rest
	}
	return s.out.Write(p)
}
