package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/prometheus/common/version"

	"github.com/blueking/incidents/cmd/bkincidents/internal/assistant"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

func mcpCommand() command {
	return command{
		name: "mcp", args: "--loki URL [flags]", short: "a server for assistants (Model Context Protocol)",
		long: `
Lets an assistant ask for incidents, their evidence, reasons and steps, over the Model Context Protocol: on standard input
and output, or with --http on a loopback address. Every tool reads only. Secrets are masked, answers are bounded, and what
log lines say is marked as data. Loki is reached as by query.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var l lokiFlags
			var further custom
			var lang langFlag
			var bkVersion, address string
			l.declare(flags)
			further.declare(flags)
			flags.Var(&lang, "lang", "`language` of texts where a question names none: zh or en (default: that of LANG)")
			flags.StringVar(&bkVersion, "bk-version", defaults.BlueKingVersion, "BlueKing `version` whose steps and documents are shown: 7.0, 7.1, 7.2 or 7.3")
			flags.StringVar(&address, "http", "", "loopback `address` to serve on, such as 127.0.0.1:8090 (default: standard input and output)")
			return func(ctx context.Context, c console, args []string) error {
				if len(args) > 0 {
					return usagef("it takes no arguments")
				}
				if err := knownVersion(bkVersion); err != nil {
					return err
				}
				client, err := l.client(c.env, lang.or(c))
				if err != nil {
					return err
				}
				set, err := further.set()
				if err != nil {
					return err
				}
				if err := l.selectors.check(set); err != nil {
					return err
				}
				server := assistant.New(assistant.Options{
					Logs: newAsked(client, set, l.selectors.all(), bkVersion), Set: set,
					Explain: func(source signature.Source, line string) (string, bool) {
						var text bytes.Buffer
						x := explain(set, source, line, lang.or(c))
						x.print(console{out: &text, lang: lang.or(c)})
						return text.String(), x.Matched
					},
					Error: func(err error) string { return forFlags.Replace(err.Error()) },
					Lang:  lang.or(c), Version: bkVersion, Now: time.Now, Release: cmp.Or(version.Version, "unknown"),
				})
				if address != "" {
					return serveHTTP(ctx, c, server, address)
				}
				err = server.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(c.in), Writer: keptOpen{c.out}})
				if err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) {
					return fmt.Errorf("talk to the assistant: %w", err)
				}
				return nil
			}
		},
	}
}

// keptOpen is standard output, which its owner closes.
type keptOpen struct{ io.Writer }

// Close implements io.Closer.
func (keptOpen) Close() error { return nil }

// serveHTTP serves until ctx ends. There is no log-in, so only this machine may come near.
func serveHTTP(ctx context.Context, c console, server *mcp.Server, address string) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("--http %q: write a loopback address with a port, such as 127.0.0.1:8090; there is no log-in", address)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("--http %s: %w", address, err)
	}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true,
	})
	serving := &http.Server{Handler: http.NewCrossOriginProtection().Handler(handler), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = serving.Close() })
	defer stop()
	c.note("serving on http://%s", l.Addr())
	if err := serving.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", address, err)
	}
	return nil
}

// asked is Loki as assistants ask it: what was read for one question need not be read for the next.
type asked struct {
	scanner *scan.Scanner
	finder  *unmatched.Finder
	version string
}

// rememberedBytes bounds what is kept between questions.
const rememberedBytes = 64 << 20

func newAsked(client *loki.Client, set *signature.Set, selectors []scan.Selector, version string) *asked {
	o := scanOptions(set, selectors, time.Now)
	o.MaxLines, o.MaxBytes, o.MemoryBytes, o.Lateness = defaults.MaxLines, defaults.MaxBytes, rememberedBytes, time.Duration(defaults.Lateness)
	return &asked{scanner: scan.New(client, o), finder: unmatched.NewFinder(client, set, selectors, defaults.HostLabels), version: version}
}

// Incidents implements assistant.Logs.
func (a *asked) Incidents(ctx context.Context, start, end time.Time, lang signature.Lang) (report.Report, error) {
	result, err := a.scanner.Scan(ctx, scan.Request{Start: start, End: end})
	if err != nil {
		return report.Report{}, err
	}
	return report.New(result, report.Options{Lang: lang, Version: a.version, Location: time.UTC}), nil
}

// maxErrorLines is how many error lines are looked at of each selector.
const maxErrorLines = 20_000

// Unmatched implements assistant.Logs.
func (a *asked) Unmatched(ctx context.Context, start, end time.Time) (*unmatched.Result, error) {
	return a.finder.Find(ctx, unmatched.Request{Start: start, End: end, MaxLines: maxErrorLines})
}
