//go:build integration

// Package faults breaks the way between the built plugin and a real Loki in every manner that we could think of, and
// checks what the user is told, that no line is lost or doubled, that no alert resolves, and that the next query is right.
// The table that TestFaults prints stands in docs/reliability.md; `go test -tags=integration ./tests/faults -update` writes it.
package faults

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

var update = flag.Bool("update", false, "write the table of faults into docs/reliability.md and docs/reliability.zh.md")

// The plugin and a Loki are shared by the rows; every row pushes streams with labels of its own.
var (
	plugin *pluginrun.Plugin
	shared *lokiserver.Server
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	// Most rows wait for a timeout most of the time.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	var err error
	if shared, err = lokiserver.Start(ctx, lokiserver.Options{Progress: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "start Loki:", err)
		return 1
	}
	defer func() { _ = shared.Stop() }()
	var log *os.File
	if os.Getenv("PLUGIN_LOG") != "" {
		log = os.Stderr
	}
	if plugin, err = pluginrun.Start(ctx, pluginrun.Binary("../.."), pluginrun.Options{Log: log}); err != nil {
		fmt.Fprintln(os.Stderr, "start the plugin:", err)
		return 1
	}
	defer plugin.Stop()
	return m.Run()
}

// lokiWith starts a Loki of a row's own.
func lokiWith(overrides string) func(t *testing.T) *lokiserver.Server {
	return func(t *testing.T) *lokiserver.Server {
		t.Helper()
		s, err := lokiserver.Start(context.Background(), lokiserver.Options{Overrides: overrides})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Stop() })
		return s
	}
}
