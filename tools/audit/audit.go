// Package audit looks the dependencies up in the public databases of known vulnerabilities. A database that cannot be
// reached is reported as "not checked": neither a pass nor a failure, since nothing is known.
package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// ErrVulnerable means that a dependency has a known vulnerability; the tool's report says which and what to do.
var ErrVulnerable = errors.New("known vulnerabilities found")

// check is one tool and how to tell its three results apart.
type check struct {
	what        string
	command     []string
	unreachable string // in the output when the database did not answer
	vulnerable  int    // the exit status for findings
}

// checks cover what ends up at a user's: the Go code that is called, the packages in the frontend's bundle.
func checks() []check {
	return []check{
		{"Go (called code)", []string{"go", "tool", "-modfile=tools/govulncheck/go.mod", "govulncheck", "./..."}, "fetching vulnerabilities", 3},
		{"npm (runtime, level high and above)", []string{"npm", "audit", "--omit=dev", "--audit-level=high"}, "audit endpoint returned an error", 1},
	}
}

// Run runs all checks from the repository's root and prints a line for each to out, after the tool's own report where
// there is something to report. The error is ErrVulnerable, or what kept a tool from running.
func Run(ctx context.Context, out io.Writer) error {
	var all error
	for _, c := range checks() {
		verdict, report, err := c.run(ctx)
		if err != nil {
			fmt.Fprint(out, report)
		}
		fmt.Fprintf(out, "%s: %s\n", c.what, verdict)
		all = errors.Join(all, err)
	}
	return all
}

func (c check) run(ctx context.Context) (verdict, report string, err error) {
	output, err := exec.CommandContext(ctx, c.command[0], c.command[1:]...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "not checked", string(output), fmt.Errorf("%s: %w", c.command[0], err)
	}
	status := 0
	if exit != nil {
		status = exit.ExitCode()
	}
	return c.judge(status, string(output))
}

// judge tells from a tool's exit status and output what it found.
func (c check) judge(status int, output string) (verdict, report string, err error) {
	switch {
	case status == 0:
		return "no known vulnerability", output, nil
	case strings.Contains(output, c.unreachable):
		return "not checked, the database cannot be reached from here", output, nil
	case status == c.vulnerable:
		return "vulnerable", output, fmt.Errorf("%s: %w", c.what, ErrVulnerable)
	default:
		return "not checked", output, fmt.Errorf("%s: exit status %d", strings.Join(c.command, " "), status)
	}
}
