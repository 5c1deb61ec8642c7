// Package prereq checks for the programs beyond Go that a command needs, and installs or names what is missing.
package prereq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// MinNode is the oldest major version of Node.js that package.json allows.
const MinNode = 20

// The errors name what to do; what was found follows them where it helps.
var (
	ErrNoCompiler = errors.New("the race detector needs a C compiler: install gcc (Debian, Ubuntu: apt-get install gcc libc6-dev) or set CC")
	ErrNoMariaDB  = errors.New("MariaDB is missing: apt-get install mariadb-server, or your system's equivalent (it need not run as a service)")
	ErrNoNode     = fmt.Errorf("the frontend needs Node.js %d or newer with npm on the PATH", MinNode)
)

// Compiler makes sure that cgo has a C compiler. As root on a system with apt-get it installs gcc and tells out;
// elsewhere its absence is ErrNoCompiler.
func Compiler(ctx context.Context, out io.Writer) error {
	cc, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("go env CC: %w", err)
	}
	// CC may carry flags after the program, as in "ccache gcc".
	if words := strings.Fields(string(cc)); len(words) > 0 {
		if _, err := exec.LookPath(words[0]); err == nil {
			return nil
		}
	}
	return install(ctx, out, "gcc for the race detector", ErrNoCompiler, "gcc", "libc6-dev")
}

// MariaDB makes sure that the tests of `bkincidents ship` find a database server, as Compiler does.
func MariaDB(ctx context.Context, out io.Writer) error {
	if _, err := Server("mariadbd"); err == nil {
		return nil
	}
	return install(ctx, out, "MariaDB for the tests of `bkincidents ship`", ErrNoMariaDB, "mariadb-server")
}

// Server finds the program of a server: on the PATH, or where Debian puts those, which is on root's PATH only.
func Server(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + name)
}

// install installs packages where it can; elsewhere the error is missing, which names them.
func install(ctx context.Context, out io.Writer, what string, missing error, packages ...string) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return missing
	}
	fmt.Fprintf(out, "Installing %s.\n", what)
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-q", "-y", "--no-install-recommends"}, packages...)} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%w (apt-get %s: %w)", missing, args[0], err)
		}
	}
	return nil
}

// Node makes sure that node, new enough, and npm are there; otherwise the error is ErrNoNode.
func Node(ctx context.Context) error {
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoNode, err)
	}
	if major, err := majorOf(string(version)); err != nil || major < MinNode {
		return fmt.Errorf("%w: found %s", ErrNoNode, strings.TrimSpace(string(version)))
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNode, err)
	}
	return nil
}

// majorOf reads 20 from v20.11.1.
func majorOf(version string) (int, error) {
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(version), "v"), ".")
	return strconv.Atoi(major)
}
