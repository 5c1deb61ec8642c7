package main

import (
	"context"
	"flag"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/discover"
	"github.com/blueking/incidents/pkg/signature"
)

func setupCommand() command {
	return command{
		name: "setup", args: "--loki URL [flags]", short: "where the logs are in a Loki, as a data source to provision",
		long: `
Looks at the labels of a Loki, recognises the logs of nodeman, GSE agents and bk-job-gateway under the names that Alloy,
OpenTelemetry, Promtail and Kubernetes give them, and writes a data source for provisioning/datasources/ of Grafana. What is
not there is named with what it is needed for. Exit status 1: none of the logs is there.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var l lokiFlags
			since := model.Duration(24 * time.Hour)
			flags.StringVar(&l.url, "loki", "", "base `URL` of Loki, such as http://loki:3100; user and password in it are sent")
			flags.StringVar(&l.tenant, "tenant", "", "tenant `id`, sent as X-Scope-OrgID")
			flags.Var(&l.headers, "header", "`header` to send, such as 'Authorization: Bearer …'; may be given several times")
			flags.Var(durationFlag{&since}, "since", "how far back to look, a `duration` such as 1h or 7d")
			return func(ctx context.Context, c console, args []string) error {
				if len(args) > 0 {
					return usagef("it takes no arguments")
				}
				client, err := l.client(c.env, signature.EN)
				if err != nil {
					return err
				}
				now := time.Now()
				found, err := discover.In(ctx, client, now.Add(-time.Duration(since)), now)
				if err != nil {
					return err
				}
				for _, p := range found.Proposals {
					c.describe(p, now)
				}
				if len(found.Clusters) > 1 {
					c.note("clusters, by the label %s: %s", found.ClusterLabel, strings.Join(found.Clusters, ", "))
				}
				return writeDatasource(c.out, l, found)
			}
		},
	}
}

// logNames say what a kind of log is, and missing what to do without it.
var logNames = map[discover.Log]struct{ name, missing string }{
	discover.NodemanPods:  {"nodeman's pods", "collect them with provisioning/collectors/alloy-kubernetes.alloy"},
	discover.ExecutionLog: {"execution log", "a third of the signatures needs it: bkincidents ship nodeman, see docs/logs.md"},
	discover.Installers:   {"installers' files on hosts", "collect them with provisioning/collectors/alloy-linux.alloy or alloy-windows.alloy"},
	discover.AgentErrors:  {"GSE agents' error log on hosts", "collect it with provisioning/collectors/alloy-linux.alloy or alloy-windows.alloy"},
	discover.GatewayPods:  {"bk-job-gateway's pods", "collect them with provisioning/collectors/alloy-kubernetes.alloy"},
	discover.NodemgrPods:  {"bk-nodemgr's pods", "nodeman version 3 only"},
}

// describe says of a kind of log where it is, or what to do without it.
func (c console) describe(p discover.Proposal, now time.Time) {
	about := logNames[p.Log]
	switch {
	case p.Streams == 0:
		c.note("%s: not in this Loki; %s", c.say(about.name), c.say(about.missing))
	case p.Newest.IsZero():
		c.note("%s: found, streams: %d; no line in the range", c.say(about.name), p.Streams)
	default:
		age := model.Duration(now.Sub(p.Newest).Truncate(time.Second))
		c.note("%s: found, streams: %d; newest line %s ago", c.say(about.name), p.Streams, age)
	}
}

// writeDatasource writes the file for Grafana. The sources are what was found and, where a selector of the defaults may
// find something later, that.
func writeDatasource(w io.Writer, l lokiFlags, found discover.Found) error {
	type source struct {
		Source   string `yaml:"source"`
		Selector string `yaml:"selector"`
		OnHost   bool   `yaml:"onHost"`
	}
	data := struct {
		Store        string   `yaml:"store"`
		Tenant       string   `yaml:"tenant,omitempty"`
		Sources      []source `yaml:"sources"`
		HostLabels   []string `yaml:"hostLabels,omitempty,flow"`
		ClusterLabel string   `yaml:"clusterLabel,omitempty"`
	}{Store: "loki", Tenant: l.tenant, HostLabels: found.HostLabels, ClusterLabel: found.ClusterLabel}
	seen := 0
	for _, p := range found.Proposals {
		seen += p.Streams
		if p.Streams > 0 || p.Log != discover.NodemgrPods {
			data.Sources = append(data.Sources, source{p.Source, p.Selector, p.OnHost})
		}
	}
	if seen == 0 {
		return errProblems
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	err := enc.Encode(map[string]any{"apiVersion": 1, "datasources": []any{struct {
		Name     string `yaml:"name"`
		Type     string `yaml:"type"`
		Access   string `yaml:"access"`
		URL      string `yaml:"url"`
		JSONData any    `yaml:"jsonData"`
	}{"BlueKing Incidents", "blueking-incidents-datasource", "proxy", withoutUser(l.url), data}}})
	if err != nil {
		return err
	}
	return enc.Close()
}

// withoutUser leaves credentials out of an address: they belong into basicAuth and secureJsonData.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}
