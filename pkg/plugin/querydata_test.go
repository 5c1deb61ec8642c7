package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
	known "github.com/blueking/incidents/pkg/source"
)

// busy has a confirmed symptom with its cause, and a gateway failure that is over.
func busy() *fake {
	f := newFake()
	f.log(signature.Nodeman, 12*time.Minute, "host 10.0.0.1 is offline")
	f.log(signature.Nodeman, 10*time.Minute, "host 10.0.0.2 is offline")
	f.log(signature.Agent, 11*time.Minute, "name not resolved")
	f.log(signature.Gateway, 25*time.Minute, "cannot fetch the key")
	f.log(signature.Nodeman, time.Minute, "on trial only")
	f.log(signature.Nodeman, 3*time.Minute, "[2026-11-01 12:00:00 ERROR] nobody has seen this one before")
	return f
}

// ofNodeman is the stream of nodeman in the fake store.
const ofNodeman = `"matchers":[{"name":"app","op":"=","value":"nodeman"},{"name":"cluster","op":"=","value":"c1"}]`

func TestEveryTypeAnswers(t *testing.T) {
	d := open(t, busy())
	further := map[query.Type]string{
		query.Context: `,` + ofNodeman, query.Explain: `,"line":"host 10.0.0.1 is offline"`,
		query.Changes: fmt.Sprintf(`,"incident":%q`, offline(t, d, "10.0.0.1")),
	}
	for _, kind := range query.Types() {
		t.Run(string(kind), func(t *testing.T) {
			res := one(t, d, fmt.Sprintf(`{"queryType":%q,"signatures":["offline"]%s}`, kind, further[kind]))
			if f := frame(t, res); f.Rows() == 0 {
				t.Errorf("no rows: %+v", f.Meta)
			}
		})
	}
}

func TestAQueryThatFailsFailsAlone(t *testing.T) {
	d := open(t, busy())
	answers := ask(t, d, map[string]string{
		"A": `{"queryType":"incidents"}`,
		"B": `{"queryType":"nonsense"}`,
		"C": `{"queryType":"alert","signatures":["no-such"]}`,
		"D": `not json`,
		"E": `{"queryType":"steps","incident":"0000000000000000"}`,
		"F": `{"queryType":"count"}`,
	})
	if len(answers) != 6 {
		t.Fatalf("%d answers for 6 queries", len(answers))
	}
	for _, refID := range []string{"A", "F"} {
		frame(t, answers[refID])
	}
	for refID, want := range map[string]struct {
		status backend.Status
		text   string
	}{
		"B": {400, `queryType "nonsense" is unknown: use incidents`},
		"C": {400, `signature "no-such" is unknown: choose one of key-timeout`},
		"D": {400, "not a JSON object"},
		"E": {404, "widen the range"},
	} {
		res := answers[refID]
		if res.Error == nil || res.Status != want.status || res.ErrorSource != backend.ErrorSourceDownstream || !strings.Contains(res.Error.Error(), want.text) || len(res.Frames) > 0 && !saysUnknown(res) {
			t.Errorf("%s: status %d source %s frames %d: %v", refID, res.Status, res.ErrorSource, len(res.Frames), res.Error)
		}
	}
}

// saysUnknown reports whether an answer has one row, and that says that nothing is known.
func saysUnknown(res backend.DataResponse) bool {
	if len(res.Frames) != 1 || rowsOf(res.Frames[0]) != 1 {
		return false
	}
	for _, field := range res.Frames[0].Fields {
		text, _ := field.ConcreteAt(0)
		if said, _ := text.(string); strings.HasPrefix(said, "Unknown: ") || strings.HasPrefix(said, "未知：") {
			return true
		}
	}
	return false
}

func rowsOf(f *data.Frame) int {
	n, err := f.RowLen()
	if err != nil {
		return -1
	}
	return n
}

func TestAPanicEndsOneQueryOnly(t *testing.T) {
	f := busy()
	f.panics = true
	d := open(t, f)
	answers := ask(t, d, map[string]string{"A": `{"queryType":"incidents"}`, "B": `{"queryType":"steps","signatures":["offline"]}`})
	if res := answers["A"]; res.Error == nil || res.Status != 500 || res.ErrorSource != backend.ErrorSourcePlugin || strings.Contains(res.Error.Error(), "boom") {
		t.Errorf("A: %+v", res)
	}
	frame(t, answers["B"])
}

// notReady is an error as pkg/loki makes them.
var notReady = &loki.Error{Kind: logs.KindNotReady, Status: 503, Detail: "ingester 17 not ready", Downstream: true}

