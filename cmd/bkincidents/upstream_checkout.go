package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// checkout is a version of a repository of BlueKing's source.
type checkout struct {
	repo string
	// at is how the user named it.
	at      string
	version edition
	dir     string
	// ref is a tag, a branch or a commit of the Git repository in dir; "" reads the files of dir.
	ref   string
	files map[string]upstreamFile
}

// upstreamFile is a file of a checkout, also with the string literals of neighbouring lines joined.
type upstreamFile struct {
	text, joined string
	err          error
}

// between is where one string literal of a source ends and the next, which belongs to it, begins: a line break in
// gettext, C and Python, with a + in Java.
var between = regexp.MustCompile(`"[ \t]*\+?[ \t]*\n[ \t]*\+?[ \t]*[uf]?"|'[ \t]*\n[ \t]*[uf]?'`)

// read reads a file of a checkout, once. A link that leads out of the checkout is not followed.
func (c *checkout) read(ctx context.Context, name string) upstreamFile {
	if f, ok := c.files[name]; ok {
		return f
	}
	f := upstreamFile{}
	if c.ref == "" {
		f.text, f.err = readWithin(c.dir, name)
	} else {
		f.text, f.err = readGit(ctx, c.dir, c.ref, name)
	}
	if f.err == nil {
		f.text = strings.ReplaceAll(f.text, "\r\n", "\n")
		f.joined = strings.NewReplacer(`\"`, `"`, `\'`, `'`).Replace(between.ReplaceAllString(f.text, ""))
	}
	c.files[name] = f
	return f
}

func readWithin(dir, name string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	data, err := root.ReadFile(filepath.FromSlash(name))
	return string(data), err
}

func readGit(ctx context.Context, dir, ref, name string) (string, error) {
	// Both stand before a colon or after one, so that neither is taken for an option.
	out, err := exec.CommandContext(ctx, "git", "-C", dir, "cat-file", "blob", ref+":"+name).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fs.ErrNotExist
	}
	return string(out), err
}

// findCheckouts finds the checkouts that an argument names: NAME=DIR is one of the repository NAME, DIR one of any, or a
// folder with several by name; DIR@REF reads a tag, a branch or a commit. paths are the files that are looked for.
func findCheckouts(ctx context.Context, arg string, paths map[string]map[string]bool) ([]*checkout, error) {
	name, dir, named := strings.Cut(arg, "=")
	if !named {
		name, dir = "", arg
	}
	dir, ref, _ := strings.Cut(dir, "@")
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("--upstream: %w", err)
	}
	if !info.IsDir() {
		return nil, usagef("--upstream %s: name a checkout, or a folder with several", arg)
	}
	if ref != "" {
		if err := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}").Run(); err != nil {
			return nil, usagef("--upstream %s: %s is no tag, branch or commit there", arg, ref)
		}
	}
	found := map[string]string{}
	switch {
	case named:
		for repo := range paths {
			if repo == name || path.Base(repo) == name {
				found[repo] = dir
			}
		}
	default:
		found = checkouts(dir, paths)
	}
	if len(found) == 0 && len(paths) > 0 {
		return nil, usagef("--upstream %s: it is no checkout of %s, and holds none by name", arg, strings.Join(slices.Sorted(maps.Keys(paths)), ", "))
	}
	var out []*checkout
	for _, repo := range slices.Sorted(maps.Keys(found)) {
		c := &checkout{repo: repo, at: arg, dir: found[repo], ref: ref, files: map[string]upstreamFile{}}
		if ref != "" {
			c.version = editionOf(ref)
		} else if base := filepath.Base(found[repo]); release.MatchString(strings.TrimPrefix(base, path.Base(repo))) {
			c.version = editionOf(strings.TrimPrefix(base, path.Base(repo)))
		}
		out = append(out, c)
	}
	return out, nil
}

// checkouts finds the repositories ("owner/name") that are in a folder, or that the folder is. paths are their files
// that are looked for.
func checkouts(dir string, paths map[string]map[string]bool) map[string]string {
	out := map[string]string{}
	repos := slices.Sorted(maps.Keys(paths))
	for _, repo := range repos {
		for _, sub := range []string{repo, path.Base(repo)} {
			at := filepath.Join(dir, filepath.FromSlash(sub))
			// A checkout may hold a folder of its own name.
			if info, err := os.Stat(at); err == nil && info.IsDir() && filepath.IsLocal(filepath.FromSlash(sub)) && existing(dir, paths[repo]) == 0 {
				out[repo] = at
				break
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, repo := range repos {
		if isNamed(dir, path.Base(repo)) {
			return map[string]string{repo: dir}
		}
	}
	// Whatever the folder is called, its files tell.
	best, most, tie := "", 0, false
	for _, repo := range repos {
		switch n := existing(dir, paths[repo]); {
		case n > most:
			best, most, tie = repo, n, false
		case n == most:
			tie = true
		}
	}
	if most > 0 && !tie {
		out[best] = dir
	}
	return out
}

// existing counts the paths that are in a folder.
func existing(dir string, paths map[string]bool) int {
	n := 0
	for p := range paths {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(p))); err == nil && !info.IsDir() {
			n++
		}
	}
	return n
}

// isNamed reports whether a folder is called like a repository, or like a release of it: bk-nodeman, bk-nodeman-2.4.5.
func isNamed(dir, repo string) bool {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	rest, ok := strings.CutPrefix(filepath.Base(abs), repo)
	return ok && (rest == "" || release.MatchString(rest))
}

var release = regexp.MustCompile(`^-(?:v?\d[\w.-]*|main|master|develop)$`)
