//go:build mage

// The commands of this repository: `go tool mage -l` lists them, `go tool mage NAME` runs one.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	//mage:import sdk
	build "github.com/grafana/grafana-plugin-sdk-go/build"

	"github.com/blueking/incidents/tools/audit"
	"github.com/blueking/incidents/tools/bench"
	"github.com/blueking/incidents/tools/fuzz"
	"github.com/blueking/incidents/tools/gobuild"
	"github.com/blueking/incidents/tools/lokibinary"
	"github.com/blueking/incidents/tools/prereq"
	"github.com/blueking/incidents/tools/release"
	"github.com/blueking/incidents/tools/supply"
)

// Default is what `go tool mage` without a name does.
var Default = Build

func init() {
	if err := build.SetBeforeBuildCallback(supply.SameBinary); err != nil {
		panic(err)
	}
}

// Build compiles the plugin for this platform into dist/ and the command line into bin/bkincidents.
func Build(ctx context.Context) error {
	if err := backend(ctx); err != nil {
		return err
	}
	return compile(ctx, "./cmd/bkincidents")
}

// backend compiles the plugin: first its packages, with progress, then all of it as the SDK does, without a word.
func backend(ctx context.Context) error {
	if err := (gobuild.Build{Name: "plugin", Args: []string{"./pkg/..."}}).Run(ctx, os.Stderr); err != nil {
		return err
	}
	return build.Build{}.Backend()
}

// BuildAll compiles the plugin for all platforms of Grafana; Grafana's release workflow calls it.
func BuildAll() { build.BuildAll() }

// Package makes what a release consists of, in bin/release: the plugin, its provisioning files and the command line for all
// platforms, with SHA256SUMS.
func Package(ctx context.Context) error {
	if err := Frontend(ctx); err != nil {
		return err
	}
	for _, platform := range release.Platforms() {
		// Compiled with progress first: BuildAll does all platforms at once, without a word.
		if err := (gobuild.Build{Name: "plugin for " + platform, Env: target(platform), Args: []string{"./pkg/..."}}).Run(ctx, os.Stderr); err != nil {
			return err
		}
	}
	BuildAll()
	cli := filepath.Join("bin", "cli")
	for _, platform := range release.Platforms() {
		if err := compileTo(ctx, filepath.Join(cli, release.BinaryName(platform)), "./cmd/bkincidents", target(platform)...); err != nil {
			return err
		}
	}
	if err := shellFiles(ctx, cli); err != nil {
		return err
	}
	return Repack(ctx)
}

// shellFiles makes the completions and man pages of the command line, by the command line itself.
func shellFiles(ctx context.Context, dir string) error {
	if err := compile(ctx, "./cmd/bkincidents"); err != nil {
		return err
	}
	completions, man := filepath.Join(dir, "completions"), filepath.Join(dir, "man")
	for _, folder := range []string{completions, man} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	for shell, file := range map[string]string{"bash": "bkincidents.bash", "zsh": "_bkincidents", "fish": "bkincidents.fish", "powershell": "bkincidents.ps1"} {
		text, err := exec.CommandContext(ctx, binary("bkincidents"), "completion", shell).Output()
		if err != nil {
			return fmt.Errorf("completion for %s: %w", shell, err)
		}
		if err := os.WriteFile(filepath.Join(completions, file), text, 0o644); err != nil {
			return err
		}
	}
	return run(ctx, binary("bkincidents"), "man", man)
}

// Repack packs what Package has built again, after the plugin was signed.
func Repack(ctx context.Context) error {
	v, err := packageVersion()
	if err != nil {
		return err
	}
	return release.Pack(ctx, os.Stdout, release.Options{
		Root: ".", Dist: "dist", CLI: filepath.Join("bin", "cli"), Out: filepath.Join("bin", "release"), Version: v,
	})
}

// target is the environment to compile for a platform such as linux/amd64.
func target(platform string) []string {
	goos, arch, _ := strings.Cut(platform, "/")
	return []string{"GOOS=" + goos, "GOARCH=" + arch}
}

// Frontend builds the frontend into dist/, after npm ci when package-lock.json is newer than node_modules.
func Frontend(ctx context.Context) error {
	if err := nodeModules(ctx); err != nil {
		return err
	}
	return run(ctx, "npm", "run", "--silent", "build")
}

// Demo prints the incidents of the built-in sample logs, found by the built plugin; in a Grafana, too, when there is one.
func Demo(ctx context.Context) error {
	return demo(ctx)
}

// DemoLoki is the demo with a real Loki, which the first run builds (about five minutes).
func DemoLoki(ctx context.Context) error {
	return demo(ctx, "--loki")
}

// DemoShip is the demo on nodeman's execution log: from a MariaDB with its tables through `bkincidents ship` into a real Loki.
func DemoShip(ctx context.Context) error {
	if err := prereq.MariaDB(ctx, os.Stdout); err != nil {
		return err
	}
	return demo(ctx, "--ship")
}

// Test runs everything that must hold, in order, and stops at the first part that fails.
func Test(ctx context.Context) error { return test(ctx) }

// Lint runs the Go linters of .golangci.yml.
func Lint(ctx context.Context) error { return test(ctx, "lint") }

// Unit runs the Go tests that need nothing but Go.
func Unit(ctx context.Context) error { return test(ctx, "unit") }

// Race runs the unit tests under the race detector, without long ones in which nothing runs side by side. It needs a C compiler.
func Race(ctx context.Context) error { return test(ctx, "race") }

