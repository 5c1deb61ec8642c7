//go:build mage

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/blueking/incidents/tools/lokibinary"
	"github.com/blueking/incidents/tools/prereq"
	"github.com/blueking/incidents/tools/testrun"
)

// test runs the parts called names, or all, and ends with a summary.
func test(ctx context.Context, names ...string) error {
	parts := slices.DeleteFunc(testParts(), func(p testrun.Part) bool {
		return len(names) > 0 && !slices.Contains(names, p.Name)
	})
	return testrun.Run(ctx, os.Stdout, parts...)
}

// testParts are the parts of Test in the order in which a mistake is found soonest.
func testParts() []testrun.Part {
	return []testrun.Part{
		{Name: "lint", Run: func(ctx context.Context, out io.Writer) error {
			return command{out: out}.run(ctx, "go", "tool", "-modfile=tools/golangci/go.mod", "golangci-lint", "run")
		}},
		{Name: "unit", Run: goTest("-timeout=30m", "./pkg/...", "./cmd/...", "./tools/...", "./tests/corpus", "./tests/upgrades", "./tests/contract", "./tests/scenarios", "./tests/liar")},
		{Name: "race", Run: func(ctx context.Context, out io.Writer) error {
			if err := prereq.Compiler(ctx, out); err != nil {
				return err
			}
			// Not the tools: one process each, which no user runs.
			return goTest("-race", "-short", "-timeout=30m", "./pkg/...", "./cmd/...")(ctx, out)
		}},
		{Name: "build", Run: func(ctx context.Context, _ io.Writer) error { return Build(ctx) }},
		{Name: "fixtures", Run: func(ctx context.Context, out io.Writer) error {
			c := command{out: out}
			return errors.Join(c.run(ctx, binary("bkincidents"), "lint"), c.run(ctx, binary("bkincidents"), "test"))
		}},
		{Name: "provisioning", Run: func(ctx context.Context, out io.Writer) error {
			return errors.Join(goTest("./tests/provisioning/...", "./tests/collectors/...")(ctx, out), goTestIn(ctx, out, "tools/alerttemplates", "./..."))
		}},
		{Name: "integration", Run: func(ctx context.Context, out io.Writer) error {
			if err := prereq.MariaDB(ctx, out); err != nil {
				return err
			}
			// Built here rather than by the first test, whose progress nobody would see.
			if _, err := lokibinary.Path(ctx, out); err != nil {
				return err
			}
			return goTest("-tags=integration", "-timeout=30m", "./tests/integration", "./tests/faults", "./tests/load", "./tests/ship", "./tools/lokiserver", "./cmd/bkincidents")(ctx, out)
		}},
		{Name: "frontend", Run: func(ctx context.Context, out io.Writer) error {
			if err := nodeModules(ctx); err != nil {
				return err
			}
			c := command{out: out}
			for _, script := range []string{"typecheck", "lint", "test:ci"} {
				if err := c.run(ctx, "npm", "run", "--silent", script); err != nil {
					return err
				}
			}
			return Frontend(ctx)
		}},
	}
}

// goTest is a part that runs `go test` through gotestsum.
func goTest(args ...string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, out io.Writer) error { return goTestIn(ctx, out, ".", args...) }
}

// goTestIn runs `go test` in a folder, for the nested modules.
func goTestIn(ctx context.Context, out io.Writer, dir string, args ...string) error {
	modfile, err := filepath.Rel(dir, filepath.Join("tools", "gotestsum", "go.mod"))
	if err != nil {
		return err
	}
	args = append([]string{"tool", "-modfile=" + modfile, "gotestsum", "--format=pkgname", "--"}, args...)
	return command{dir: dir, out: out}.run(ctx, "go", args...)
}

// nodeModules runs npm ci unless node_modules is as new as package-lock.json.
func nodeModules(ctx context.Context) error {
	if err := prereq.Node(ctx); err != nil {
		return err
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		return err
	}
	installed, err := os.Stat(filepath.Join("node_modules", ".package-lock.json"))
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return nil
	}
	return run(ctx, "npm", "ci", "--no-audit", "--no-fund")
}
