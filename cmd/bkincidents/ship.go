package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"

	"github.com/blueking/incidents/cmd/bkincidents/internal/ship"
)

// The environment variables in which secrets may be given: the environment is not in the list of processes.
const (
	envMySQL    = "BKINCIDENTS_MYSQL"
	envLokiAuth = "BKINCIDENTS_LOKI_AUTH"
	envESBAuth  = "BKINCIDENTS_ESB_AUTH"
)

const (
	// shipMemory is where the garbage collector begins to work harder: with the program itself this stays below 100 MiB.
	shipMemory = 48 << 20
	// onceGiveUp is how long --once waits for Loki.
	onceGiveUp = 2 * time.Minute
)

// shipFlags are the command line of `ship`.
type shipFlags struct {
	mysql, esb, esbAuth             string
	loki, lokiAuth, tenant, cluster string
	caFile, certFile, keyFile       string
	timezone, position, metrics     string
	fromJob                         uint64
	since, every, overlap           model.Duration
	once, dryRun                    bool
}

func (f *shipFlags) declare(flags *flag.FlagSet) {
	f.since, f.every, f.overlap = model.Duration(24*time.Hour), model.Duration(5*time.Second), model.Duration(2*time.Minute)
	flags.StringVar(&f.mysql, "mysql", "", "address of nodeman's database: `@FILE`, or env:NAME; its text is user:password@tcp(host:3306)/bk_nodeman or mysql://user:password@host/bk_nodeman (default: "+envMySQL+" of the environment). An address with a password is refused here: every user of the machine could read it")
	flags.StringVar(&f.esb, "esb", "", "instead of --mysql: `URL` of BlueKing's API, such as http://bkapi.example.com")
	flags.StringVar(&f.esbAuth, "esb-auth", "", `who calls the API: @FILE, or env:NAME, with {"bk_app_code": "…", "bk_app_secret": "…", "bk_username": "…"} (default: `+envESBAuth+" of the environment)")
	flags.Uint64Var(&f.fromJob, "from-job", 1, "with --esb: `number` of the first task to ship, as nodeman's page shows it; afterwards the position counts")
	flags.StringVar(&f.loki, "loki", "", "base `URL` of Loki, such as http://loki:3100")
	flags.StringVar(&f.lokiAuth, "loki-auth", "", "`@FILE`, or env:NAME, with user:password or a whole Authorization header such as 'Bearer …' (default: "+envLokiAuth+" of the environment, if set)")
	flags.StringVar(&f.tenant, "tenant", "", "tenant `id`, sent as X-Scope-OrgID")
	flags.StringVar(&f.cluster, "cluster", "", "`name` for the label cluster; the same as your other logs of this BlueKing have")
	flags.StringVar(&f.caFile, "ca-file", "", "`file` with the certificate of the authority that signed Loki's")
	flags.StringVar(&f.certFile, "cert-file", "", "`file` with a client certificate for Loki")
	flags.StringVar(&f.keyFile, "key-file", "", "`file` with its key")
	flags.StringVar(&f.timezone, "timezone", "+08:00", "nodeman's time `zone` (TIME_ZONE of its settings): Asia/Shanghai, +08:00, UTC")
	flags.StringVar(&f.position, "position", "", "`file` that keeps what has been shipped (default: nodeman.json in STATE_DIRECTORY of the environment, else bkincidents-ship-nodeman.json here)")
	flags.Var(durationFlag{&f.since}, "since", "how far back to begin when there is no position yet, a `duration` such as 1h or 7d")
	flags.Var(durationFlag{&f.every}, "every", "how often to look for new text, a `duration`")
	flags.Var(durationFlag{&f.overlap}, "overlap", "how far each look goes back again, a `duration`: more than transactions take and the clocks of nodeman's pods differ")
	flags.BoolVar(&f.once, "once", false, "ship what is there, and end")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print what would be pushed, and end; no Loki is needed and no position is kept")
	flags.StringVar(&f.metrics, "metrics", "", "serve Prometheus metrics at `address`/metrics; without a host, such as :9464, on the loopback interface")
}

