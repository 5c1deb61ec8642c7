package release

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// built is a checkout in which everything was built.
func built(t *testing.T) Options {
	t.Helper()
	root := t.TempDir()
	o := Options{Root: root, Dist: filepath.Join(root, "dist"), CLI: filepath.Join(root, "cli"), Out: filepath.Join(root, "out"), Version: "1.2.3"}
	files := map[string]string{
		"LICENSE": "AGPL", "dashboards/en/a.json": "{}", "provisioning/datasources/a.yaml": "x: 1",
		"dist/plugin.json": `{"info": {"version": "1.2.3"}}`, "dist/module.js": "define()", "dist/img/logo.svg": "<svg/>",
		"cli/completions/bkincidents.bash": "complete", "cli/man/bkincidents.1": ".TH",
	}
	for _, p := range Platforms() {
		files["dist/"+binaryName("gpx_blueking_incidents", p)] = "plugin " + p
		files["cli/"+BinaryName(p)] = "cli " + p
	}
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.Contains(name, "_") {
			mode = 0o755
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func TestThePluginsArchiveUnpacksIntoGrafanasPluginFolder(t *testing.T) {
	o := built(t)
	if err := Pack(t.Context(), io.Discard, o); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(filepath.Join(o.Out, PluginID+"-1.2.3.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !strings.HasPrefix(f.Name, PluginID+"/") {
			t.Errorf("%s is not below %s/", f.Name, PluginID)
		}
		if executable := strings.Contains(f.Name, "gpx_"); executable != (f.Mode()&0o111 != 0) {
			t.Errorf("%s has mode %s", f.Name, f.Mode())
		}
	}
	if want := PluginID + "/gpx_blueking_incidents_windows_amd64.exe"; !slices.Contains(names, want) {
		t.Errorf("%s is missing in %v", want, names)
	}
}

func TestChecksumsCoverAllArchivesAndAreThoseOfTheFiles(t *testing.T) {
	o := built(t)
	if err := Pack(t.Context(), io.Discard, o); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(o.Out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(first, []byte("\n")); n != 2+len(Platforms()) {
		t.Errorf("%d checksums, want %d:\n%s", n, 2+len(Platforms()), first)
	}
	if err := Pack(t.Context(), io.Discard, o); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(filepath.Join(o.Out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again) {
		t.Errorf("the same files give other archives:\n%s\n%s", first, again)
	}
}

func TestWhatIsNotBuiltIsNotPacked(t *testing.T) {
	for missing, want := range map[string]error{
		"dist/module.js": errNoPlugin, "dist/plugin.json": errNoPlugin,
		"dist/gpx_blueking_incidents_linux_arm64": errNoPlugin, "cli/bkincidents_windows_amd64.exe": errNoCLI,
	} {
		o := built(t)
		if err := os.Remove(filepath.Join(o.Root, missing)); err != nil {
			t.Fatal(err)
		}
		if err := Pack(t.Context(), io.Discard, o); !errors.Is(err, want) {
			t.Errorf("without %s: %v, want %v", missing, err, want)
		}
		if _, err := os.Stat(o.Out); err == nil {
			t.Errorf("without %s there is something in the release folder", missing)
		}
	}
}
