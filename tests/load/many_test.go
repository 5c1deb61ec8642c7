//go:build integration

package load

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/loki/v3/pkg/logproto"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
	"github.com/blueking/incidents/pkg/source"
	"github.com/blueking/incidents/tools/lokiserver"
)

// offline is a failure of one host, per minute.
const offline = "2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:%d) is not connect to gse server"

// failing pushes lines of failing hosts, spread over the 20 minutes before now.
func failing(t *testing.T, test string, hosts, each int) time.Time {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	streams := make([]logproto.Stream, hosts)
	for h := range streams {
		streams[h].Labels = fmt.Sprintf(`{test=%q, source="nodeman", cluster="c%d", host="h%05d"}`, test, h%4, h)
		for i := range each {
			streams[h].Entries = append(streams[h].Entries, logproto.Entry{
				Timestamp: now.Add(-20*time.Minute + time.Duration(i)*20*time.Minute/time.Duration(each) + time.Duration(h)*time.Millisecond), Line: fmt.Sprintf(offline, 1000+i),
			})
		}
	}
	if err := lokiserver.Push(t.Context(), server.URL(), "", streams); err != nil {
		t.Fatal(err)
	}
	return now
}

var panels = []ask{
	{"queryType": "incidents"}, {"queryType": "count", "stat": "active"}, {"queryType": "count", "stat": "started"}, {"queryType": "count", "stat": "hosts"},
	{"queryType": "count", "stat": "lines"}, {"queryType": "timeline", "stat": "lines"}, {"queryType": "timeline", "stat": "active"}, {"queryType": "annotations"},
	{"queryType": "evidence", "limit": 200}, {"queryType": "signatures"}, {"queryType": "unmatched"}, {"queryType": "unmatched", "stat": "coverage"},
	{"queryType": "health"}, {"queryType": "alert", "view": "identity"}, {"queryType": "alert", "view": "evidence"},
}

