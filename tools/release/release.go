// Package release packs what a release consists of: the plugin as Grafana installs it, the files to provision it with,
// and the command line for each platform, with their checksums.
package release

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// PluginID is the folder of the plugin in Grafana's plugin folder.
const PluginID = "blueking-incidents-datasource"

// Platforms are those that Grafana runs on, and that the plugin and the command line are built for.
func Platforms() []string {
	return []string{"linux/amd64", "linux/arm64", "linux/arm", "darwin/amd64", "darwin/arm64", "windows/amd64"}
}

// Options say where things are. All folders must exist, except Out.
type Options struct {
	// Root is the checkout; Dist the built plugin, for all platforms; CLI the built command line, as bkincidents_OS_ARCH[.exe].
	Root, Dist, CLI string
	// Out is emptied first.
	Out     string
	Version string
}

// The errors name the command that makes what is missing.
var (
	errNoPlugin = errors.New("the plugin is not built for all platforms, run `go tool mage buildAll frontend`")
	errNoCLI    = errors.New("the command line is not built for all platforms, run `go tool mage package`")
)

// Pack writes the archives and SHA256SUMS to o.Out, and one line per archive to progress.
func Pack(ctx context.Context, progress io.Writer, o Options) error {
	if err := complete(o); err != nil {
		return err
	}
	if err := os.RemoveAll(o.Out); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	archives := []archive{
		{name: PluginID + "-" + o.Version, folders: []mapping{{o.Dist, PluginID}}},
		{name: "blueking-incidents-provisioning-" + o.Version, folders: []mapping{
			{filepath.Join(o.Root, "provisioning"), "provisioning"}, {filepath.Join(o.Root, "dashboards"), "dashboards"},
		}},
	}
	for _, p := range Platforms() {
		platform := strings.ReplaceAll(p, "/", "_")
		name := "bkincidents-" + o.Version + "-" + platform
		archives = append(archives, archive{name: name, folders: []mapping{
			{filepath.Join(o.CLI, binaryName("bkincidents", p)), path.Join(name, "bkincidents"+extension(p))},
			{filepath.Join(o.Root, "LICENSE"), path.Join(name, "LICENSE")},
			{filepath.Join(o.CLI, "completions"), path.Join(name, "completions")},
			{filepath.Join(o.CLI, "man"), path.Join(name, "man")},
		}})
	}
	var sums strings.Builder
	for _, a := range archives {
		sum, err := a.write(ctx, o.Out)
		if err != nil {
			return fmt.Errorf("pack %s: %w", a.name, err)
		}
		fmt.Fprintf(&sums, "%s  %s.zip\n", sum, a.name)
		fmt.Fprintln(progress, filepath.Join(o.Out, a.name+".zip"))
	}
	return os.WriteFile(filepath.Join(o.Out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// complete is an error unless all that is packed was built, in this version.
func complete(o Options) error {
	var plugin struct{ Info struct{ Version string } }
	text, err := os.ReadFile(filepath.Join(o.Dist, "plugin.json"))
	if err != nil {
		return fmt.Errorf("%w: %w", errNoPlugin, err)
	}
	if err := json.Unmarshal(text, &plugin); err != nil {
		return fmt.Errorf("%s/plugin.json: %w", o.Dist, err)
	}
	if plugin.Info.Version != o.Version {
		return fmt.Errorf("%w: %s has version %q, not %s", errNoPlugin, o.Dist, plugin.Info.Version, o.Version)
	}
	if _, err := os.Stat(filepath.Join(o.Dist, "module.js")); err != nil {
		return fmt.Errorf("%w: %w", errNoPlugin, err)
	}
	for _, p := range Platforms() {
		if _, err := os.Stat(filepath.Join(o.Dist, binaryName("gpx_blueking_incidents", p))); err != nil {
			return fmt.Errorf("%w: %w", errNoPlugin, err)
		}
		if _, err := os.Stat(filepath.Join(o.CLI, binaryName("bkincidents", p))); err != nil {
			return fmt.Errorf("%w: %w", errNoCLI, err)
		}
	}
	return nil
}

// binaryName is NAME_OS_ARCH[.exe], as the plugin SDK writes it.
func binaryName(name, platform string) string {
	return name + "_" + strings.ReplaceAll(platform, "/", "_") + extension(platform)
}

func extension(platform string) string {
	if strings.HasPrefix(platform, "windows/") {
		return ".exe"
	}
	return ""
}

// BinaryName is the file name of the command line for a platform such as linux/amd64.
func BinaryName(platform string) string { return binaryName("bkincidents", platform) }

// archive is a zip: folders or files, and what they are called in it.
type archive struct {
	name    string
	folders []mapping
}

type mapping struct{ from, to string }

// write makes the archive in dir and returns its SHA-256. Entries are sorted and have no time, so that the same files
// give the same archive.
func (a archive) write(ctx context.Context, dir string) (sum string, err error) {
	f, err := os.Create(filepath.Join(dir, a.name+".zip"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	z := zip.NewWriter(io.MultiWriter(f, hash))
	for _, m := range a.folders {
		files, err := filesBelow(m.from)
		if err != nil {
			return "", err
		}
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return "", err
			}
			if err := add(z, filepath.Join(m.from, file), path.Join(m.to, filepath.ToSlash(file))); err != nil {
				return "", err
			}
		}
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// filesBelow are the regular files below root, relative to it; for a file it is "".
func filesBelow(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files = append(files, strings.TrimPrefix(rel, "."))
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no files", root)
	}
	slices.Sort(files)
	return files, err
}

func add(z *zip.Writer, from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: to, Method: zip.Deflate}
	mode := fs.FileMode(0o644)
	if info.Mode()&0o111 != 0 {
		mode = 0o755
	}
	header.SetMode(mode)
	w, err := z.CreateHeader(header)
	if err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	_, err = io.Copy(w, in)
	return err
}
