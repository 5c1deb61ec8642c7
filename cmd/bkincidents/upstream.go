package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// upstreamCheck compares the texts that forms and signatures quote with checkouts of the repositories that print them.
type upstreamCheck struct {
	checkouts []*checkout
	problems  []*signature.Problem
	// found counts texts that every checkout of their versions has, unchecked those of repositories or versions that
	// are not there.
	found     int
	unchecked map[string]int
	// excused counts wordings that say why they name no text, unnamed are those that say nothing.
	excused int
	unnamed []string
}

// quote is a wording and where it says that it comes from.
type quote struct {
	file, id, of string
	line         int
	upstream     *form.Upstream
	// covered tells that the wording adds nothing to its form, which names its own text.
	covered bool
}

// checkUpstream looks up every text that is quoted: by signatures, and by the shared forms where they are asked for.
func checkUpstream(ctx context.Context, args []string, sigs []*signature.Signature, forms bool) (*upstreamCheck, error) {
	quotes := quotesOf(sigs)
	if forms {
		shared, err := quotesOfForms()
		if err != nil {
			return nil, err
		}
		quotes = append(quotes, shared...)
	}
	paths := map[string]map[string]bool{}
	for _, q := range quotes {
		if u := q.upstream; u != nil && u.Repo != "" {
			if paths[u.Repo] == nil {
				paths[u.Repo] = map[string]bool{}
			}
			paths[u.Repo][u.Path] = true
		}
	}
	c := &upstreamCheck{unchecked: map[string]int{}}
	for _, arg := range args {
		found, err := findCheckouts(ctx, arg, paths)
		if err != nil {
			return nil, err
		}
		c.checkouts = append(c.checkouts, found...)
	}
	for _, q := range quotes {
		c.check(ctx, q)
	}
	return c, nil
}

// quotesOf lists the wordings of the signatures in the order of their files.
func quotesOf(sigs []*signature.Signature) []quote {
	var out []quote
	for _, sig := range sigs {
		names := match.TermNames(sig)
		slices.SortFunc(names, func(a, b string) int { return cmp.Compare(sig.Terms[a].AnyOf[0].Line, sig.Terms[b].AnyOf[0].Line) })
		for _, name := range names {
			for _, alt := range sig.Terms[name].AnyOf {
				out = append(out, quote{sig.File, sig.ID, "term " + name, alt.Line, alt.Upstream, alt.Form != "" || alt.Use != "" || sig.Terms[name].Use != ""})
			}
		}
	}
	return out
}

func quotesOfForms() ([]quote, error) {
	lib, err := signature.Shipped()
	if err != nil {
		return nil, err
	}
	var out []quote
	for _, f := range lib.Forms.Forms() {
		for i := range f.Patterns {
			out = append(out, quote{"_forms.yaml", f.Name, fmt.Sprintf("pattern %d", i+1), 0, cmp.Or(f.Patterns[i].Upstream, f.Upstream), false})
		}
	}
	return out, nil
}

func (c *upstreamCheck) check(ctx context.Context, q quote) {
	u := q.upstream
	switch {
	case u == nil && q.covered:
		return
	case u == nil:
		c.unnamed = append(c.unnamed, fmt.Sprintf("%s:%d: %s: %s", q.file, q.line, q.id, q.of))
		return
	case u.None != "":
		c.excused++
		return
	}
	looked, missing := 0, ""
	for _, at := range c.checkouts {
		if at.repo != u.Repo {
			continue
		}
		within, err := at.version.in(u.Versions)
		if err != nil {
			missing = err.Error()
			looked++
			break
		}
		if !within {
			continue
		}
		looked++
		if problem := at.lacks(ctx, u); problem != "" {
			missing = problem
			break
		}
	}
	switch {
	case looked == 0:
		c.unchecked[strings.TrimSpace(u.Repo+" "+u.Versions)]++
	case missing == "":
		c.found++
	default:
		c.problems = append(c.problems, &signature.Problem{
			File: q.file, Line: q.line, Column: 1, ID: q.id, What: signature.Phrase{EN: "upstream of %s: %s"}, Args: []any{q.of, missing},
		})
	}
}

// lacks says what of a text a checkout does not have, "" when it has it.
func (at *checkout) lacks(ctx context.Context, u *form.Upstream) string {
	file := at.read(ctx, u.Path)
	switch {
	case strings.TrimSpace(u.Text) == "":
		return "names no text"
	case errors.Is(file.err, fs.ErrNotExist):
		return fmt.Sprintf("%s is not in %s (%s): find the file that prints %q, or say in which versions it is there", u.Path, u.Repo, at.version, u.Text)
	case file.err != nil:
		return fmt.Sprintf("%s of %s cannot be read: %v", u.Path, u.Repo, file.err)
	case !strings.Contains(file.text, u.Text) && !strings.Contains(file.joined, u.Text):
		return fmt.Sprintf("%q is not in %s of %s (%s): add the other wording, or say in which versions this one is printed", u.Text, u.Path, u.Repo, at.version)
	}
	return ""
}

// tell says what was checked and what was not; a text of a repository that is not there did not pass.
func (c *upstreamCheck) tell(con console) {
	for _, at := range c.checkouts {
		con.note("lint: %s is taken for a checkout of %s (%s)", at.at, at.repo, at.version)
	}
	con.note("lint: upstream: %d texts still occur, %d do not", c.found, len(c.problems))
	for _, what := range slices.Sorted(maps.Keys(c.unchecked)) {
		con.note("lint: upstream: %d texts not checked, there is no checkout of %s", c.unchecked[what], what)
	}
	con.note("lint: upstream: %d wordings say why they name no text", c.excused)
	if len(c.unnamed) > 0 {
		con.note("lint: upstream: %d wordings not checked, they name no upstream text", len(c.unnamed))
	}
	for _, at := range c.unnamed {
		con.note("lint: upstream: %s names no upstream text", at)
	}
}
