package liar

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/plugin"
)

const unconnected = "2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:1234) is not connect to gse server"

const (
	hour = time.Hour
	// day is one of the week, which begins after what the plugin looks back to.
	day = 24 * hour
)

// episode is a failure that the week's oracle knows: the part of a rule's series that names it, and when it goes on.
type episode struct {
	name, series string
	span
}

// fired is what happened to an alert.
type fired struct {
	series, why string
	at          time.Duration
	firing      bool
}

// A week with three outages: a collector dead for a day and more, a Loki that refuses, and one that hangs or lies. The
// shipped rules are evaluated through the plugin's own handlers by a model of Grafana's alert state: each failure is one
// alert, resolved after its end and not before, and each outage is one alert of the engine's rule.
func TestAWeekWithThreeOutages(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		t0 := time.Now().Truncate(day).Add(day)
		collector := span{2*day + 4*hour, 3*day + 6*hour}
		refuses := span{4*day + 10*hour, 4*day + 10*hour + 45*time.Minute}
		ill := []lie{
			{span{5*day + 12*hour, 5*day + 12*hour + 30*time.Minute}, fault{endpoint: all, hangs: true}},
			{span{5*day + 12*hour + 30*time.Minute, 5*day + 13*hour}, fault{endpoint: all, status: 429, body: "too many outstanding requests"}},
			{span{5*day + 13*hour, 5*day + 13*hour + 40*time.Minute}, fault{endpoint: volumes, status: 200, body: `{"status":"success","warnings":["some ingesters did not answer"],"data":{"resultType":"matrix","result":[]}}`}},
		}
		lies := append(slices.Clone(ill), lie{refuses, fault{endpoint: all, err: fmt.Errorf("dial tcp: connection refused")}})
		offline := episode{"an agent is offline in cluster a, whose collector dies", "gse-not-connected", span{day + 20*hour, 3*day + 10*hour}}
		names := episode{"names do not resolve on a host", "gse-zk-unresolved", span{4*day + 9*hour, 4*day + 12*hour}}
		gateway := episode{"the gateway aborts", "job-gateway-key-abort", span{5*day + 11*hour, 5*day + 16*hour}}
		short := episode{"an agent is offline in cluster b", "gse-not-connected", span{6 * day, 6*day + 20*time.Minute}}
		outages := []span{collector, refuses, {ill[0].from, ill[len(ill)-1].to}}

		pod := func(app, cluster, line string, fails, dead []span) stream {
			return stream{labels: model.LabelSet{"app": model.LabelValue(app), "cluster": model.LabelValue(cluster)}, beats: true, failure: line, fails: fails, dead: dead}
		}
		w := &world{t0: t0, lies: lies, streams: []stream{
			pod("nodeman", "a", unconnected, []span{offline.span}, []span{collector}),
			pod("nodeman", "b", unconnected, []span{short.span}, nil),
			pod("gateway", "a", "Caused by: com.tencent.bk.job.common.exception.InternalException: Failed to get jwt public key, abort policy triggered", []span{gateway.span}, nil),
			{labels: model.LabelSet{"host": "10.0.0.1", "cluster": "b", "file": "journal"}, beats: true},
			{labels: model.LabelSet{"host": "10.0.0.1", "cluster": "b", "file": "agent-err"}, failure: "2022-11-10 11:22:33,456:1(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory", fails: []span{names.span}},
		}}

		ds, ctx, source := open(t, w)
		defer ds.Dispose()

		var history []fired
		rules := shippedRules(t, func(r *rule, series string, firing bool, why string) {
			if strings.Contains(r.UID, "engine") {
				series = "engine"
			}
			history = append(history, fired{series, why, w.now(), firing})
		})
		// Every minute around what changes, and every half hour where nothing does.
		var changes []time.Duration
		for _, s := range append(outages, offline.span, names.span, gateway.span, short.span, span{collector.from + hour, 0}, span{3*day + 12*hour, 0}, span{4*day + 14*hour, 0}, span{5*day + 18*hour, 0}) {
			changes = append(changes, s.from, s.to)
		}
		for _, l := range lies {
			changes = append(changes, l.from, l.to)
		}
		busy := func(at time.Duration) bool {
			return os.Getenv("LOAD") == "full" || slices.ContainsFunc(changes, func(c time.Duration) bool { return at > c-4*time.Minute && at < c+12*time.Minute })
		}
		evaluations := 0
		for at := day; at < 7*day; at += time.Minute {
			if at%(30*time.Minute) != 0 && !busy(at) {
				continue
			}
			if at > w.now() {
				time.Sleep(at - w.now())
			}
			for _, r := range rules {
				if at%r.interval == 0 {
					r.evaluate(ctx, t, ds, source, time.Now())
					evaluations++
				}
			}
		}
		t.Logf("%d evaluations, %d requests", evaluations, w.requests)
		for _, e := range []episode{offline, names, gateway, short} {
			checkAlert(t, history, e.name, e.series, e.span, 3*hour)
		}
		for _, o := range outages {
			// A silence shows after the hour that the rule looks at, and is over when the range is whole again.
			checkAlert(t, history, "the engine", "engine", span{o.from, o.to}, 2*hour)
		}
		if n := len(slices.DeleteFunc(slices.Clone(history), func(f fired) bool { return !f.firing })); n != 4+len(outages) {
			t.Errorf("%d alerts fired, want one for each of 4 failures and %d outages:\n%v", n, len(outages), history)
		}
	})
}

