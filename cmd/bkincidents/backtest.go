package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

func backtestCommand() command {
	return command{
		name: "backtest", args: "SIGNATURE.yaml --loki URL [flags]", short: "what a signature would have found in a Loki",
		long: `
Runs one signature, a draft or any other, over the last week, or --since, of a Loki, together with the built-in ones that it
names as causes: which lines and incidents it finds, on how many hosts, what may be wrong with it, and what it costs. A file
with the id of a built-in signature stands in its place. A signature that does not pass the lint is not run.

Loki is read day by day. What a cap left out is reported: at most 100000 lines a day and selector are received, and the
reading ends after 100000 hits. Exit status: 0 when no line was found, 1 when lines or lint problems were.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var l lokiFlags
			var out output
			since := model.Duration(7 * 24 * time.Hour)
			var now string
			l.declare(flags)
			out.format = formats(flags, "table", "json")
			flags.Var(&out.lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
			flags.StringVar(&out.timezone, "timezone", "", "time `zone` of days: Asia/Shanghai, +08:00, UTC (default: the local one)")
			flags.Var(durationFlag{&since}, "since", "how far back to look, a `duration` such as 12h, 7d or 30d")
			flags.StringVar(&now, "now", "", "`time` until which to look (default: the clock)")
			return func(ctx context.Context, c console, args []string) error {
				loc, err := location(out.timezone)
				if err != nil {
					return err
				}
				if len(args) != 1 {
					return usagef("name one file with a signature")
				}
				lang := out.lang.or(c)
				client, err := l.client(c.env, lang)
				if err != nil {
					return err
				}
				at, err := parseNow(now, loc)
				if err != nil {
					return err
				}
				if at.IsZero() {
					at = time.Now()
				}
				set, sig, err := backtestSet(ctx, c, args[0])
				if err != nil {
					return err
				}
				if err := l.selectors.check(set); err != nil {
					return err
				}
				bar := newProgress(c)
				b := &backtest{
					sig: sig, set: set, lang: lang, loc: loc, selectors: l.selectors.all(), start: at.Add(-time.Duration(since)), end: at, hosts: client,
					days: newDays(client, set, sig, loc, bar),
				}
				r, err := b.run(ctx)
				bar.clear()
				if err != nil {
					return err
				}
				return r.write(c, out.format.is)
			}
		},
	}
}

// backtestSet reads one signature, lints it, and returns it with those that it names as causes. Lint problems are
// printed and end the command.
func backtestSet(ctx context.Context, c console, path string) (*signature.Set, *signature.Signature, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, nil, err
	} else if info.IsDir() {
		return nil, nil, usagef("%s is a folder: name one file", path)
	}
	ours, err := shipped()
	if err != nil {
		return nil, nil, err
	}
	sigs, err := readSignatures(path)
	var usage *usageError
	if errors.As(err, &usage) {
		return nil, nil, err
	}
	problems := signature.Problems(err)
	if len(problems) == 0 && len(sigs) != 1 {
		return nil, nil, usagef("%s has %d signatures: test one at a time", path, len(sigs))
	}
	together := sigs
	if len(problems) == 0 {
		sig := sigs[0]
		if sig.Status == signature.Deprecated {
			return nil, nil, usagef("%s is deprecated and matches nothing", sig.ID)
		}
		together = ours.WithCauses(sig)
		found, err := fixtures.Lint(ctx, together, fixtures.Options{})
		if err != nil {
			return nil, nil, err
		}
		for _, p := range found {
			if p.File == sig.File {
				problems = append(problems, p)
			}
		}
	}
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(c.err, p)
		}
		c.note("backtest: %d problems to repair first", len(problems))
		return nil, nil, errProblems
	}
	set, err := signature.NewSet(together...)
	if err != nil {
		return nil, nil, err
	}
	return set, sigs[0], nil
}

// backtest is one signature over a stretch of a log store.
type backtest struct {
	sig        *signature.Signature
	set        *signature.Set
	lang       signature.Lang
	loc        *time.Location
	selectors  []scan.Selector
	start, end time.Time
	days       *days
	hosts      hostLister
}

// hostLister lists the values of a label; Loki's client is one.
type hostLister interface {
	LabelValues(ctx context.Context, name, sel string, start, end time.Time) ([]string, error)
}

func (b *backtest) run(ctx context.Context) (*backtestReport, error) {
	began := time.Now()
	options := scanOptions(b.set, b.selectors, func() time.Time { return b.end })
	options.MaxLines, options.MaxBytes = defaults.MaxLines, defaults.MaxBytes
	result, err := scan.New(b.days, options).Scan(ctx, scan.Request{Start: b.start, End: b.end})
	if err != nil {
		return nil, err
	}
	r := b.report(result)
	if known, ok := b.knownHosts(ctx); ok {
		r.KnownHosts = &known
	}
	if err := b.hints(r, result.Lines); err != nil {
		return nil, err
	}
	r.Cost.Seconds = time.Since(began).Seconds()
	return r, nil
}

// knownHosts counts the hosts that collect logs, by the labels of the streams that are collected on hosts. Not every
// store can tell.
func (b *backtest) knownHosts(ctx context.Context) (int, bool) {
	all := map[string]bool{}
	for _, sel := range b.selectors {
		if !sel.OnHost {
			continue
		}
		for _, label := range defaults.HostLabels {
			values, err := b.hosts.LabelValues(ctx, label, sel.Selector, b.start, b.end)
			if err != nil {
				return 0, false
			}
			for _, v := range values {
				all[v] = true
			}
		}
	}
	return len(all), len(all) > 0
}
