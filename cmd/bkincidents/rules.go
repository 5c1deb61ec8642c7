package main

import (
	"context"
	"flag"
	"net/url"
	"strings"

	"github.com/blueking/incidents/pkg/rules"
	"github.com/blueking/incidents/pkg/signature"
)

func rulesCommand() command {
	return command{
		name: "rules", args: "--format grafana|loki|alloy [flags] [DIR]", short: "alert rules, one per active signature; marks for Alloy",
		long: `
Writes an alert rule for every active signature of a folder; without a folder for those of the built-in catalogue.

--format grafana is a file for provisioning/alerting/ of a Grafana with the BlueKing Incidents data source, to use instead of
the rules per severity that come with it. --format loki is a file for Loki's own ruler: LogQL that counts lines with a
signature's literals, for those without Grafana alerting. It is coarser than the engine; a comment in it says how.
--format alloy is no rule: it is a component for Grafana Alloy that marks the lines that signatures look for, so that a
data source whose sources are "marked" reads a thousandth of the bytes. It marks for all signatures, a folder's and the
built-in ones.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var datasource, grafana, version string
			var selectors selectorFlag
			var lang langFlag
			flags.Var(&lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
			format := formats(flags, "grafana", "loki", "alloy")
			flags.StringVar(&datasource, "datasource-uid", rules.DefaultDatasource, "`uid` of the BlueKing Incidents data source in Grafana")
			flags.StringVar(&grafana, "grafana-url", "", "for loki: root `URL` of Grafana, to whose runbooks links lead (default: links lead to BlueKing's guide)")
			flags.StringVar(&version, "bk-version", defaults.BlueKingVersion, "for loki: BlueKing `version` of the guide: 7.0, 7.1, 7.2 or 7.3")
			flags.Var(&selectors, "selector", "for loki and alloy: stream selector of a source, such as 'nodeman={namespace=\"bk\"}'; `source`@host=… for streams collected on hosts; may be given several times, replaces the defaults of that source")
			return func(_ context.Context, c console, args []string) error {
				if err := knownVersion(version); err != nil {
					return err
				}
				if u, err := url.Parse(grafana); grafana != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
					return usagef("--grafana-url %q: write it like https://grafana.example.com", grafana)
				}
				cat, err := load(args)
				if err != nil {
					return err
				}
				if len(cat.broken) > 0 {
					for _, p := range cat.broken {
						c.note("rules: %v", p)
					}
					return errProblems
				}
				set, err := signature.NewSet(cat.all...)
				if err != nil {
					return err
				}
				if format.is != "grafana" {
					if err := selectors.check(set); err != nil {
						return err
					}
				}
				var out strings.Builder
				switch format.is {
				case "grafana":
					err = rules.Grafana(&out, cat.reported(), datasource, lang.or(c))
				case "alloy":
					err = rules.Alloy(&out, set, selectors.all())
				default:
					var without int
					without, err = rules.Loki(&out, cat.reported(), rules.Ruler{
						Selectors: selectors.all(), HostLabels: defaults.HostLabels, ClusterLabel: defaults.ClusterLabel,
						GrafanaURL: grafana, Datasource: datasource, Version: version, Lang: lang.or(c),
					})
					if err == nil && without > 0 {
						c.note("rules: %d rules have no runbook_url, because no guide tells of them; --grafana-url gives every rule one", without)
					}
				}
				if err != nil {
					return err
				}
				_, err = c.out.Write([]byte(out.String()))
				return err
			}
		},
	}
}
