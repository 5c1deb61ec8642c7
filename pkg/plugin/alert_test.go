package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	known "github.com/blueking/incidents/pkg/source"
)

func TestTheTwoViewsOfARuleAgree(t *testing.T) {
	f := busy()
	d := open(t, f)
	identity := frame(t, one(t, d, `{"queryType":"alert"}`))
	// Between the two calls of one evaluation the world changes.
	f.log(signature.Nodeman, time.Minute, "host 10.0.0.3 is offline")
	evidence := frame(t, one(t, d, `{"queryType":"alert","view":"evidence"}`))
	if identity.Rows() != 4 || evidence.Rows() != 4 {
		t.Fatalf("%d and %d rows", identity.Rows(), evidence.Rows())
	}
	for _, name := range append(frames.IdentityLabels(), frames.ValueColumn) {
		if a, b := cells(t, identity, name), cells(t, evidence, name); !slices.Equal(a, b) {
			t.Errorf("%s: %v and %v", name, a, b)
		}
	}
	want := []any{0.0, 1.0, 1.0, 1.0} // the gateway's failure is over since 5 minutes
	got := cells(t, identity, frames.ValueColumn)
	slices.SortFunc(got, func(a, b any) int { return int(a.(float64) - b.(float64)) })
	if !slices.Equal(got, want) {
		t.Errorf("values %v", got)
	}
}

func TestTheRangeOfARuleDoesNotDecideItsRows(t *testing.T) {
	d := open(t, busy())
	var first []any
	for _, span := range []time.Duration{time.Minute, 15 * time.Minute, 6 * time.Hour} {
		res := d.respond(t.Context(), backend.DataQuery{JSON: []byte(`{"queryType":"alert"}`), TimeRange: backend.TimeRange{From: noon.Add(-span), To: noon}}, nil, true)
		rows := cells(t, frame(t, res), "fingerprint")
		if first == nil {
			first = rows
		}
		if !slices.Equal(rows, first) {
			t.Errorf("%s: %v, want %v", span, rows, first)
		}
	}
}

func TestRulesNeverTrustIncompleteLogs(t *testing.T) {
	fails := func(source signature.Source) func(*fake) { return func(f *fake) { f.fails[source] = notReady } }
	caps := func(source signature.Source) func(*fake) {
		return func(f *fake) { f.caps[source] = "the limit of 5 lines was reached" }
	}
	for name, tc := range map[string]struct {
		breaks func(*fake)
		filter string
		want   string // "" answers
	}{
		"its source failed":                 {fails(signature.Nodeman), `"signatures":["offline"]`, "nodeman: Loki is not ready"},
		"the source of its cause failed":    {fails(signature.Agent), `"signatures":["offline"]`, "agent: Loki is not ready"},
		"its source was capped":             {caps(signature.Nodeman), `"signatures":["offline"]`, "nodeman: the limit of 5 lines was reached"},
		"nobody knows whether it is silent": {func(f *fake) { f.blind[signature.Nodeman] = notReady }, `"signatures":["offline"]`, "nodeman: Loki is not ready"},
		"another source failed":             {fails(signature.Gateway), `"signatures":["offline"]`, ""},
		"another source was capped":         {caps(signature.Gateway), `"sources":["agent"]`, ""},
		"one of all sources failed":         {fails(signature.Gateway), `"hosts":[]`, "bk-job-gateway: Loki is not ready"},
		"selected by severity":              {fails(signature.Gateway), `"severities":["high","medium"]`, ""},
		"selected by severity, and needed":  {fails(signature.Gateway), `"severities":["critical"]`, "bk-job-gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			f := busy()
			tc.breaks(f)
			d := open(t, f)
			for _, kind := range []string{`"alert"`, `"alert","view":"evidence"`, `"count"`, `"count","stat":"lines"`} {
				res := one(t, d, `{"queryType":`+kind+`,`+tc.filter+`}`)
				if tc.want == "" {
					frame(t, res)
					continue
				}
				if res.Error == nil || len(res.Frames) > 0 || !strings.Contains(res.Error.Error(), tc.want) || res.ErrorSource != backend.ErrorSourceDownstream {
					t.Errorf("%s: %d frames, source %s, error %v", kind, len(res.Frames), res.ErrorSource, res.Error)
				}
			}
		})
	}
}

