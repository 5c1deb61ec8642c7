// Command soak runs the built plugin against a real Loki for an hour, or as long as it is told, with a clock that moves
// as clocks do: incidents begin, recover, come back and go quiet on a schedule that is known, dashboards refresh and
// alert rules evaluate as in a Grafana, and every answer is compared with the schedule.
//
//	soak                  an hour
//	soak -duration 10m
//
// It ends with PASS, or with FAIL and exit status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

const (
	refresh    = 30 * time.Second // of a dashboard
	evaluation = time.Minute      // of the alert rules
	// history is how long healthy lines were written before the start: the start of an incident is known only where
	// the time before it was read.
	history = 150 * time.Minute
	// lastCourse is how long before the end no more incidents begin, so that all are seen to end.
	lastCourse = 14 * time.Minute
	// queryTimeout bounds one query from outside; the data source's own is shorter.
	queryTimeout = 3 * time.Minute
)

// ranges are how far back the dashboards look.
var ranges = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

var errFailed = errors.New("FAIL")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFailed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

type options struct {
	root              string
	duration, period  time.Duration
	dashboards, maxMB int
}

func parse(args []string, help io.Writer) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&o.root, "root", ".", "`folder` of the checkout")
	flags.DurationVar(&o.duration, "duration", time.Hour, "how long to run")
	flags.DurationVar(&o.period, "report", 10*time.Minute, "how often to print a line")
	flags.IntVar(&o.dashboards, "dashboards", len(ranges), "how many dashboards refresh")
	flags.IntVar(&o.maxMB, "max-rss", 512, "the most `MB` of memory that the plugin may use")
	return o, flags.Parse(args)
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	loki, err := lokiserver.Start(ctx, lokiserver.Options{Progress: out})
	if err != nil {
		return err
	}
	defer func() { _ = loki.Stop() }() // its data is in a temporary folder
	plugin, err := pluginrun.Start(ctx, pluginrun.Binary(o.root), pluginrun.Options{})
	if err != nil {
		return err
	}
	defer plugin.Stop()

	r := &report{out: out, start: time.Now()}
	counting, err := proxy(loki.URL(), r)
	if err != nil {
		return err
	}
	defer counting.Close()
	source, err := pluginrun.DataSource{URL: counting.URL, JSONData: dataSource()}.Context()
	if err != nil {
		return err
	}
	r.client = &client{plugin: plugin, source: source}
	return (&soak{options: o, report: r, loki: loki.URL(), truth: newTruth()}).run(ctx)
}

// dataSource are the settings: what the soak's own incidents need, else the defaults.
func dataSource() map[string]any {
	type selected struct {
		Source   string `json:"source"`
		Selector string `json:"selector"`
		OnHost   bool   `json:"onHost"`
	}
	return map[string]any{
		"store": "loki", "language": "en", "lateness": "2m", "signatures": customSignatures,
		"sources": []selected{
			{"nodeman", `{source="nodeman"}`, true}, {"agent", `{source="agent"}`, true}, {"bk-job-gateway", `{source="bk-job-gateway"}`, false},
		},
	}
}

// proxy stands between plugin and Loki and counts requests.
func proxy(upstream string, r *report) (*httptest.Server, error) {
	target, err := url.Parse(upstream)
	if err != nil {
		return nil, err
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.requests.Add(1)
		forward.ServeHTTP(w, req)
	})), nil
}

// soak is one run.
type soak struct {
	options
	report *report
	loki   string
	truth  *truth

	mu      sync.Mutex // guards checker
	checker *checker
}

func (s *soak) run(ctx context.Context) error {
	start := time.Now().Truncate(time.Second)
	if err := s.backfill(ctx, start); err != nil {
		return err
	}
	start = time.Now().Truncate(time.Second)
	s.report.start, s.checker = start, newChecker(s.truth)
	s.report.printf("%s against a real Loki: incidents every %s, %d dashboards every %s, rules every %s.\n", s.duration, every, s.dashboards, refresh, evaluation)
	s.report.header()

	limited, cancel := context.WithDeadline(ctx, start.Add(s.duration))
	defer cancel()
	until := start.Add(max(s.duration-lastCourse, s.duration/3))
	g, gctx := errgroup.WithContext(limited)
	g.Go(func() error { return (&writer{url: s.loki, start: start, truth: s.truth}).run(gctx, until) })
	for i := range s.dashboards {
		offset := time.Duration(i) * refresh / time.Duration(s.dashboards)
		g.Go(func() error {
			s.every(gctx, refresh, offset, func() { s.dashboard(ctx, ranges[i%len(ranges)]) })
			return nil
		})
	}
	g.Go(func() error { s.every(gctx, evaluation, evaluation/2, func() { s.rules(ctx) }); return nil })
	g.Go(func() error { return s.periods(gctx, ctx) })
	if err := g.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.verdict(ctx)
}

// backfill pushes healthy lines of the time before the start.
func (s *soak) backfill(ctx context.Context, start time.Time) error {
	var streams []logproto.Stream
	for source, text := range healthy {
		one := logproto.Stream{Labels: fmt.Sprintf(`{source=%q, cluster=%q, host="healthy"}`, source, cluster)}
		for at := start.Add(-history); at.Before(start); at = at.Add(10 * time.Second) {
			one.Entries = append(one.Entries, logproto.Entry{Timestamp: at, Line: fmt.Sprintf(text, len(one.Entries))})
		}
		streams = append(streams, one)
	}
	return lokiserver.Push(ctx, s.loki, "", streams)
}

// every calls do at each step after an offset until ctx ends. A call that takes longer than a step skips steps, as
// Grafana does.
func (s *soak) every(ctx context.Context, step, offset time.Duration, do func()) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(offset):
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// periods prints a line a period. The calls outlast the end of the run, therefore the second context.
func (s *soak) periods(ctx, calls context.Context) error {
	tick := time.NewTicker(s.period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.report.period(calls); err != nil {
				return err
			}
		}
	}
}

// verdict looks once more at everything, and prints PASS or FAIL.
func (s *soak) verdict(ctx context.Context) error {
	select { // the last lines settle
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle + edge):
	}
	s.dashboard(ctx, max(s.duration, time.Hour)+5*time.Minute)
	if err := s.report.period(ctx); err != nil {
		return err
	}
	now := time.Now()
	ended := 0
	for host, l := range s.truth.snapshot() {
		if l.expect(now, now).state != "resolved" {
			continue
		}
		ended++
		if !s.checker.found[host] {
			s.report.problem("%s (kind %d) was never seen resolved", host, l.kind)
		}
	}
	for _, wrong := range s.report.grown(int64(s.maxMB) << 20) {
		s.report.problem("%s", wrong)
	}
	r := s.report
	r.printf("%d incidents logged in %d lines, %d of them ended; %d queries, %d comparisons, %d wrong.\n",
		len(s.truth.incidents), s.truth.lines, ended, r.asked, s.checker.checks, r.problems)
	if r.problems > 0 || ended == 0 {
		r.printf("FAIL\n")
		return errFailed
	}
	r.printf("PASS\n")
	return nil
}
