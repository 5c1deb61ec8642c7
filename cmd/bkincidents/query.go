package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// lokiFlags say how to reach a Loki and what to read there.
type lokiFlags struct {
	url, tenant string
	headers     headerFlag
	selectors   selectorFlag
}

func (l *lokiFlags) declare(flags *flag.FlagSet) {
	flags.StringVar(&l.url, "loki", "", "base `URL` of Loki, such as http://loki:3100; user and password in it are sent")
	flags.StringVar(&l.tenant, "tenant", "", "tenant `id`, sent as X-Scope-OrgID")
	flags.Var(&l.headers, "header", "`header` to send, such as 'Authorization: Bearer …'; may be given several times")
	flags.Var(&l.selectors, "selector", "stream selector of a source, such as 'nodeman={namespace=\"bk\"}'; `source`@host=… for streams collected on hosts; may be given several times, replaces the defaults of that source")
}

// client makes a client of the flags; what they leave open the environment says, with the names that logcli has.
func (l *lokiFlags) client(env func(string) string, lang signature.Lang) (*loki.Client, error) {
	address := cmp.Or(l.url, env("LOKI_ADDR"))
	if address == "" {
		return nil, usagef("--loki is missing: the base URL of Loki, or LOKI_ADDR in the environment")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usagef("--loki %q: write it like http://loki:3100", address)
	}
	headers := http.Header(l.headers).Clone()
	if headers == nil {
		headers = http.Header{}
	}
	user := u.User
	if name := env("LOKI_USERNAME"); user == nil && name != "" {
		user = url.UserPassword(name, env("LOKI_PASSWORD"))
	}
	token := env("LOKI_BEARER_TOKEN")
	if file := env("LOKI_BEARER_TOKEN_FILE"); token == "" && file != "" {
		text, err := os.ReadFile(file) //nolint:gosec // the file that the user named
		if err != nil {
			return nil, usagef("LOKI_BEARER_TOKEN_FILE: the file %s cannot be read", file)
		}
		token = strings.TrimSpace(string(text))
	}
	if token != "" && headers.Get("Authorization") == "" {
		headers.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: withHeaders{headers: headers, user: user, next: http.DefaultTransport}}
	u.User = nil
	return loki.New(loki.Options{URL: u.String(), Tenant: cmp.Or(l.tenant, env("LOKI_ORG_ID")), HTTP: client, Language: string(lang)}), nil
}

// timesOf returns the range that --from, --to and --since ask for.
func timesOf(from, to string, since time.Duration, loc *time.Location) (start, end time.Time, err error) {
	if end, err = parseNow(to, loc); err != nil {
		return start, end, err
	}
	if end.IsZero() {
		end = time.Now()
	}
	if start, err = parseNow(from, loc); err != nil {
		return start, end, err
	}
	if start.IsZero() {
		start = end.Add(-since)
	}
	if !start.Before(end) {
		return start, end, usagef("--from %s is not before --to %s", start.Format(time.DateTime), end.Format(time.DateTime))
	}
	return start, end, nil
}