func TestCountHasARowForEverySelectedActiveSignature(t *testing.T) {
	d := open(t, busy())
	for query, want := range map[string]string{
		`{"queryType":"count"}`: "key-timeout=0 offline=2 unresolved=1",
		`{"queryType":"count","stat":"active","severities":["critical"]}`:    "key-timeout=0",
		`{"queryType":"count","stat":"started"}`:                             "key-timeout=1 offline=2 unresolved=1",
		`{"queryType":"count","stat":"lines"}`:                               "key-timeout=1 offline=2 unresolved=1",
		`{"queryType":"count","stat":"lines","hosts":["10.0.0.2"]}`:          "key-timeout=0 offline=1 unresolved=0",
		`{"queryType":"count","stat":"hosts"}`:                               "key-timeout=0 offline=2 unresolved=0",
		`{"queryType":"count","signatures":["offline","trial"]}`:             "offline=2",
		`{"queryType":"count","signatures":["offline"],"clusters":["else"]}`: "offline=0",
	} {
		f := frame(t, one(t, d, query))
		var got []string
		for i, id := range cells(t, f, "signature") {
			got = append(got, fmt.Sprintf("%s=%v", id, cells(t, f, frames.ValueColumn)[i]))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", query, text, want)
		}
		if f.Meta.Type != data.FrameTypeNumericLong || f.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
			t.Errorf("%s: type %s %v", query, f.Meta.Type, f.Meta.TypeVersion)
		}
	}
}

func TestASignatureThatNobodyReadsCountsNothing(t *testing.T) {
	d := open(t, busy(), func(c *config) { c.Selectors = c.Selectors[:1] })
	f := frame(t, one(t, d, `{"queryType":"count"}`))
	if got := cells(t, f, "signature"); len(got) != 1 || got[0] != "offline" {
		t.Errorf("%v", got)
	}
	if res := one(t, d, `{"queryType":"count","signatures":["key-timeout"]}`); res.Error == nil || !strings.Contains(res.Error.Error(), "bk-job-gateway, which has no stream selector") {
		t.Errorf("%v", res.Error)
	}
	if res := one(t, d, `{"queryType":"alert","signatures":["trial"]}`); res.Error == nil || !strings.Contains(res.Error.Error(), "None of the selected signatures is active") {
		t.Errorf("%v", res.Error)
	}
}

func TestHealthIsOneOrSaysWhy(t *testing.T) {
	silent := logs.NewLiveness([]logs.Window{{Start: noon.Add(-24 * time.Hour), End: noon.Add(-2 * time.Hour)}})
	// Without the answer that Loki gave: it names another ingester every time, and the reason is part of the identity.
	unready := (&loki.Error{Kind: logs.KindNotReady}).Message("en")
	shipping := logs.NewLiveness([]logs.Window{{Start: noon.Add(-24 * time.Hour), End: noon}})
	for name, tc := range map[string]struct {
		breaks func(*fake)
		query  string
		value  float64
		reason string
	}{
		"all is well": {func(f *fake) { f.live[signature.Agent] = shipping }, "", 1, ""},
		"a source is silent": {func(f *fake) { f.live[signature.Gateway] = silent }, "", 0,
			"bk-job-gateway has shipped nothing since 11-01 10:00 UTC, check the collector."},
		"another one is silent":             {func(f *fake) { f.live[signature.Gateway] = silent }, `,"sources":["nodeman"]`, 1, ""},
		"a source of errors only is silent": {func(f *fake) { f.live[signature.Agent] = silent }, "", 1, ""},
		"a source fails": {func(f *fake) { f.fails[signature.Agent] = notReady }, "", 0,
			"agent: " + unready},
		"a source is capped": {func(f *fake) { f.caps[signature.Nodeman] = "the limit of 5 lines was reached" }, "", 0,
			"nodeman: The logs were not read completely, a limit was reached."},
		"nobody knows whether a source is silent": {func(f *fake) { f.blind[signature.Nodeman] = notReady }, "", 0,
			"nodeman: " + strings.TrimSuffix(unready, ".") + "; agent: " + unready}, // whose silence is judged by the others
		"the clock is a little off": {func(f *fake) { f.ahead = 90 * time.Second }, "", 1, ""},
		"the clock is ahead": {func(f *fake) { f.ahead = 27*time.Minute + 12*time.Second }, "", 0,
			"The clock of Grafana's machine is more than 20 minutes ahead of Loki's, set it."},
		"the clock is behind": {func(f *fake) { f.ahead = -3 * time.Hour }, "", 0,
			"The clock of Grafana's machine is more than 180 minutes behind Loki's, set it."},
		"everything fails": {func(f *fake) {
			for _, s := range known.Defaults() {
				f.fails[s] = notReady
			}
		}, "", 0, unready},
	} {
		t.Run(name, func(t *testing.T) {
			f := busy()
			tc.breaks(f)
			got := frame(t, one(t, open(t, f), `{"queryType":"health"`+tc.query+`}`))
			if v, r := cells(t, got, "value")[0], cells(t, got, "reason")[0]; got.Rows() != 1 || v != tc.value || r != tc.reason {
				t.Errorf("%v %q, want %v %q", v, r, tc.value, tc.reason)
			}
			// What a rule is evaluated on has the same labels, none, whatever ails.
			same := frame(t, one(t, open(t, f), `{"queryType":"health","view":"identity"`+tc.query+`}`))
			if v := cells(t, same, "value")[0]; v != tc.value || same.Rows() != 1 || len(same.Fields) != 1 {
				t.Errorf("identity: %v in %d columns", v, len(same.Fields))
			}
		})
	}
}

