package testrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Jest runs `npm run test:ci`, counts into t and leaves Jest's own report, with its "Tests:" line, on out.
func (t *Tally) Jest(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "bkincidents-jest-")
	if err != nil {
		return fmt.Errorf("jest: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	report := filepath.Join(dir, "report.json")
	cmd := exec.CommandContext(ctx, "npm", "run", "--silent", "test:ci", "--", "--json", "--outputFile="+report)
	cmd.Stdout, cmd.Stderr = out, out
	runErr := cmd.Run()
	written, readErr := os.ReadFile(report)
	if readErr != nil { // Jest did not get as far as its first test
		return fmt.Errorf("jest wrote no report: %w", errors.Join(runErr, readErr))
	}
	if err := t.readJest(written); err != nil {
		return err
	}
	if runErr != nil {
		return fmt.Errorf("jest: %w", runErr)
	}
	return nil
}

// readJest adds up the report that Jest's --json writes.
func (t *Tally) readJest(report []byte) error {
	var r struct {
		Passed  int `json:"numPassedTests"`
		Failed  int `json:"numFailedTests"`
		Pending int `json:"numPendingTests"`
		Todo    int `json:"numTodoTests"`
		Broken  int `json:"numRuntimeErrorTestSuites"` // files that could not be loaded
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return fmt.Errorf("read Jest's report: %w", err)
	}
	t.addJest(passed, r.Passed)
	t.addJest(failed, r.Failed+r.Broken)
	t.addJest(skipped, r.Pending+r.Todo)
	return nil
}