// checkAlert fails unless one alert fired while something went on, and was resolved after its end, within a time.
func checkAlert(t *testing.T, history []fired, name, series string, on span, within time.Duration) {
	t.Helper()
	var of []fired
	for _, f := range history {
		if strings.Contains(f.series, series) && f.at >= on.from && f.at < on.to+within {
			of = append(of, f)
		}
	}
	if len(of) != 2 || !of[0].firing || of[1].firing || of[0].at >= on.to || of[1].at < on.to {
		t.Errorf("%s, from %s to %s: want one alert that is resolved after the end, got %v", name, on.from, on.to, of)
	}
}

// open makes a data source as Grafana does, on a simulated Loki.
func open(t *testing.T, w *world) (*plugin.Datasource, context.Context, backend.PluginContext) {
	t.Helper()
	settings, err := json.Marshal(map[string]any{"store": "loki", "language": "en", "sources": []map[string]any{
		{"source": "nodeman", "selector": `{app="nodeman"}`}, {"source": "bk-job-gateway", "selector": `{app="gateway"}`},
		{"source": "agent", "selector": `{file="agent-err"}`, "onHost": true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	instance := backend.DataSourceInstanceSettings{UID: "u", URL: "http://loki", JSONData: settings}
	made, err := plugin.NewInstance(t.Context(), instance)
	if err != nil {
		t.Fatal(err)
	}
	ctx := httpclient.WithContextualMiddleware(t.Context(), httpclient.MiddlewareFunc(func(httpclient.Options, http.RoundTripper) http.RoundTripper { return w }))
	return made.(*plugin.Datasource), ctx, backend.PluginContext{PluginID: plugin.ID, DataSourceInstanceSettings: &instance} //nolint:forcetypeassert // it is what NewInstance makes
}

// What a collector held back in an outage is found by rules within two evaluations, though they have read that time before
// and found it empty, and whoever looked meanwhile.
func TestABacklogIsFoundByRulesWithinTwoEvaluations(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		held := span{day + 10*hour, day + 10*hour + 50*time.Minute}
		w := &world{t0: time.Now().Truncate(day).Add(day), streams: []stream{
			{labels: model.LabelSet{"app": "nodeman", "cluster": "a"}, beats: true, held: held, failure: unconnected, fails: []span{{held.from + 5*time.Minute, held.from + 20*time.Minute}}},
			{labels: model.LabelSet{"app": "nodeman", "cluster": "b"}, beats: true},
			{labels: model.LabelSet{"app": "gateway", "cluster": "a"}, beats: true},
		}}
		ds, ctx, source := open(t, w)
		defer ds.Dispose()
		found := time.Duration(0)
		rules := shippedRules(t, func(_ *rule, series string, firing bool, _ string) {
			if firing && strings.Contains(series, "gse-not-connected") {
				found = w.now()
			}
		})
		for at := held.from - 30*time.Minute; at < held.to+10*time.Minute; at += time.Minute {
			time.Sleep(at - w.now())
			for _, r := range rules {
				r.evaluate(ctx, t, ds, source, time.Now())
			}
		}
		if found == 0 || found > held.to+2*time.Minute {
			t.Errorf("found %s after the lines arrived (0 is never)", max(0, found-held.to))
		}
	})
}

// quiet keeps the plugin's log out of a test's.
func quiet(t *testing.T) {
	t.Helper()
	before := backend.Logger
	backend.Logger, log.DefaultLogger = log.NewNullLogger(), log.NewNullLogger()
	t.Cleanup(func() { backend.Logger, log.DefaultLogger = before, before })
}