// A unit that fell silent longer ago than is read, while something failed on it, is unknown: rules that ask for that get an
// error, panels a notice, health a reason. Rules on other signatures are not concerned.
func TestAUnitThatFellSilentForGoodIsUnknown(t *testing.T) {
	d := open(t, newFake())
	res := &scan.Result{Now: noon, Lost: []scan.Lost{{
		Unit:       incident.Unit{Source: signature.Nodeman, Cluster: "a", Live: logs.NewLiveness([]logs.Window{{Start: noon.Add(-240 * time.Hour), End: noon.Add(-239 * time.Hour)}})},
		Signatures: []string{"offline"},
	}}}
	offline, _ := d.catalogue.set.Get("offline")
	other, _ := d.catalogue.set.Get("key-timeout")
	const silence = "cluster a: nodeman has shipped nothing since 10-22 13:00 UTC, check the collector."
	if err := complete(res, []*signature.Signature{offline}, []signature.Source{signature.Nodeman}); err == nil || !strings.Contains(frames.Message(err, signature.EN), silence) {
		t.Errorf("a rule on it gets %v", err)
	}
	if err := complete(res, []*signature.Signature{other}, []signature.Source{signature.Gateway}); err != nil {
		t.Errorf("a rule on something else gets %v", err)
	}
	v := frames.View{Lang: signature.EN, Start: noon.Add(-time.Hour)}
	if got := ailments(res, []signature.Source{signature.Nodeman}, v); len(got) != 1 || got[0] != silence {
		t.Errorf("reasons of health: %q", got)
	}
	f := frames.Health(nil, res, v)
	if len(f.Meta.Notices) != 1 || !strings.HasPrefix(f.Meta.Notices[0].Text, silence) {
		t.Errorf("notices: %+v", f.Meta.Notices)
	}
}

// Lines that come later than they may are a reason, in words that do not change with every minute.
func TestLatenessIsAReason(t *testing.T) {
	shipping := logs.NewLiveness([]logs.Window{{Start: noon.Add(-24 * time.Hour), End: noon}})
	v := frames.View{Lang: signature.EN, Start: noon.Add(-time.Hour)}
	for late, want := range map[time.Duration]string{
		0:                "[]",
		23 * time.Minute: "[cluster a: nodeman: lines arrive more than 20 minutes late, which is later than they may: check the collector, or raise the lateness in the data source settings.]",
	} {
		res := &scan.Result{Now: noon, Units: []scan.Unit{{Unit: incident.Unit{Source: signature.Nodeman, Cluster: "a", Live: shipping}, Late: late}}}
		if got := fmt.Sprint(ailments(res, []signature.Source{signature.Nodeman}, v)); got != want {
			t.Errorf("%s late: %s, want %s", late, got, want)
		}
	}
}

func TestNeededSourcesIncludeThoseOfCauses(t *testing.T) {
	d := open(t, newFake())
	offline, _ := d.catalogue.set.Get("offline")
	if got := needed([]*signature.Signature{offline}, d.catalogue.set); !slices.Equal(got, []signature.Source{signature.Nodeman, signature.Agent}) {
		t.Errorf("%v", got)
	}
}

func TestAHealthQueryThatIsGivenUpIsAnError(t *testing.T) {
	d := open(t, busy())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.snapshots.get(ctx, "k", time.Minute, func(ctx context.Context) (*scan.Result, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}); err == nil {
		t.Error("no error")
	}
}
