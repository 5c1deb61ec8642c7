// Package testrun runs what `go tool mage test` consists of: parts in order, `go test` and Jest with a short log,
// and one honest count over all of them.
package testrun

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Part is one named step, such as the linters or the race detector.
type Part struct {
	Name string
	Run  func(context.Context) error
}

// Run runs parts in order and stops at the first that fails, whose error it returns. It ends with a table on out:
// one line a part with its result and duration, also for those that were not reached.
func Run(ctx context.Context, out io.Writer, parts ...Part) error {
	type result struct {
		word string
		took time.Duration
	}
	results := make([]result, len(parts))
	var failed error
	for i, part := range parts {
		if failed != nil {
			results[i].word = "not run"
			continue
		}
		fmt.Fprintf(out, "\n== %s\n", part.Name)
		began := time.Now()
		err := part.Run(ctx)
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
	return failed
}