// Fixtures lints the signature catalogue and runs every signature's fixtures against all signatures.
func Fixtures(ctx context.Context) error { return test(ctx, "build", "fixtures") }

// Provisioning checks the data sources, dashboards and alert rules that we ship.
func Provisioning(ctx context.Context) error { return test(ctx, "provisioning") }

// Integration tests the built plugin against a real Loki, which the first run builds (about five minutes).
func Integration(ctx context.Context) error { return test(ctx, "build", "integration") }

// FrontendTest checks types, lints, tests and builds the frontend.
func FrontendTest(ctx context.Context) error { return test(ctx, "frontend") }

// Audit looks the dependencies up in the databases of known vulnerabilities, where they can be reached.
func Audit(ctx context.Context) error {
	return audit.Run(ctx, os.Stdout)
}

// Licences checks the licences of all that the plugin ships, Go modules and npm packages.
func Licences(ctx context.Context) error { return supply.Licences(ctx, os.Stdout, ".") }

// Sbom writes a bill of materials (CycloneDX) to bin/sbom.cdx.json.
func Sbom(ctx context.Context) error {
	return supply.WriteSBOM(ctx, ".", filepath.Join("bin", "sbom.cdx.json"))
}

// Reproducible builds the plugin twice, in two folders, and compares the binaries.
func Reproducible(ctx context.Context) error { return supply.Reproducible(ctx, os.Stdout, ".") }

// Fuzz runs every fuzz target for FUZZTIME each (default 10m), FUZZJOBS at a time (default 1); FUZZONLY chooses by regex.
func Fuzz(ctx context.Context) error {
	options, err := fuzz.FromEnvironment(os.Getenv)
	if err != nil {
		return err
	}
	return fuzz.Run(ctx, os.Stdout, ".", options)
}

// Bench runs the benchmarks, those against a real Loki too, and prints one table of their ratios (about 15 minutes).
func Bench(ctx context.Context) error { return measure(ctx, bench.Options{}) }

// BenchDocs is Bench, and writes the table and the plots of docs/performance.md.
func BenchDocs(ctx context.Context) error {
	return measure(ctx, bench.Options{Docs: "docs/performance.md", Plots: "docs/images"})
}

// Scale simulates the Loki of a large installation and writes the tables and the plot of docs/scale.md (some minutes).
func Scale(ctx context.Context) error {
	return run(ctx, "go", "test", "-run=TestDocument", "-count=1", "-timeout=30m", "-v", "./tools/scale", "-update")
}

// benchRounds is how often each benchmark runs, if BENCH_ROUNDS does not say so.
const benchRounds = 5

// measure builds what the benchmarks run and runs them.
func measure(ctx context.Context, o bench.Options) error {
	if _, err := lokibinary.Path(ctx, os.Stderr); err != nil {
		return err
	}
	if err := Build(ctx); err != nil {
		return err
	}
	o.Rounds = benchRounds
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROUNDS")); err == nil && n > 0 {
		o.Rounds = n
	}
	return bench.Run(ctx, os.Stdout, os.Stderr, o)
}

// Soak runs the built plugin against a real Loki for an hour, or for SOAK_DURATION (such as 10m), on a schedule of
// incidents that is known, and ends with PASS or FAIL.
func Soak(ctx context.Context) error {
	if err := backend(ctx); err != nil {
		return err
	}
	if err := compile(ctx, "./tools/soak"); err != nil {
		return err
	}
	duration := os.Getenv("SOAK_DURATION")
	if duration == "" {
		duration = "1h"
	}
	return run(ctx, binary("soak"), "-duration", duration)
}

// RaceIntegration runs the integration tests under the race detector, with a plugin that is built with it, too, and dies of
// the first race. It takes about ten minutes and is not part of Test, which races the packages alone.
func RaceIntegration(ctx context.Context) error {
	if err := prereq.Compiler(ctx, os.Stdout); err != nil {
		return err
	}
	if _, err := lokibinary.Path(ctx, os.Stdout); err != nil {
		return err
	}
	if err := compile(ctx, "./cmd/bkincidents"); err != nil {
		return err
	}
	plugin := filepath.Join("dist", fmt.Sprintf("gpx_blueking_incidents_%s_%s", runtime.GOOS, runtime.GOARCH))
	defer func() { _ = os.Remove(plugin) }() // whatever runs the plugin next builds its own
	err := run(ctx, "go", "build", "-race", "-tags=arrow_json_stdlib", "-o", plugin, "./pkg")
	if err != nil {
		return err
	}
	return command{env: []string{"GORACE=halt_on_error=1"}}.run(ctx, "go", "test", "-race", "-tags=integration", "-count=1", "-timeout=30m",
		"./tests/integration", "./tests/faults")
}

// Load puts the built plugin under the load of a large installation and prints latencies and memory.
func Load(ctx context.Context) error {
	if err := backend(ctx); err != nil {
		return err
	}
	return command{env: []string{"LOAD=full"}}.run(ctx, "go", "test", "-tags=integration", "-count=1", "-timeout=1h", "-v", "./tests/load")
}

// demo builds what the demo needs and runs it; where a Grafana is installed that includes the frontend.
func demo(ctx context.Context, args ...string) error {
	if err := backend(ctx); err != nil {
		return err
	}
	if _, err := exec.LookPath("grafana"); err == nil || os.Getenv("GRAFANA_HOME") != "" {
		if err := Frontend(ctx); err != nil {
			return err
		}
		args = append(args, "--grafana")
	}
	if err := compile(ctx, "./tools/demo"); err != nil {
		return err
	}
	return run(ctx, binary("demo"), args...)
}
