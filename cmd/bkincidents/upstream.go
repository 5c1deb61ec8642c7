package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// upstreamCheck compares the texts that signatures quote with checkouts of the repositories that print them.
type upstreamCheck struct {
	// checkouts are the folders of the repositories that are there.
	checkouts map[string]string
	files     map[string]upstreamFile
	problems  []*signature.Problem
	// found counts texts that still occur, unchecked those of repositories that are not there.
	found     int
	unchecked map[string]int
	// unnamed counts alternatives that name no upstream text.
	unnamed int
}

type upstreamFile struct {
	text, joined string
	err          error
}

// checkUpstream looks up every text that the signatures quote. dir is a checkout of one repository, or a folder with
// several by name.
func checkUpstream(dir string, sigs []*signature.Signature) (*upstreamCheck, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("--upstream: %w", err)
	}
	if !info.IsDir() {
		return nil, usagef("--upstream %s: name a checkout, or a folder with several", dir)
	}
	paths := map[string]map[string]bool{}
	eachAlternative(sigs, func(_ *signature.Signature, _ *signature.Term, alt signature.Alternative) {
		if u := alt.Upstream; u != nil {
			if paths[u.Repo] == nil {
				paths[u.Repo] = map[string]bool{}
			}
			paths[u.Repo][u.Path] = true
		}
	})
	c := &upstreamCheck{checkouts: checkouts(dir, paths), files: map[string]upstreamFile{}, unchecked: map[string]int{}}
	if len(c.checkouts) == 0 && len(paths) > 0 {
		return nil, usagef("--upstream %s: it is no checkout of %s, and holds none by name", dir, strings.Join(slices.Sorted(maps.Keys(paths)), ", "))
	}
	eachAlternative(sigs, c.check)
	return c, nil
}

// eachAlternative visits the alternatives in the order of their files.
func eachAlternative(sigs []*signature.Signature, do func(*signature.Signature, *signature.Term, signature.Alternative)) {
	for _, sig := range sigs {
		names := match.TermNames(sig)
		slices.SortFunc(names, func(a, b string) int {
			return cmp.Compare(sig.Terms[a].AnyOf[0].Line, sig.Terms[b].AnyOf[0].Line)
		})
		for _, name := range names {
			for _, alt := range sig.Terms[name].AnyOf {
				do(sig, sig.Terms[name], alt)
			}
		}
	}
}

func (c *upstreamCheck) check(sig *signature.Signature, term *signature.Term, alt signature.Alternative) {
	u := alt.Upstream
	if u == nil {
		c.unnamed++
		return
	}
	root, ok := c.checkouts[u.Repo]
	if !ok {
		c.unchecked[u.Repo]++
		return
	}
	file := c.read(root, u.Path)
	message := ""
	switch {
	case strings.TrimSpace(u.Text) == "":
		message = "names no text"
	case errors.Is(file.err, fs.ErrNotExist):
		message = fmt.Sprintf("%s is not in %s any more: find the file that prints %q", u.Path, u.Repo, u.Text)
	case file.err != nil:
		message = fmt.Sprintf("%s of %s cannot be read: %v", u.Path, u.Repo, file.err)
	case !strings.Contains(file.text, u.Text) && !strings.Contains(file.joined, u.Text):
		message = fmt.Sprintf("%q is not in %s of %s any more: add the new wording as an alternative", u.Text, u.Path, u.Repo)
	default:
		c.found++
		return
	}
	c.problems = append(c.problems, &signature.Problem{
		File: sig.File, Line: alt.Line, Column: 1, ID: sig.ID,
		What: signature.Phrase{EN: "upstream of term %s: %s"}, Args: []any{term.Name, message},
	})
}

// between is where one string literal of a source ends and the next, which belongs to it, begins: a line break in
// gettext, C and Python, with a + in Java.
var between = regexp.MustCompile(`"[ \t]*\+?[ \t]*\n[ \t]*\+?[ \t]*[uf]?"|'[ \t]*\n[ \t]*[uf]?'`)

// read reads a file of a checkout, once. A link that leads out of the checkout is not followed.
func (c *upstreamCheck) read(dir, name string) upstreamFile {
	key := dir + "\x00" + name
	if f, ok := c.files[key]; ok {
		return f
	}
	f := upstreamFile{}
	f.text, f.err = readWithin(dir, name)
	if f.err == nil {
		f.text = strings.ReplaceAll(f.text, "\r\n", "\n")
		f.joined = strings.NewReplacer(`\"`, `"`, `\'`, `'`).Replace(between.ReplaceAllString(f.text, ""))
	}
	c.files[key] = f
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
		if named(dir, path.Base(repo)) {
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

// named tells whether a folder is called like a repository, or like a release of it: bk-nodeman, bk-nodeman-2.4.5.
func named(dir, repo string) bool {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	rest, ok := strings.CutPrefix(filepath.Base(abs), repo)
	return ok && (rest == "" || release.MatchString(rest))
}

var release = regexp.MustCompile(`^-(?:v?\d[\w.-]*|main|master|develop)$`)

// tell says what was checked and what was not; a text of a repository that is not there did not pass.
func (c *upstreamCheck) tell(con console) {
	for _, repo := range slices.Sorted(maps.Keys(c.checkouts)) {
		con.note("lint: %s is taken for a checkout of %s", c.checkouts[repo], repo)
	}
	con.note("lint: upstream: %d texts still occur, %d do not", c.found, len(c.problems))
	for _, repo := range slices.Sorted(maps.Keys(c.unchecked)) {
		con.note("lint: upstream: %d texts not checked, there is no checkout of %s", c.unchecked[repo], repo)
	}
	if c.unnamed > 0 {
		con.note("lint: upstream: %d alternatives not checked, they name no upstream text", c.unnamed)
	}
}
