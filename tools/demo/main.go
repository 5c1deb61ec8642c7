// Command demo shows what the plugin does, on logs that need no set-up: it starts the built plugin as Grafana does,
// asks for the incidents of the last 24 hours and prints them as an on-call engineer would read them.
//
//	demo            on the built-in samples
//	demo --loki     on the same lines in a real Loki
//	demo --ship     on nodeman's execution log, out of a MariaDB with its tables, shipped into a real Loki
//	demo --grafana  and in a Grafana of GRAFANA_HOME or the PATH, with dashboards and alert rules
//
// All that it prints went through the plugin's protocol; it knows nothing of the packages behind it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil && !errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	root                string
	lang                string
	loki, ship, grafana bool
}

func parse(args []string, help io.Writer) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&o.root, "root", ".", "`folder` of the checkout")
	flags.StringVar(&o.lang, "lang", language(os.Getenv), "language of the texts, zh or en")
	flags.BoolVar(&o.loki, "loki", false, "read the logs out of a real Loki")
	flags.BoolVar(&o.ship, "ship", false, "read nodeman's execution log, shipped from a database into a real Loki")
	flags.BoolVar(&o.grafana, "grafana", false, "show them in a Grafana, too")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.lang != "zh" && o.lang != "en" {
		return o, fmt.Errorf("--lang %q: use zh or en", o.lang)
	}
	return o, nil
}

func language(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args, progress)
	if err != nil {
		return err
	}
	// Whole seconds: the same instant goes through JSON, protobuf and Loki.
	now := time.Now().Truncate(time.Second)
	source := pluginrun.DataSource{JSONData: map[string]any{"store": "samples", "language": o.lang}}
	want := expected
	if o.loki || o.ship {
		var loki *lokiserver.Server
		if o.ship {
			loki, want, err = shipDay(ctx, o.root, now, progress)
		} else {
			loki, err = startLoki(ctx, now, progress)
		}
		if err != nil {
			return err
		}
		defer func() { _ = loki.Stop() }() // its data is in a temporary folder
		source = pluginrun.DataSource{URL: loki.URL(), JSONData: map[string]any{"store": "loki", "language": o.lang}}
	}
	plugin, err := pluginrun.Start(ctx, pluginrun.Binary(o.root), pluginrun.Options{})
	if err != nil {
		return err
	}
	defer plugin.Stop()

	answer, err := ask(ctx, plugin, source, now)
	if err != nil {
		return err
	}
	p := printer{w: out, lang: o.lang}
	p.answer(answer, o.loki || o.ship)
	if err := p.err; err != nil {
		return err
	}
	if err := answer.check(want); err != nil {
		return err
	}
	if o.loki {
		if err := sameAsSamples(ctx, plugin, answer, o.lang, now); err != nil {
			return err
		}
		p.say("Loki 给出的结果与内置样例一致。\n", "Loki gives the same as the built-in samples.\n")
	}
	if !o.grafana {
		p.next(o.loki || o.ship)
		return p.err
	}
	return showInGrafana(ctx, o, source, out)
}
