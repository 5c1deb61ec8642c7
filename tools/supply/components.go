// Package supply tells what the plugin is made of: the Go modules that are compiled into it and the npm packages of its
// frontend, their licences, a bill of materials, and whether the same source gives the same binary.
package supply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Component is a Go module or an npm package, at one version.
type Component struct {
	Ecosystem string // "golang" or "npm"
	Name      string
	Version   string
	// Licence is an SPDX expression; "" when it is not known.
	Licence string
	// Integrity is npm's "sha512-<base64>"; "" for Go, whose hashes are in go.sum.
	Integrity string
	folder    string
}

func (c Component) String() string { return c.Name + "@" + c.Version }

// Components lists what the plugin below root ships, in order of ecosystem and name. It needs node_modules.
func Components(ctx context.Context, root string) ([]Component, error) {
	modules, err := goModules(ctx, root)
	if err != nil {
		return nil, err
	}
	packages, err := npmPackages(root)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(modules, packages)
	for i := range all {
		if all[i].Licence == "" {
			all[i].Licence = licenceIn(all[i].folder)
		}
	}
	return all, nil
}

// goModules are the modules of the packages that are compiled into the plugin.
func goModules(ctx context.Context, root string) ([]Component, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-tags=arrow_json_stdlib", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./pkg")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return nil, fmt.Errorf("go list: %s", exit.Stderr)
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	var all []Component
	for _, line := range slices.Compact(lines) {
		if part := strings.Split(line, "\t"); len(part) == 3 {
			all = append(all, Component{Ecosystem: "golang", Name: part[0], Version: part[1], folder: part[2]})
		}
	}
	return all, nil
}

// npmPackages are those of package-lock.json that are not for development only.
func npmPackages(root string) ([]Component, error) {
	text, err := os.ReadFile(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, License, Integrity string
			Dev, DevOptional            bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("package-lock.json: %w", err)
	}
	var all []Component
	for path, p := range lock.Packages {
		if path == "" || p.Dev {
			continue
		}
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		all = append(all, Component{"npm", name, p.Version, p.License, p.Integrity, filepath.Join(root, filepath.FromSlash(path))})
	}
	slices.SortFunc(all, func(a, b Component) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(all, func(a, b Component) bool { return a.String() == b.String() }), nil
}
