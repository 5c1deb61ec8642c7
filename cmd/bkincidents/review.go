package main

import (
	"context"
	"flag"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/cmd/bkincidents/internal/files"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/trend"
	"github.com/blueking/incidents/pkg/unmatched"
)

const (
	// A review reads more than a page does: nobody waits for it.
	reviewLines = 1_000_000
	reviewBytes = 10 << 30
	// reviewErrors is how many error lines are looked at, per week and selector.
	reviewErrors = 100_000
)

func reviewCommand() command {
	return command{
		name: "report", args: "[--loki URL [--since 30d] | FILE|FOLDER…] [flags]", short: "how the last weeks went: what failed, how long, what is noise",
		long: `
Counts the incidents of a range by signature and class, the mean time to recover by cause, the share of the error lines that
signatures explain week by week, the signatures that were never seen, and those that only make noise. It reads a Loki, as query
does, or log files, as scan does.

The time to recover is that from the first line to the recovery, or to the last line where no recovery is logged; incidents that
are active, or began before what was read, are not measured. A symptom whose cause is in the logs counts for its cause. Noisy is a
signature of 10 incidents or more of which 80 % were suspected only, lasted a minute at most, and went by themselves. Exit status:
0, or 2 when the logs could not be read.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var r review
			r.since = model.Duration(trend.Span)
			r.loki.declare(flags)
			r.further.declare(flags)
			r.format = formats(flags, "table", "json")
			flags.Var(&r.lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
			flags.StringVar(&r.timezone, "timezone", "", "time `zone` of the output: Asia/Shanghai, +08:00, UTC (default: the local one)")
			flags.Var(durationFlag{&r.since}, "since", "how far back to look in Loki, a `duration` such as 7d or 30d")
			flags.StringVar(&r.from, "from", "", "`time` from which on to look, instead of --since")
			flags.StringVar(&r.to, "to", "", "`time` up to which to look (default: now)")
			flags.Var(&r.source, "source", "`source` of all files (default: a guess for each)")
			return r.run
		},
	}
}

// review are the flags of report.
type review struct {
	loki               lokiFlags
	further            custom
	format             *formatFlag
	lang               langFlag
	source             sourceFlag
	timezone, from, to string
	since              model.Duration
}

func (r *review) run(ctx context.Context, c console, paths []string) error {
	loc, err := location(r.timezone)
	if err != nil {
		return err
	}
	set, err := r.further.set()
	if err != nil {
		return err
	}
	bar := newProgress(c)
	from, err := r.open(ctx, c, set, paths, loc, bar)
	if err != nil {
		return err
	}
	defer from.done()
	t, err := from.review(ctx, set, r.lang.or(c), loc, bar)
	bar.clear()
	if err != nil {
		return err
	}
	if t.Partial != "" {
		c.note("the numbers are not complete: %s", t.Partial)
	}
	if r.format.json() {
		return c.writeJSON(t)
	}
	return t.Write(c.out)
}

// reviewed is where a review reads, and which range.
type reviewed struct {
	store      scan.Source
	selectors  []scan.Selector
	start, end time.Time
	done       func()
}

// open opens the files that were named, or else the Loki.
func (r *review) open(ctx context.Context, c console, set *signature.Set, paths []string, loc *time.Location, bar *progress) (reviewed, error) {
	if len(paths) == 0 {
		client, err := r.loki.client(c.env, r.lang.or(c))
		if err != nil {
			return reviewed{}, err
		}
		start, end, err := timesOf(r.from, r.to, time.Duration(r.since), loc)
		if err != nil {
			return reviewed{}, err
		}
		if err := r.loki.selectors.check(set); err != nil {
			return reviewed{}, err
		}
		return reviewed{&watched{Source: client, bar: bar}, r.loki.selectors.all(), start, end, func() {}}, nil
	}
	store, err := openFiles(ctx, c, bar, set, paths, files.Options{Source: signature.Source(r.source), Location: loc})
	if err != nil {
		return reviewed{}, err
	}
	first, last := store.Span()
	return reviewed{store, store.Selectors(), first, last.Add(time.Millisecond), store.Close}, nil
}

// review reads the incidents of the range, then its error lines week by week.
func (from reviewed) review(ctx context.Context, set *signature.Set, lang signature.Lang, loc *time.Location, bar *progress) (*trend.Trend, error) {
	options := scanOptions(set, from.selectors, func() time.Time { return from.end })
	options.MaxLines, options.MaxBytes = reviewLines, reviewBytes
	result, err := scan.New(from.store, options).Scan(ctx, scan.Request{Start: from.start, End: from.end})
	if err != nil {
		return nil, err
	}
	finder := unmatched.NewFinder(from.store, set, from.selectors, defaults.HostLabels)
	var weeks []trend.Week
	for _, part := range trend.Parts(from.start, from.end) {
		bar.say("reading the error lines from %s on", part[0].In(loc).Format(time.DateOnly))
		found, err := finder.Find(ctx, unmatched.Request{Start: part[0], End: part[1], MaxLines: reviewErrors})
		if err != nil {
			return nil, err
		}
		weeks = append(weeks, trend.WeekOf(found, part[0].In(loc), part[1].In(loc)))
	}
	ours, err := shipped()
	if err != nil {
		return nil, err
	}
	return trend.New(trend.Input{
		Start: from.start.In(loc), End: from.end.In(loc), Partial: result.Partial(), Incidents: result.Incidents, Weeks: weeks, Set: set, Lang: lang,
		Reachable: func(sig *signature.Signature) bool { return scan.Sees(from.selectors, sig) },
		Custom: func(sig *signature.Signature) bool {
			_, known := ours.Get(sig.ID)
			return !known
		},
	}), nil
}
