// Package gobuild compiles Go programs of this repository and reports progress, as a first build takes minutes and the
// go command prints nothing meanwhile.
package gobuild

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Flags and Env are what every program is compiled with. The plugin SDK compiles the plugin without cgo and with this
// tag; with equal settings each package is compiled once, whatever program needs it.
var (
	flags = []string{"-trimpath", "-buildvcs=false", "-tags=arrow_json_stdlib"}
	env   = []string{"CGO_ENABLED=0"}
)

// Build is one run of `go build`.
type Build struct {
	// Name says in the progress what is compiled, such as "plugin".
	Name string
	// Dir is the folder of the module; "" is the working directory.
	Dir string
	// Env is added to the environment, Args to the flags; the packages come last in Args.
	Env, Args []string
}

// Run compiles, and reports on progress how far it is at least every ten seconds. A build that is already done prints nothing.
// The error of a failed build ends with the compiler's last lines.
func (b Build) Run(ctx context.Context, progress io.Writer) error {
	// -v names each package as its compilation starts: all the progress that the go command offers.
	args := slices.Concat([]string{"build", "-v"}, flags, b.Args)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.Dir
	cmd.Env = slices.Concat(os.Environ(), env, b.Env)
	meter := newMeter(b.Name, progress, time.Now)
	cmd.Stderr = meter
	stop := meter.start()
	err := cmd.Run()
	stop()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the build of %s was stopped: %w", b.Name, ctx.Err())
	case err != nil:
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, meter.tail())
	}
	return nil
}
