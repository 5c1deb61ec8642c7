package supply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/grafana/grafana-plugin-sdk-go/build/buildinfo"
)

// ErrDiffers means that two builds of the same source gave different binaries.
var ErrDiffers = errors.New("two builds of the same source differ")

// Reproducible copies the tracked files to two folders of different names, builds the plugin in each with the
// repository's own command, and compares the binaries.
func Reproducible(ctx context.Context, out io.Writer, root string) error {
	tmp, err := os.MkdirTemp("", "reproducible")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	var sums []string
	for _, name := range []string{"one", "another/place"} {
		folder := filepath.Join(tmp, name)
		if err := copyTracked(ctx, root, folder); err != nil {
			return err
		}
		build := exec.CommandContext(ctx, "go", "tool", "mage", "build")
		build.Dir, build.Stdout, build.Stderr = folder, out, out
		if err := build.Run(); err != nil {
			return fmt.Errorf("build in %s: %w", folder, err)
		}
		sum, err := sumOf(filepath.Join(folder, "dist", "gpx_*"))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  %s\n", sum, name)
		sums = append(sums, sum)
	}
	if sums[0] != sums[1] {
		return ErrDiffers
	}
	return nil
}

// copyTracked copies the files that Git tracks, as they are in the working tree.
func copyTracked(ctx context.Context, root, to string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(names), "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// sumOf is the SHA-256 of the one file that fits.
func sumOf(pattern string) (string, error) {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%s: %d files, %w", pattern, len(found), err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// SameBinary changes the SDK's build so that the same source gives the same binary: no folder of this machine, no
// state of Git, and of what the SDK notes down (buildinfo.Info) all but the time.
func SameBinary(c build.Config) (build.Config, error) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		return c, err
	}
	var pkg struct{ Version string }
	if err := json.Unmarshal(text, &pkg); err != nil {
		return c, fmt.Errorf("package.json: %w", err)
	}
	info, err := json.Marshal(buildinfo.Info{PluginID: "blueking-incidents-datasource", Version: pkg.Version})
	if err != nil {
		return c, err
	}
	if c.CustomVars == nil {
		c.CustomVars = map[string]string{}
	}
	c.CustomVars["github.com/grafana/grafana-plugin-sdk-go/build/buildinfo.buildInfoJSON"] = string(info)
	if c.Env == nil {
		c.Env = map[string]string{}
	}
	c.Env["GOFLAGS"] = strings.TrimSpace(os.Getenv("GOFLAGS") + " -trimpath -buildvcs=false")
	return c, nil
}