func shipCommand() command {
	return command{
		name: "ship", args: "nodeman (--mysql @FILE | --esb URL) --loki URL [flags]", short: "nodeman's execution log into a Loki",
		long: `
nodeman keeps the execution log of its tasks in its database; no pod prints it, so no collector sees it. This command
reads it there, takes out secrets, and pushes it to Loki as the stream {job="` + ship.Job + `"}, with host, sub_inst_id,
task_id, bk_cloud_id, step and status as structured metadata. It needs SELECT on two tables and writes nothing.

It runs until it is stopped. Killed at any time, it continues where it was: no line is lost, and none appears twice.
How to run it as a service: docs/logs.md.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var f shipFlags
			f.declare(flags)
			return func(ctx context.Context, c console, args []string) error {
				if len(args) != 1 || args[0] != "nodeman" {
					return usagef("say what to ship: nodeman")
				}
				return f.run(ctx, c)
			}
		},
	}
}

func (f *shipFlags) run(ctx context.Context, c console) error {
	debug.SetMemoryLimit(shipMemory)
	log := promslog.New(&promslog.Config{Writer: c.err})
	registry := prometheus.NewRegistry()
	metrics := ship.NewMetrics(registry, time.Now)
	zone, err := location(f.timezone)
	if err != nil {
		return err
	}
	source, err := f.source(c, log, zone)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	if f.dryRun {
		return ship.Explain(ship.DryRun(ctx, c.out, source, zone))
	}
	pusher, err := f.pusher(c, log, metrics)
	if err != nil {
		return err
	}
	position, err := ship.OpenPosition(f.positionFile(c))
	if err != nil {
		return err
	}
	shipper := ship.New(ship.Options{
		Source: source, Position: position, Pusher: pusher, Zone: zone, Cluster: f.cluster,
		Every: time.Duration(f.every), Log: log, Metrics: metrics, Now: time.Now,
	})
	stop, err := f.serve(ctx, log, registry)
	if err != nil {
		return err
	}
	defer stop()
	if f.once {
		if err := shipper.Once(ctx); err != nil {
			return ship.Explain(err)
		}
		shipper.Report()
		return nil
	}
	log.Info("shipping nodeman's execution log", "loki", f.loki, "every", f.every.String(), "position", f.positionFile(c))
	shipper.Run(ctx)
	return nil
}

// source opens the database or the API.
func (f *shipFlags) source(c console, log *slog.Logger, zone *time.Location) (ship.Source, error) {
	if f.esb != "" {
		if f.mysql != "" {
			return nil, usagef("--mysql and --esb exclude each other")
		}
		text, literal, err := secret(c, f.esbAuth, envESBAuth)
		if err != nil {
			return nil, usagef("--esb-auth: %v", err)
		}
		if literal {
			return nil, usagef("--esb-auth: every user of this machine can read the command line: write it to a file and give --esb-auth @FILE, or set %s", envESBAuth)
		}
		o, err := ship.ESBFrom(text)
		if err != nil {
			return nil, usagef("--esb-auth: %v", err)
		}
		if o.URL, err = baseURL("--esb", f.esb); err != nil {
			return nil, err
		}
		o.HTTP = &http.Client{Timeout: time.Minute}
		return ship.NewESB(o, f.fromJob, zone, time.Now), nil
	}
	text, literal, err := secret(c, f.mysql, envMySQL)
	if err != nil {
		return nil, usagef("--mysql: %v", err)
	}
	if text == "" {
		return nil, usagef("--mysql is missing: @FILE with the address of nodeman's database, or %s in the environment; or --esb", envMySQL)
	}
	cfg, err := ship.ParseDSN(text)
	if literal && (err != nil || cfg.Passwd != "") {
		return nil, usagef("--mysql: every user of this machine can read a password on the command line: change it, write the address to a file, and give --mysql @FILE, or set %s", envMySQL)
	}
	if err != nil {
		return nil, usagef("--mysql: %v", err)
	}
	return ship.OpenDatabase(ship.DatabaseOptions{Config: cfg, Overlap: time.Duration(f.overlap), Since: time.Duration(f.since), Log: log})
}

func (f *shipFlags) pusher(c console, log *slog.Logger, metrics *ship.Metrics) (*ship.Pusher, error) {
	if f.loki == "" {
		return nil, usagef("--loki is missing: the base URL of Loki")
	}
	address, err := baseURL("--loki", f.loki)
	if err != nil {
		return nil, err
	}
	auth, literal, err := secret(c, f.lokiAuth, envLokiAuth)
	if err != nil {
		return nil, usagef("--loki-auth: %v", err)
	}
	if literal {
		return nil, usagef("--loki-auth: every user of this machine can read the command line: write it to a file and give --loki-auth @FILE, or set %s", envLokiAuth)
	}
	client, err := ship.HTTPClient(f.caFile, f.certFile, f.keyFile)
	if err != nil {
		return nil, err
	}
	o := ship.PusherOptions{URL: address, Tenant: f.tenant, Header: ship.Authorization(auth), HTTP: client, Log: log, Metrics: metrics, Now: time.Now}
	if f.once {
		o.GiveUp = onceGiveUp
	}
	return ship.NewPusher(o), nil
}

func (f *shipFlags) positionFile(c console) string {
	if f.position != "" {
		return f.position
	}
	if dir := c.env("STATE_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "nodeman.json")
	}
	return "bkincidents-ship-nodeman.json"
}

// serve listens for Prometheus, if asked to; what it returns ends that.
func (f *shipFlags) serve(ctx context.Context, log *slog.Logger, registry *prometheus.Registry) (func(), error) {
	if f.metrics == "" {
		return func() {}, nil
	}
	host, port, err := net.SplitHostPort(f.metrics)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return nil, usagef("--metrics %q: write it like :9464 or 127.0.0.1:9464", f.metrics)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{}) // closed by the goroutine that serves
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn("metrics are no longer served", "err", err)
		}
	}()
	log.Info("serving metrics", "address", listener.Addr().String())
	return func() {
		_ = server.Close()
		<-done
	}, nil
}

// secret resolves a flag that may hold a secret: @FILE, env:NAME, or the environment's own variable where the flag is not
// given. literal tells that the text itself stood on the command line.
func secret(c console, value, variable string) (text string, literal bool, err error) {
	switch {
	case value == "":
		return strings.TrimSpace(c.env(variable)), false, nil
	case strings.HasPrefix(value, "@"):
		raw, err := os.ReadFile(value[1:])
		return strings.TrimSpace(string(raw)), false, err
	case strings.HasPrefix(value, "env:"):
		name := strings.TrimPrefix(value, "env:")
		if text = strings.TrimSpace(c.env(name)); text == "" {
			return "", false, fmt.Errorf("%s is not set in the environment", name)
		}
		return text, false, nil
	}
	return value, true, nil
}

// baseURL checks an address that is no secret.
func baseURL(name, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", usagef("%s %q: write it like http://loki:3100", name, text)
	}
	if u.User != nil {
		return "", usagef("%s: every user of this machine can read a password on the command line: leave it out, and give --loki-auth @FILE", name)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}