func queryCommand() command {
	return command{
		name: "query", args: "--loki URL [flags]", short: "incidents in a Loki",
		long: `
Reads the logs of nodeman, GSE agents and bk-job-gateway out of a Loki and reports the incidents that touch the last
hour, or --since, or --from and --to. Without --loki, --tenant and --header the variables of logcli say where and who:
LOKI_ADDR, LOKI_ORG_ID, LOKI_USERNAME, LOKI_PASSWORD, LOKI_BEARER_TOKEN, LOKI_BEARER_TOKEN_FILE. What a cap left out is reported: the answer never pretends to be complete.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var l lokiFlags
			var out output
			var further custom
			var only selection
			since := model.Duration(time.Hour)
			var from, to string
			l.declare(flags)
			out.declare(flags)
			further.declare(flags)
			only.declare(flags)
			only.declareCluster(flags)
			flags.Var(durationFlag{&since}, "since", "how far back to look, a `duration` such as 30m, 6h or 1d")
			flags.StringVar(&from, "from", "", "`time` from which on to look, instead of --since: \"2024-10-22 17:01\"")
			flags.StringVar(&to, "to", "", "`time` up to which to look and as of which to judge (default: now)")
			return func(ctx context.Context, c console, args []string) error {
				o, err := out.options(c)
				if err != nil {
					return err
				}
				if len(args) > 0 {
					return usagef("it takes no arguments")
				}
				client, err := l.client(c.env, o.Lang)
				if err != nil {
					return err
				}
				start, at, err := timesOf(from, to, time.Duration(since), o.Location)
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
				if err := l.selectors.check(set); err != nil {
					return err
				}
				bar := newProgress(c)
				options := scanOptions(set, l.selectors.all(), func() time.Time { return at })
				options.MaxLines, options.MaxBytes = defaults.MaxLines, defaults.MaxBytes
				scanner := scan.New(&watched{Source: client, bar: bar}, options)
				result, err := scanner.Scan(ctx, scan.Request{Start: start, End: at})
				bar.clear()
				if err != nil {
					return err
				}
				return only.write(c, report.New(result, o), out.format.is)
			}
		},
	}
}

// watched counts what a Source gives, for a person who waits.
type watched struct {
	scan.Source
	bar   *progress
	lines atomic.Int64
}

// Read implements scan.Source.
func (w *watched) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	records, coverage := w.Source.Read(ctx, req)
	return func(yield func(logs.Record, error) bool) {
		w.bar.say("asking Loki, %d lines so far", w.lines.Load())
		for rec, err := range records {
			w.bar.say("asking Loki, %d lines so far", w.lines.Add(1))
			if !yield(rec, err) {
				return
			}
		}
	}, coverage
}

// withHeaders adds headers and basic auth to every request.
type withHeaders struct {
	headers http.Header
	user    *url.Userinfo
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w withHeaders) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	for name, values := range w.headers {
		req.Header[name] = values
	}
	if w.user != nil {
		password, _ := w.user.Password()
		req.SetBasicAuth(w.user.Username(), password)
	}
	return w.next.RoundTrip(req)
}

// headerFlag collects headers.
type headerFlag http.Header

// String implements flag.Value.
func (h *headerFlag) String() string { return "" }

// Set implements flag.Value.
func (h *headerFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, ":")
	if !ok || strings.TrimSpace(name) == "" {
		return fmt.Errorf("write it like 'Name: value'")
	}
	if *h == nil {
		*h = headerFlag{}
	}
	http.Header(*h).Add(strings.TrimSpace(name), strings.TrimSpace(value))
	return nil
}

// durationFlag reads a duration as Prometheus writes it.
type durationFlag struct{ d *model.Duration }

// String implements flag.Value.
func (f durationFlag) String() string {
	if f.d == nil {
		return ""
	}
	return f.d.String()
}

// Set implements flag.Value.
func (f durationFlag) Set(text string) error {
	d, err := model.ParseDuration(text)
	if err != nil || d <= 0 {
		return fmt.Errorf("write a duration like 30m, 6h or 1d")
	}
	*f.d = d
	return nil
}

// selectorFlag collects selectors; a source without one has its defaults.
type selectorFlag []scan.Selector

// String implements flag.Value.
func (s *selectorFlag) String() string { return "" }

// Set implements flag.Value.
func (s *selectorFlag) Set(text string) error {
	name, sel, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("write it like 'nodeman={namespace=\"bk\"}'")
	}
	name, onHost := strings.CutSuffix(strings.TrimSpace(name), "@host")
	source := signature.Source(name)
	if err := new(sourceFlag).Set(name); err != nil {
		return err
	}
	if _, err := selector.Parse(sel); err != nil {
		return err
	}
	// The agent's own log exists on hosts only.
	*s = append(*s, scan.Selector{Source: source, Selector: sel, OnHost: onHost || source == signature.Agent})
	return nil
}

func (s selectorFlag) all() []scan.Selector {
	out := slices.Clone([]scan.Selector(s))
	for _, d := range defaultSelectors() {
		if !slices.ContainsFunc(s, func(given scan.Selector) bool { return given.Source == d.Source }) {
			out = append(out, d)
		}
	}
	return out
}
