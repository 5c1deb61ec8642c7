package main

import (
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/signature"
)

// catalogueOf is what lint and test look at.
type catalogueOf struct {
	// all signatures judge; own are those that are reported on.
	all []*signature.Signature
	own map[string]bool
	// broken are files that do not load.
	broken []*signature.Problem
}

// load reads the signatures of a folder besides the built-in ones, or only those. A folder with the built-in catalogue
// itself, a checkout of it, stands in its place.
func load(args []string) (*catalogueOf, error) {
	ours, err := builtin()
	c := &catalogueOf{own: map[string]bool{}, broken: signature.Problems(err)}
	switch len(args) {
	case 0:
		c.all = ours
		for _, sig := range ours {
			c.own[sig.File] = true
		}
		return c, nil
	case 1:
	default:
		return nil, usagef("it takes one folder or file")
	}
	dir := args[0]
	sigs, err := readSignatures(dir)
	var usage *usageError
	if errors.As(err, &usage) {
		return nil, err
	}
	c.broken = signature.Problems(err)
	place := func(sig *signature.Signature) string {
		rel, err := filepath.Rel(dir, sig.File)
		if err != nil {
			rel = sig.File
		}
		return sig.ID + " " + filepath.ToSlash(rel)
	}
	replaced := map[string]bool{}
	for _, sig := range sigs {
		replaced[place(sig)] = true
	}
	for _, sig := range ours {
		if !replaced[sig.ID+" "+sig.File] {
			c.all = append(c.all, sig)
		}
	}
	for _, sig := range sigs {
		c.own[sig.File] = true
		c.all = append(c.all, sig)
	}
	return c, nil
}

// reported returns the whole signatures that are reported on.
func (c *catalogueOf) reported() []*signature.Signature {
	var out []*signature.Signature
	for _, sig := range c.all {
		if c.own[sig.File] {
			out = append(out, sig)
		}
	}
	return out
}

// files are those that are reported on.
func (c *catalogueOf) files() []string { return slices.Sorted(maps.Keys(c.own)) }

func lintCommand() command {
	return command{
		name: "lint", args: "[--upstream CHECKOUT]… [FOLDER|FILE]", short: "what is wrong with signature files",
		long: `
Checks the signatures of a folder or a file, together with the built-in ones; without a folder the built-in catalogue. A problem
is one line, FILE:LINE:COLUMN: ID: MESSAGE.

A source that is none of BlueKing's is one that the data source settings define: name it with --source.

With --upstream it looks up every text that a wording quotes (upstream: {repo, path, text}) in checkouts of that repository,
too: BlueKing's messages change, and a signature of an old wording is silent. A text with versions, such as '>=2.3 <2.4',
must be in every checkout of those versions, one without in every checkout. DIR@REF reads a tag or a branch, whose name
tells the version; NAME=DIR says which repository it is. What is not checked is counted on standard error.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var upstream []string
			var out problems
			out.declare(flags)
			defined := signature.Sources()
			flags.Func("source", "`source` that the data source settings define, for signatures that read it; may be repeated", func(name string) error {
				defined = append(defined, signature.Source(name))
				return new(sourceFlag).Set(name)
			})
			flags.Func("upstream", "`checkout` of BlueKing's source, or a folder with several by the repositories' names; may be repeated: [NAME=]DIR[@REF]", func(arg string) error {
				upstream = append(upstream, arg)
				return nil
			})
			return func(ctx context.Context, c console, args []string) error {
				cat, err := load(args)
				if err != nil {
					return err
				}
				problems, err := fixtures.Lint(ctx, cat.all, fixtures.Options{})
				if err != nil {
					return err
				}
				found := cat.broken
				for _, sig := range cat.reported() {
					found = append(found, located(sig.File, sig.Undefined(defined))...)
				}
				for _, p := range problems {
					if cat.own[p.File] {
						found = append(found, p)
					}
				}
				if len(upstream) > 0 {
					checked, err := checkUpstream(ctx, upstream, cat.reported(), len(args) == 0)
					if err != nil {
						return err
					}
					checked.tell(c)
					found = append(found, checked.problems...)
				}
				if err := out.write(c, "lint", cat.files(), found); err != nil {
					return err
				}
				if len(found) > 0 {
					c.note("lint: %d problems", len(found))
					return errProblems
				}
				c.note("lint: %d signatures are fine", len(cat.own))
				return nil
			}
		},
	}
}

// located gives problems of a file that lack one their line.
func located(file string, problems []*signature.Problem) []*signature.Problem {
	if data, err := os.ReadFile(file); err == nil { //nolint:gosec // a file that was read before
		signature.Locate(problems, data)
	}
	return problems
}

func testCommand() command {
	return command{
		name: "test", args: "[DIR]", short: "run the fixtures of signature files",
		long: `
Runs the fixtures (tests:) of a folder's signatures through the whole pipeline, with the built-in signatures beside them,
as they are written and in each of their carriers; without a folder those of the built-in catalogue. Then it takes
the lines of every term away, one term at a time: a fixture that still passes does not test it.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var out problems
			out.declare(flags)
			return func(ctx context.Context, c console, args []string) error {
				cat, err := load(args)
				if err != nil {
					return err
				}
				set, err := signature.NewSet(cat.all...)
				if err != nil {
					if err := out.write(c, "test", cat.files(), append(cat.broken, signature.Problems(err)...)); err != nil {
						return err
					}
					return errProblems
				}
				return testAll(ctx, c, set, cat, &out)
			}
		},
	}
}

// testAll runs fixtures on all cores and tells the failures in the order of the signatures.
func testAll(ctx context.Context, c console, set *signature.Set, cat *catalogueOf, out *problems) error {
	runner := fixtures.NewRunner(set)
	sigs := set.All()
	failures := make([][]fixtures.Failure, len(sigs))
	ran := 0
	bar := newProgress(c)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, sig := range sigs {
		if !cat.own[sig.File] {
			continue
		}
		ran += len(sig.Tests)
		g.Go(func() error {
			bar.say("%s: %d fixtures", sig.ID, len(sig.Tests))
			failed, err := runner.Run(ctx, sig)
			if err != nil {
				return err
			}
			mutated, err := runner.Mutate(ctx, sig)
			failures[i] = append(failed, mutated...)
			return err
		})
	}
	err := g.Wait()
	bar.clear()
	if err != nil {
		return err
	}
	found := cat.broken
	for _, list := range failures {
		var own []*signature.Problem
		for _, f := range list {
			own = append(own, f.Problem())
		}
		if len(own) > 0 {
			found = append(found, located(own[0].File, own)...)
		}
	}
	if err := out.write(c, "test", cat.files(), found); err != nil {
		return err
	}
	if len(found) > 0 {
		c.note("test: %d failures in %d fixtures", len(found), ran)
		return errProblems
	}
	c.note("test: %d fixtures of %d signatures pass", ran, len(cat.own))
	return nil
}
