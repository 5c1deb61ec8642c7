// Package bench runs the benchmarks and prints their ratios as one table: those beside the code, each with its peers in
// the same run, and those of tests/bench against a real Loki.
package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/blueking/incidents/tools/document"
)

// Options of Run.
type Options struct {
	// Rounds is how often each benchmark runs. The rounds are interleaved, so that what else the machine does meets all
	// alike; a row shows the median.
	Rounds int
	// Docs is the Markdown file between whose markers the table is written; "" writes none.
	Docs string
	// Plots is the folder for the SVG plots.
	Plots string
}

// Run runs everything and prints the table to out. Progress goes to progress. It fails when a benchmark does not run,
// not when a row misses its target.
func Run(ctx context.Context, out, progress io.Writer, o Options) error {
	results := Results{}
	for round := range o.Rounds {
		fmt.Fprintf(progress, "Benchmarks beside the code, round %d of %d.\n", round+1, o.Rounds)
		err := goTest(ctx, results, progress, "-benchtime=300ms", "./pkg/match", "./pkg/loki", "./pkg/scan", "./pkg/pushdown", "./tests/bench/ripgrep", "./tests/bench/commandline")
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(progress, "Benchmarks against a real Loki: loading takes some minutes.")
	if err := goTest(ctx, results, progress, "-tags=integration", fmt.Sprintf("-benchtime=%dx", o.Rounds), "-timeout=60m", "./tests/bench"); err != nil {
		return err
	}
	table := Table(results)
	fmt.Fprint(out, table)
	if o.Docs == "" {
		return nil
	}
	return errors.Join(document.Write(o.Docs, "go tool mage benchDocs", table+"\n"+Machine(o.Rounds, time.Now())), plots(o.Plots, results))
}

// goTest runs benchmarks and adds what they measured.
func goTest(ctx context.Context, results Results, progress io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-run=^$", "-bench=.", "-benchmem"}, args...)...)
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, progress
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go test %v: %w\n%s", args, err, stdout.String())
	}
	return results.Add(&stdout)
}
