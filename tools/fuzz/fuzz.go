// Package fuzz runs every fuzz target of the repository for a given time and prints what came of each. Go's own
// command fuzzes one target of one package a run, and only says in passing how many inputs it tried.
package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// ErrFound means that an input broke a target. Go has written it to testdata/fuzz beside the target, where it is a
// test from then on: mend the code and commit both.
var ErrFound = errors.New("inputs found that break a target")

// stopGrace is how long a stopped run may take to end its workers.
const stopGrace = 10 * time.Second

// Options are what to run and for how long.
type Options struct {
	// Time is how long each target runs; baseline coverage comes on top.
	Time time.Duration
	// Jobs is how many targets run side by side, each with one worker. Default 1.
	Jobs int
	// Only chooses targets by "folder.Name"; nil takes all.
	Only *regexp.Regexp
}

// FromEnvironment reads FUZZTIME, FUZZJOBS and FUZZONLY.
func FromEnvironment(get func(string) string) (Options, error) {
	o := Options{Time: 10 * time.Minute, Jobs: 1}
	var err error
	if text := get("FUZZTIME"); text != "" {
		if o.Time, err = time.ParseDuration(text); err != nil || o.Time <= 0 {
			return o, fmt.Errorf("FUZZTIME=%q is no duration such as 10m", text)
		}
	}
	if text := get("FUZZJOBS"); text != "" {
		if o.Jobs, err = strconv.Atoi(text); err != nil || o.Jobs < 1 {
			return o, fmt.Errorf("FUZZJOBS=%q is no number of targets", text)
		}
	}
	if text := get("FUZZONLY"); text != "" {
		if o.Only, err = regexp.Compile(text); err != nil {
			return o, fmt.Errorf("FUZZONLY: %w", err)
		}
	}
	return o, nil
}

// result is what came of one target.
type result struct {
	target  Target
	execs   string
	took    time.Duration
	failure string
	err     error
}

// Run fuzzes the targets below root, prints a line for each as it ends and a table at the end. The error is ErrFound, or
// what kept a target from running.
func Run(ctx context.Context, out io.Writer, root string, o Options) error {
	targets, err := Targets(root)
	if err != nil {
		return err
	}
	if o.Only != nil {
		kept := targets[:0]
		for _, t := range targets {
			if o.Only.MatchString(t.String()) {
				kept = append(kept, t)
			}
		}
		targets = kept
	}
	if len(targets) == 0 {
		return errors.New("no fuzz target to run")
	}
	jobs := max(1, o.Jobs)
	fmt.Fprintf(out, "%d targets for %s each, %d at a time\n", len(targets), o.Time, jobs)

	results := make([]result, len(targets))
	var wait sync.WaitGroup
	var printing sync.Mutex
	slots := make(chan struct{}, jobs)
	for i, t := range targets {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			r := fuzz(ctx, root, t, o.Time)
			results[i] = r
			printing.Lock()
			defer printing.Unlock()
			fmt.Fprintf(out, "%s: %s in %s, %s\n%s", t, r.execs, r.took.Round(time.Second), r.verdict(), r.failure)
		})
	}
	wait.Wait()
	return report(out, results)
}

// report prints the table and joins the errors.
func report(out io.Writer, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\ntarget\texecutions\ttime\tresult")
	var total time.Duration
	var all error
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.target, r.execs, r.took.Round(time.Second), r.verdict())
		total += r.took
		if r.err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", r.target, r.err))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d targets, %.1f minutes in all\n", len(results), total.Minutes())
	return all
}

func (r result) verdict() string {
	switch {
	case r.err == nil:
		return "clean"
	case errors.Is(r.err, ErrFound):
		return "FAILED"
	default:
		return "did not run"
	}
}

// fuzz runs one target.
func fuzz(ctx context.Context, root string, t Target, length time.Duration) result {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+t.Name+"$", "-fuzztime="+length.String(), "-parallel=1", "./"+t.Folder)
	cmd.Dir = root
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	started := time.Now()
	err := cmd.Run()
	r := judge(output.String(), err, ctx.Err())
	r.target, r.took = t, time.Since(started)
	return r
}

var execs = regexp.MustCompile(`fuzz: elapsed: \S+, execs: (\d+)`)

// judge reads Go's output: the executions of its last line of progress, and whether an input or something else failed.
func judge(output string, err, stopped error) result {
	r := result{execs: "0"}
	if found := execs.FindAllStringSubmatch(output, -1); found != nil {
		r.execs = found[len(found)-1][1]
	}
	switch {
	case err == nil:
	case strings.Contains(output, "Failing input written to") || strings.Contains(output, "--- FAIL: "):
		r.err, r.failure = ErrFound, output
	case stopped != nil:
		r.err = stopped
	default:
		r.err, r.failure = err, output
	}
	return r
}