func TestErrorsSayWhoseTheyAreAndWhatToDo(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		status backend.Status
		source backend.ErrorSource
		text   string
	}{
		"url":          {&loki.Error{Kind: logs.KindURL, Downstream: true}, 400, "downstream", "Correct the URL"},
		"dns":          {&loki.Error{Kind: logs.KindDNS, Downstream: true}, 502, "downstream", "does not resolve"},
		"refused":      {&loki.Error{Kind: logs.KindRefused, Downstream: true}, 502, "downstream", "Check host and port"},
		"tls":          {&loki.Error{Kind: logs.KindTLS, Downstream: true}, 502, "downstream", "certificates"},
		"auth":         {&loki.Error{Kind: logs.KindAuth, Status: 401, Downstream: true}, 401, "downstream", "Check user, password or token"},
		"tenant":       {&loki.Error{Kind: logs.KindTenant, Status: 401, Downstream: true}, 403, "downstream", "X-Scope-OrgID"},
		"not ready":    {notReady, 503, "downstream", "ingester 17 not ready"},
		"rate limited": {&loki.Error{Kind: logs.KindRateLimited, Status: 429, Downstream: true}, 429, "downstream", "Refresh less often"},
		"timeout":      {&loki.Error{Kind: logs.KindTimeout, Downstream: true}, 504, "downstream", "shorter time range"},
		"hangs":        {&loki.Error{Kind: logs.KindHangs, Downstream: true}, 504, "downstream", "does not help"},
		"dropped":      {&loki.Error{Kind: logs.KindDropped, Downstream: true}, 502, "downstream", "does not restart"},
		"too large":    {&loki.Error{Kind: logs.KindTooLarge, Status: 400, Downstream: true}, 400, "downstream", "narrower stream selector"},
		"limit":        {&loki.Error{Kind: logs.KindLimit, Status: 400, Downstream: true}, 400, "downstream", "limit"},
		"query":        {&loki.Error{Kind: logs.KindQuery, Status: 400, Downstream: true}, 400, "downstream", "Check the stream selectors"},
		"blocked":      {&loki.Error{Kind: logs.KindBlocked, Status: 400, Downstream: true}, 403, "downstream", "operator"},
		"not loki":     {&loki.Error{Kind: logs.KindNotLoki, Status: 404, Downstream: true}, 502, "downstream", "without /loki/api/v1"},
		"broken":       {&loki.Error{Kind: logs.KindBroken, Downstream: true}, 502, "downstream", "proxies"},
		"partial":      {&loki.Error{Kind: logs.KindPartial, Status: 200, Detail: "returning partial results", Downstream: true}, 502, "downstream", "returning partial results"},
		"server":       {&loki.Error{Kind: logs.KindServer, Status: 500, Downstream: true}, 502, "downstream", "look at Loki's logs"},
		"canceled":     {&loki.Error{Kind: logs.KindCanceled, Downstream: true}, 499, "downstream", "Run it again"},
		"request":      {&loki.Error{Kind: logs.KindRequest}, 500, "plugin", "Shorten the selectors"},
		"wrapped":      {fmt.Errorf("read logs: %w", notReady), 503, "downstream", "Wait until Loki has started"},
		"out of time":  {context.DeadlineExceeded, 504, "downstream", "queryTimeout"},
		"given up":     {context.Canceled, 499, "downstream", "Run it again"},
		"unknown":      {errors.New("something odd"), 500, "plugin", "something odd. Try again"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			for _, source := range known.Defaults() {
				f.fails[source] = tc.err
			}
			d := open(t, f)
			for _, text := range []string{`{"queryType":"incidents"}`, `{"queryType":"alert"}`} {
				res := one(t, d, text)
				// A rule sees the error only; a panel a row that says so, or it would show its text for "no incidents".
				if forPeople := strings.Contains(text, "incidents"); res.Error == nil || forPeople != saysUnknown(res) || !forPeople && len(res.Frames) > 0 {
					t.Fatalf("%s: %d frames, error %v", text, len(res.Frames), res.Error)
				}
				if res.Status != tc.status || res.ErrorSource != tc.source || !strings.Contains(res.Error.Error(), tc.text) {
					t.Errorf("%s: status %d source %s: %v", text, res.Status, res.ErrorSource, res.Error)
				}
			}
			if zh := one(t, d, `{"queryType":"incidents","language":"zh"}`).Error.Error(); !strings.ContainsFunc(zh, func(r rune) bool { return r > 0x4e00 && r < 0x9fff }) {
				t.Errorf("not Chinese: %s", zh)
			}
		})
	}
}

func TestOneBadSourceLeavesTheOthersVisible(t *testing.T) {
	f := busy()
	f.fails[signature.Gateway] = notReady
	incidents := frame(t, one(t, open(t, f), `{"queryType":"incidents"}`))
	if n := incidents.Rows(); n != 3 {
		t.Errorf("%d incidents, want those of the other sources", n)
	}
	if len(incidents.Meta.Notices) != 1 || !strings.Contains(incidents.Meta.Notices[0].Text, "bk-job-gateway could not be read") {
		t.Errorf("notices %+v", incidents.Meta.Notices)
	}
}

func TestAnAlertRuleNeedsNumbers(t *testing.T) {
	d := open(t, busy())
	req := &backend.QueryDataRequest{Headers: map[string]string{backend.FromAlertHeaderName: "true"}}
	for _, kind := range query.Types() {
		req.Queries = append(req.Queries, backend.DataQuery{RefID: string(kind), TimeRange: lastHour,
			JSON: fmt.Appendf(nil, `{"queryType":%q,"signatures":["offline"]}`, kind)})
	}
	resp, err := d.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for kind, res := range resp.Responses {
		if query.Type(kind).Numeric() != (res.Error == nil) {
			t.Errorf("%s: %v", kind, res.Error)
		}
	}
}

