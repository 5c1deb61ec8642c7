// Command mage is what `go tool mage` runs: Mage with progress. It says at once what the target will do and how long that
// takes, compiles the targets of Magefile.go into the user's cache, and runs them. Mage alone compiles without a word, and
// leaves its generated file in the checkout when it is killed.
//
// It imports Mage and nothing else, so that it is compiled in seconds itself.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/magefile/mage/mage"
)

// beat is how often a silent compilation says that it goes on.
const beat = 8 * time.Second

// generated is the file that Mage writes beside Magefile.go while it compiles.
const generated = "mage_output_file.go"

// plans say what the long targets do. The times are those of two slow cores.
var plans = map[string]string{
	"demo":        "Demo: compile the plugin, run it on the built-in sample logs, print their incidents. About 5 minutes the first time, then 3 seconds.",
	"demoloki":    "Demo with a real Loki: compile the plugin and, once, Loki; load the sample logs; print their incidents. About 12 minutes the first time, then 15 seconds.",
	"demoship":    "Demo of `ship`: nodeman's execution log from a MariaDB into a real Loki, and its incidents. About 12 minutes the first time, then a minute.",
	"build":       "Build: compile the plugin into dist/ and the command line into bin/. About 5 minutes the first time, then 3 seconds.",
	"test":        "Test: run all checks. About 25 minutes the first time, with the build of Loki; then 8 minutes.",
	"integration": "Integration tests with a real Loki. About 12 minutes the first time, with the build of Loki; then 3 minutes.",
	"package":     "Package: compile the plugin and the command line for all platforms and pack them into bin/release. About 15 minutes the first time.",
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

// run compiles the targets, runs those that args name, and returns the exit status.
func run(ctx context.Context, args []string, progress io.Writer) int {
	for _, arg := range args {
		if plan, ok := plans[strings.ToLower(arg)]; ok {
			fmt.Fprintln(progress, plan)
		}
	}
	binary, err := compile(ctx, progress)
	if err != nil {
		fmt.Fprintln(progress, "mage:", err)
		return 1
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(progress, "mage:", err)
		return 1
	}
	return 0
}

// compile makes the program of all targets, in the user's cache, and returns its path. The go command sees to it that
// nothing is compiled twice.
func compile(ctx context.Context, progress io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep the compiled targets, set XDG_CACHE_HOME or HOME: %w", err)
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat("Magefile.go"); err != nil {
		return "", errors.New("no Magefile.go here: run this in the root of the checkout")
	}
	hash := sha256.Sum256([]byte(root))
	binary := filepath.Join(cache, "blueking-incidents", "mage-"+hex.EncodeToString(hash[:6]))
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", err
	}
	remove := func() { _ = os.Remove(generated) } // usually Mage has removed it
	remove()
	defer remove()

	done := make(chan int, 1)
	var output bytes.Buffer // read after done only
	go func() { done <- mage.ParseAndRun(&output, &output, nil, []string{"-compile", binary}) }()
	began, ticker := time.Now(), time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			fmt.Fprintf(progress, "Compiling the commands of this repository, %s so far.\n", time.Since(began).Round(time.Second))
		case <-ctx.Done():
			return "", errors.New("stopped")
		case code := <-done:
			if code != 0 {
				return "", fmt.Errorf("the targets do not compile:\n%s", output.String())
			}
			return binary, nil
		}
	}
}
