//go:build mage

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/blueking/incidents/tools/gobuild"
)

// stopGrace is how long a stopped command may take to clean up, in which a demo stops its Grafana and Loki.
const stopGrace = 4 * time.Second

// compile builds the program in folder into bin/.
func compile(ctx context.Context, folder string) error {
	return compileTo(ctx, binary(filepath.Base(folder)), folder)
}

// compileTo builds the program in folder, with the version of package.json, into a file.
func compileTo(ctx context.Context, file, folder string, env ...string) error {
	v, err := packageVersion()
	if err != nil {
		return err
	}
	ldflags := "-s -w -X github.com/prometheus/common/version.Version=" + v
	return gobuild.Build{Name: filepath.Base(folder), Env: env, Args: []string{"-ldflags=" + ldflags, "-o", file, folder}}.Run(ctx, os.Stderr)
}

func packageVersion() (string, error) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		return "", err
	}
	var pkg struct{ Version string }
	if err := json.Unmarshal(text, &pkg); err != nil {
		return "", fmt.Errorf("package.json: %w", err)
	}
	return pkg.Version, nil
}

// binary is where compile puts the program called name.
func binary(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join("bin", name)
}

// command says how run runs a program. The zero value is like a shell would.
type command struct {
	dir string
	env []string
	out io.Writer // nil is the standard output and error
}

// run runs a command with this one's input. A stopped command is asked to end before it is killed.
func run(ctx context.Context, name string, args ...string) error {
	return command{}.run(ctx, name, args...)
}

func (c command) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if c.out != nil {
		cmd.Stdout, cmd.Stderr = c.out, c.out
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}