// Grafana's page of an alert rule shows our defaults and stores none of them until somebody changes a field.
func TestAnAlertRuleWithoutATypeIsAnAlert(t *testing.T) {
	d := open(t, busy())
	req := &backend.QueryDataRequest{
		Headers: map[string]string{backend.FromAlertHeaderName: "true"},
		Queries: []backend.DataQuery{{RefID: "A", TimeRange: lastHour, JSON: []byte(`{"refId":"A","hide":false}`)}},
	}
	resp, err := d.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got := frame(t, resp.Responses["A"]); got.Name != "alert" || got.Rows() == 0 {
		t.Errorf("%s with %d rows", got.Name, got.Rows())
	}
	if got := frame(t, one(t, d, `{"refId":"A"}`)); got.Name != "incidents" {
		t.Errorf("a panel's query without a type answers with %s", got.Name)
	}
}

func TestBrokenSettingsAnswerEverything(t *testing.T) {
	d := open(t, newFake(), func(c *config) { c.Broken = badRequest("设置有误。", "The settings are wrong.") })
	res := one(t, d, `{"queryType":"health"}`)
	if res.Error == nil || res.Status != 400 || res.Error.Error() != "The settings are wrong." {
		t.Errorf("%d %v", res.Status, res.Error)
	}
}

func TestFilters(t *testing.T) {
	d := open(t, busy())
	for filter, want := range map[string][]any{
		`"states":["active"]`:                                 {"unresolved", "offline", "offline"},
		`"states":["resolved"]`:                               {"key-timeout"},
		`"severities":["high"]`:                               {"offline", "offline"},
		`"sources":["agent"]`:                                 {"unresolved"},
		`"hosts":["10.0.0.1"]`:                                {"offline"},
		`"clusters":["c1"],"signatures":["offline"]`:          {"offline", "offline"},
		`"clusters":["elsewhere"]`:                            nil,
		`"signatures":"trial"`:                                {"trial"},
		`"signatures":["trial","key-timeout"],"limit":1`:      {"trial"},
		`"severities":["critical","low"],"language":"zh"`:     {"key-timeout"},
		`"matchers":[{"name":"pod","op":"=~","value":"a.*"}]`: {"offline", "offline", "unresolved", "key-timeout"}, // the store's business
	} {
		t.Run(filter, func(t *testing.T) {
			got := cells(t, frame(t, one(t, d, `{"queryType":"incidents",`+filter+`}`)), "signature")
			slices.SortFunc(got, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			slices.SortFunc(want, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestAnIncidentIsFoundByIdAndByFingerprint(t *testing.T) {
	d := open(t, busy())
	all := frame(t, one(t, d, `{"queryType":"incidents"}`))
	for i, id := range cells(t, all, "id") {
		for _, name := range []any{id, cells(t, all, "fingerprint")[i]} {
			for _, kind := range []string{"incidents", "steps", "evidence"} {
				f := frame(t, one(t, d, fmt.Sprintf(`{"queryType":%q,"incident":%q}`, kind, name)))
				if f.Rows() != 1 {
					t.Errorf("%s of %s: %d rows", kind, name, f.Rows())
				}
			}
		}
	}
}

func TestStepsOfASignatureNeedNoLogs(t *testing.T) {
	f := newFake()
	for _, source := range known.Defaults() {
		f.fails[source] = notReady
	}
	d := open(t, f)
	steps := frame(t, one(t, d, `{"queryType":"steps","signatures":["offline"]}`))
	if f.reads.Load() != 0 || steps.Rows() != 1 {
		t.Errorf("%d reads, %d rows", f.reads.Load(), steps.Rows())
	}
	if doc := cells(t, steps, "markdown")[0].(string); !strings.Contains(doc, "ping '<host>'") {
		t.Errorf("the document has no command:\n%s", doc)
	}
	if res := one(t, d, `{"queryType":"steps","signatures":["offline"],"incident":"x"}`); res.Error == nil {
		t.Error("an incident needs the logs, and they cannot be read")
	}
}

func TestStepsOfAnIncidentOutOfRangeFallBackToItsSignature(t *testing.T) {
	steps := frame(t, one(t, open(t, busy()), `{"queryType":"steps","signatures":["offline"],"incident":"0000000000000000"}`))
	if got := cells(t, steps, "command"); len(got) != 1 || got[0] != "ping '<host>'" {
		t.Errorf("%v", got)
	}
}

func TestACappedSourceIsANoticeToPeople(t *testing.T) {
	f := busy()
	f.caps[signature.Nodeman] = "the limit of 5 lines was reached"
	got := frame(t, one(t, open(t, f), `{"queryType":"evidence"}`))
	if len(got.Meta.Notices) != 1 || got.Meta.Notices[0].Severity.String() != "warning" {
		t.Errorf("%+v", got.Meta.Notices)
	}
}
