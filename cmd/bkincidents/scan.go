package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/blueking/incidents/cmd/bkincidents/internal/files"
	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
)

// output are the flags of commands that report incidents.
type output struct {
	format   *formatFlag
	lang     langFlag
	version  string
	timezone string
}

func (o *output) declare(flags *flag.FlagSet) {
	o.format = formats(flags, report.Formats()...)
	flags.Var(&o.lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
	flags.StringVar(&o.version, "bk-version", defaults.BlueKingVersion, "BlueKing `version` whose steps and documents are shown: 7.0, 7.1, 7.2 or 7.3")
	flags.StringVar(&o.timezone, "timezone", "", "time `zone` of times without one, and of the output: Asia/Shanghai, +08:00, UTC (default: the local one)")
}

// options checks the flags.
func (o *output) options(c console) (report.Options, error) {
	if err := knownVersion(o.version); err != nil {
		return report.Options{}, err
	}
	loc, err := location(o.timezone)
	if err != nil {
		return report.Options{}, err
	}
	return report.Options{Lang: o.lang.or(c), Version: o.version, Location: loc}, nil
}

// knownVersion checks what --bk-version names.
func knownVersion(version string) error {
	if !slices.Contains(settings.BlueKingVersions(), version) {
		return usagef("unknown BlueKing version %q: use 7.0, 7.1, 7.2 or 7.3", version)
	}
	return nil
}

var zoneOffset = regexp.MustCompile(`^([+-])(\d\d):?(\d\d)$`)

func location(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	if m := zoneOffset.FindStringSubmatch(name); m != nil {
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		seconds := (hours*60 + minutes) * 60
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone("", seconds), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, usagef("unknown time zone %q: write it like Asia/Shanghai, +08:00 or UTC", name)
	}
	return loc, nil
}

// parseNow reads a time, as of which incidents are judged or from which on they are looked for.
func parseNow(text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if text == "now" {
		return time.Now(), nil
	}
	if t, ok := event.Time(text, loc); ok {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("the time %q: write it like 2024-10-22T17:01:02+08:00, \"2024-10-22 17:01\" or now", text)
}

func scanCommand() command {
	return command{
		name: "scan", args: "[flags] FILE|FOLDER…|-", short: "incidents in log files",
		long: `
Reads log files and reports the incidents in them. - is standard input; a folder or an archive (tar, zip) stands for the
files in it; gzip, bzip2 and zstd are unpacked; UTF-8, UTF-16 and GBK are read. Times come from the lines: CRI and
docker JSON, nodeman's worker JSON and execution log, the agent installer, the ZooKeeper client, logback; a line without
a time has that of the line before it. The state of incidents is as of the last line, or of --now.

Without --source the source of each file (nodeman, agent, bk-job-gateway) is guessed from its name and content, and told
on standard error. Files that were collected on hosts, such as agent-err.log, belong to the host whose address is a
folder in their path: logs/10.0.6.21/agent-err.log.

Where no incident is found, the errors that no signature explains are told on standard error.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var out output
			var source sourceFlag
			var further custom
			var now, cluster string
			var only selection
			out.declare(flags)
			further.declare(flags)
			only.declare(flags)
			flags.Var(&source, "source", "`source` of all files: nodeman, agent or bk-job-gateway (default: a guess for each)")
			flags.StringVar(&now, "now", "", "`time` of judgement (default: that of the last line)")
			flags.StringVar(&cluster, "cluster", "", "`name` of the cluster the files are from, as in its logs' label `cluster`")
			return func(ctx context.Context, c console, paths []string) error {
				o, err := out.options(c)
				if err != nil {
					return err
				}
				if len(paths) == 0 {
					return usagef("name a log file, or - for standard input")
				}
				at, err := parseNow(now, o.Location)
				if err != nil {
					return err
				}
				set, err := further.set()
				if err != nil {
					return err
				}
				if err := only.check(set); err != nil {
					return err
				}
				bar := newProgress(c)
				store, err := openFiles(ctx, c, bar, set, paths, files.Options{Source: signature.Source(source), Cluster: cluster, Location: o.Location})
				if err != nil {
					return err
				}
				defer store.Close()
				r, err := scanFiles(ctx, set, store, at, o)
				bar.clear()
				if err != nil {
					return err
				}
				found := len(r.Incidents) > 0
				if n := len(store.Unread()); n > 0 && !found {
					return fmt.Errorf("%w: nothing was found in the rest, which proves nothing for %d of the inputs", errUnread, n)
				}
				r.Unread = store.Unread()
				if !found {
					if err := tellUnexplained(ctx, c, set, store); err != nil {
						return err
					}
				}
				return only.write(c, r, out.format.is)
			}
		},
	}
}

// openFiles opens log files and notes what of them is not read; the caller closes the store.
func openFiles(ctx context.Context, c console, bar *progress, set *signature.Set, paths []string, o files.Options) (*files.Store, error) {
	if o.Source != "" {
		if err := knownSource(o.Source, set); err != nil {
			return nil, usagef("--source: %v", err)
		}
	}
	o.Stdin, o.Clock, o.Note, o.Progress = c.in, time.Now, bar.note, bar.bytes
	store, err := files.Open(ctx, paths, o)
	if err != nil {
		return nil, err
	}
	for _, what := range store.Unread() {
		bar.note("%s", what)
	}
	if store.Files() == 0 {
		store.Close()
		return nil, fmt.Errorf("%w: nothing was read", errUnread)
	}
	unread(c, set, store.Sources())
	return store, nil
}

// scanFiles runs the pipeline over files. now is zero for the time of the last line.
func scanFiles(ctx context.Context, set *signature.Set, store *files.Store, now time.Time, o report.Options) (report.Report, error) {
	first, last := store.Span()
	if now.IsZero() {
		// A read ends before its end; the last line belongs to it.
		now = last.Add(time.Millisecond)
	}
	scanner := scan.New(store, scanOptions(set, store.Selectors(), func() time.Time { return now }))
	result, err := scanner.Scan(ctx, scan.Request{Start: first, End: now})
	if err != nil {
		return report.Report{}, err
	}
	return report.New(result, o), nil
}

// errUnread is the answer where the inputs could not be read as logs.
var errUnread = errors.New("the inputs could not be read as logs")

// write writes what is selected of a report. Incidents are problems found; a partial answer is noted on standard error, too.
func (s *selection) write(c console, r report.Report, format string) error {
	r = s.keep(r)
	if err := s.found(r); err != nil {
		return err
	}
	if r.Partial != "" {
		c.note("the answer is not complete: %s", r.Partial)
	}
	if err := r.Write(c.out, format); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if s.fails(r) {
		return errProblems
	}
	return nil
}