func TestManyQueriesAtOnceAreAllAnsweredAlike(t *testing.T) {
	const hosts = 40
	now := failing(t, "many", hosts, 10)
	l := start(t, server.URL(), settings("many"))
	var all sync.WaitGroup
	for i := range size(200, 50) {
		all.Go(func() { // every one has a range of its own, so that none is answered by another's snapshot
			f, err := l.ask(ask{"queryType": "incidents"}, now.Add(-time.Hour-time.Duration(i)*time.Second), now, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if f.Rows() != hosts || sum(f, "count") != hosts*10 {
				t.Errorf("query %d: %d incidents of %d lines", i, f.Rows(), sum(f, "count"))
			}
		})
	}
	all.Wait()
	l.settle(fmt.Sprintf("%d queries at once", size(200, 50)))
}

func TestManyDashboardsAtOnce(t *testing.T) {
	const hosts = 40
	now := failing(t, "dashboards", hosts, 10)
	l := start(t, server.URL(), settings("dashboards"))
	var all sync.WaitGroup
	for d := range size(50, 10) {
		for _, panel := range panels {
			all.Go(func() {
				f, err := l.ask(panel, now.Add(-time.Duration(1+d%6)*time.Hour), now.Add(-time.Duration(d)*time.Second), nil)
				if err != nil {
					t.Error(err)
					return
				}
				if panel["queryType"] == "incidents" && f.Rows() != hosts {
					t.Errorf("dashboard %d: %d incidents", d, f.Rows())
				}
			})
		}
	}
	all.Wait()
	l.settle(fmt.Sprintf("%d dashboards of %d panels", size(50, 10), len(panels)))
}

func TestAStormOfAlertsIsAnsweredBeforeDashboards(t *testing.T) {
	failingNow := failing(t, "storm", 40, 10)
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	var asked atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		select {
		case <-time.After(300 * time.Millisecond): // a Loki that is busier than this machine's processor
		case <-r.Context().Done():
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	l := start(t, slow.URL, settings("storm"))

	var mu sync.Mutex
	var order []string
	done := func(who string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, who)
	}
	var all sync.WaitGroup
	dashboards := size(50, 16)
	for i := range dashboards {
		all.Go(func() { // a filter each, so that they share nothing
			a := ask{"queryType": "incidents", "matchers": []map[string]string{{"name": "host", "op": "!=", "value": fmt.Sprint("none", i)}}}
			if _, err := l.ask(a, failingNow.Add(-2*time.Hour), failingNow, nil); err != nil {
				t.Error(err)
			}
			done("dashboard")
		})
	}
	// The dashboards go on side by side and end together, so the rules come when all have begun.
	for end := time.Now().Add(time.Minute); asked.Load() < int64(2*dashboards); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the dashboards do not begin")
		}
	}
	rules := shippedRules(t)
	for _, a := range rules {
		all.Go(func() {
			if _, err := l.ask(a, failingNow.Add(-15*time.Minute), failingNow, map[string]string{backend.FromAlertHeaderName: "true"}); err != nil {
				t.Error(err)
			}
			done("alert")
		})
	}
	all.Wait()
	last := len(order) - 1 - slices.Index(reversed(order), "alert")
	after := 0
	for _, who := range order[last:] {
		if who == "dashboard" {
			after++
		}
	}
	t.Logf("%d rules; %d of %d dashboards were answered after the last rule", len(rules), after, dashboards)
	if after < dashboards/2 { // how many exactly is a matter of the processor; pkg/loki tests the order
		t.Errorf("alerts waited behind dashboards: only %d of %d were answered after the last rule", after, dashboards)
	}
	l.settle(fmt.Sprintf("all rules at once under %d dashboards, Loki slow", dashboards))
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// shippedRules are the queries of provisioning/alerting/zh/rules.yaml.
func shippedRules(t *testing.T) []ask {
	t.Helper()
	text, err := os.ReadFile("../../provisioning/alerting/zh/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Data []struct {
					Model map[string]any `yaml:"model"`
				} `yaml:"data"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []ask
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, d := range r.Data {
				if d.Model["queryType"] != nil {
					out = append(out, d.Model)
				}
			}
		}
	}
	if len(out) < 9 {
		t.Fatalf("%d queries in the shipped rules", len(out))
	}
	return out
}

func TestTenThousandIncidents(t *testing.T) {
	hosts := size(10_000, 2_000)
	now := failing(t, "fleet", hosts, 3)
	l := start(t, server.URL(), settings("fleet"))
	f := l.mustAsk(ask{"queryType": "incidents", "limit": 50_000}, now.Add(-time.Hour), now)
	if f.Rows() != hosts || distinct(f, "fingerprint") != hosts || sum(f, "count") != int64(hosts)*3 {
		t.Errorf("%d incidents, %d fingerprints, %d lines", f.Rows(), distinct(f, "fingerprint"), sum(f, "count"))
	}
	for _, view := range []string{"identity", "evidence"} {
		a := l.mustAsk(ask{"queryType": "alert", "view": view}, now.Add(-15*time.Minute), now)
		if a.Rows() != hosts || distinct(a, "fingerprint") != hosts {
			t.Errorf("%s: %d rows, %d fingerprints", view, a.Rows(), distinct(a, "fingerprint"))
		}
	}
	l.settle(fmt.Sprintf("%d incidents", hosts))
}

func TestEveryHostFailsInEveryWay(t *testing.T) {
	sigs, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	hosts := size(200, 40)
	now := time.Now().Truncate(time.Second)
	var streams []logproto.Stream
	want := map[string]bool{}
	for _, sig := range sigs {
		line, ok := oneLine(sig)
		if !ok || sig.Status != signature.Active || !slices.Contains(source.Defaults(), source.Name(line.Source)) {
			continue // what is on trial makes no incidents, and sources that are optional are not in these settings
		}
		want[sig.ID] = true
		for h := range hosts {
			streams = append(streams, logproto.Stream{
				Labels:  fmt.Sprintf(`{test="ways", source=%q, cluster="c1", host="h%03d", way=%q}`, line.Source, h, sig.ID),
				Entries: []logproto.Entry{{Timestamp: now.Add(-10*time.Minute + time.Duration(h)*time.Millisecond), Line: line.Text}},
			})
		}
	}
	if len(want) < 34 {
		t.Fatalf("only %d signatures have a fixture of one line", len(want))
	}
	if err := lokiserver.Push(t.Context(), server.URL(), "", streams); err != nil {
		t.Fatal(err)
	}
	l := start(t, server.URL(), settings("ways"))
	f := l.mustAsk(ask{"queryType": "incidents", "limit": 50_000}, now.Add(-time.Hour), now)
	field, _ := f.FieldByName("signature")
	for i := range field.Len() {
		v, _ := field.ConcreteAt(i)
		id, _ := v.(string)
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if n := sum(f, "count"); n < int64(34*hosts) {
		t.Errorf("%d lines explained, pushed %d", n, len(streams))
	}
	l.settle(fmt.Sprintf("%d hosts in every way, %d lines", hosts, len(streams)))
}

// sample is a fixture of one line that is enough to fire its signature.
type sample struct{ Source, Text string }

func oneLine(sig *signature.Signature) (sample, bool) {
	for _, test := range sig.Tests {
		if len(test.Lines) != 1 || !test.Positive() {
			continue
		}
		source := test.Lines[0].SourceIn(sig)
		return sample{string(source), test.Lines[0].Line}, true
	}
	return sample{}, false
}
