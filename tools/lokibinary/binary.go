// Package lokibinary builds the Loki that the integration tests, the benchmarks and the demo run.
//
// It is built once from the nested module tools/loki, because Loki's 360 dependencies must not
// reach the plugin's go.mod, and it is kept outside the checkout, because a cold build takes five minutes.
package lokibinary

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/blueking/incidents/tools/gobuild"
)

const (
	modulePath  = "github.com/blueking/incidents"
	mainPackage = "github.com/grafana/loki/v3/cmd/loki"
)

// errNoCheckout means that the working directory is not inside this repository.
var errNoCheckout = errors.New("tools/loki not found: run this inside a checkout of " + modulePath)

var (
	moduleLine  = regexp.MustCompile(`(?m)^module\s+(\S+)`)
	versionLine = regexp.MustCompile(`(?m)^(?:require)?\s*github\.com/grafana/loki/v3\s+(v\S+)`)
)

// Path returns the Loki binary, building it first when the cache has none for this go.mod and go.sum.
// A build takes about five minutes on two cores and says on progress (may be nil) how far it is;
// a second process that asks meanwhile waits for the first one's result.
// The binary lives in os.UserCacheDir()/blueking-incidents. The error of a failed build ends with the compiler's last lines.
func Path(ctx context.Context, progress io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep the Loki binary, set XDG_CACHE_HOME or HOME: %w", err)
	}
	return pathIn(ctx, filepath.Join(cache, "blueking-incidents"), progress)
}

// pathIn is Path with a cache directory of the caller's choice.
func pathIn(ctx context.Context, cache string, progress io.Writer) (string, error) {
	if progress == nil {
		progress = io.Discard
	}
	src, err := sourceDir()
	if err != nil {
		return "", err
	}
	name, err := binaryName(src)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(cache, name)
	if isFile(binary) {
		return binary, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache for the Loki binary: %w", err)
	}
	release, err := acquire(ctx, binary+".lock", func() { fmt.Fprintln(progress, "Another process builds Loki, waiting for it.") })
	if err != nil {
		return "", fmt.Errorf("wait for the process that builds Loki: %w", err)
	}
	defer release()
	if isFile(binary) { // built while we waited
		return binary, nil
	}
	if err := build(ctx, src, binary, progress); err != nil {
		return "", err
	}
	return binary, nil
}

// build compiles into a temporary file beside binary and renames it, so that binary is complete whenever it exists.
func build(ctx context.Context, src, binary string, progress io.Writer) error {
	tmp, err := os.MkdirTemp(filepath.Dir(binary), "build-")
	if err != nil {
		return fmt.Errorf("make a place to build Loki in: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()

	fmt.Fprintf(progress, "Building Loki once into %s: about five minutes on two cores.\n", binary)
	out := filepath.Join(tmp, filepath.Base(binary))
	err = gobuild.Build{
		Name: "Loki",
		Dir:  src,
		Env:  []string{"GOWORK=off", "GOFLAGS=-mod=readonly", "GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH},
		Args: []string{"-ldflags=-s -w", "-o", out, mainPackage},
	}.Run(ctx, progress)
	if err != nil {
		return fmt.Errorf("build Loki in %s (try `go mod download` there): %w", src, err)
	}
	if err := os.Rename(out, binary); err != nil {
		return fmt.Errorf("keep the Loki binary: %w", err)
	}
	return nil
}

// sourceDir finds tools/loki from the working directory upwards: tests run in their package's folder, commands anywhere in the checkout.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the checkout: %w", err)
	}
	for {
		if mod, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil {
			if m := moduleLine.FindSubmatch(mod); m != nil && string(m[1]) == modulePath {
				return filepath.Join(dir, "tools", "loki"), nil
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errNoCheckout
		}
		dir = parent
	}
}

// binaryName is loki-VERSION-HASH, where HASH covers what decides the binary: both module files and the platform.
func binaryName(src string) (string, error) {
	mod, err := os.ReadFile(filepath.Join(src, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("read Loki's version: %w", err)
	}
	sum, err := os.ReadFile(filepath.Join(src, "go.sum"))
	if err != nil {
		return "", fmt.Errorf("read Loki's checksums: %w", err)
	}
	version := versionLine.FindSubmatch(mod)
	if version == nil {
		return "", fmt.Errorf("%s requires no github.com/grafana/loki/v3", filepath.Join(src, "go.mod"))
	}
	hash := sha256.Sum256(bytes.Join([][]byte{mod, sum, []byte(runtime.GOOS + "/" + runtime.GOARCH)}, []byte{0}))
	name := fmt.Sprintf("loki-%s-%s", version[1], hex.EncodeToString(hash[:6]))
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
