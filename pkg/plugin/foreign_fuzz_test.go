package plugin

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

// FuzzCallResource sends a resource call as anybody with a session may: any method, path, query, body and header.
// The answer is one JSON value or a plain refusal of the router's, reads never succeed with another method than GET,
// and nothing panics.
func FuzzCallResource(f *testing.F) {
	for _, address := range []string{
		"signatures", "hosts", "clusters?from=1&to=2", "incidents?from=1761994800000&to=1761998400000", "labels/app/values", "labels/..%2f..%2fadmin/values",
		"labels/{a=\"b\"}/values", "labels//values", "/signatures", "//host/signatures", "..", "http://elsewhere/signatures", "incidents?from=9223372036854775807&to=1", "hosts?from=-1", "hosts?from=%zz", "\x00", "signatures#x", "label s",
	} {
		f.Add("GET", address, []byte(nil), "", "")
		f.Add("POST", address, []byte(`{"yaml":"a: &a [*a]"}`), "X-Grafana-Id", "x")
	}
	f.Add("GET", "streams?selector={app=~\"日.*\"}&language=zh", []byte(nil), "", "")
	f.Add("GET", "streams?selector=%ff{", []byte(nil), "", "")
	f.Add("POST", "lint?language=zh", []byte(customSignature), "", "")
	f.Add("POST", "lint", []byte("id: [\n--- {{"), "Content-Encoding", "gzip")
	f.Add("G T", "signatures", []byte("x"), "Cookie", "\n")
	f.Fuzz(func(t *testing.T, method, address string, body []byte, header, value string) {
		d := open(t, busy())
		path, _, _ := strings.Cut(address, "?")
		var got []*backend.CallResourceResponse
		err := d.CallResource(t.Context(), &backend.CallResourceRequest{
			PluginContext: backend.PluginContext{User: &backend.User{Role: "Admin"}},
			Method:        method, Path: path, URL: address, Body: body, Headers: map[string][]string{header: {value}},
		},
			backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error { got = append(got, r); return nil }))
		if err != nil {
			// What is no HTTP request at all is refused by the SDK.
			return
		}
		if len(got) != 1 {
			t.Fatalf("%d answers", len(got))
		}
		res := got[0]
		if res.Status < 200 || res.Status > 599 || res.Status == 500 {
			t.Fatalf("%s %q: %d %s", method, address, res.Status, res.Body)
		}
		if strings.HasPrefix(strings.Join(res.Headers["Content-Type"], ""), "application/json") && !json.Valid(res.Body) {
			t.Fatalf("%s %q: not JSON: %q", method, address, res.Body)
		}
	})
}

// FuzzQueryData sends a query as a dashboard, a rule or anybody with a session may, over any range: an answer that can
// be sent, or an error whose text is bounded, never both and never neither.
func FuzzQueryData(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `null`, `[]`, `{"queryType":"incidents"}`, `{"queryType":"annotations"}`, `{"queryType":"alert","view":"evidence"}`, `{"queryType":"count","stat":"hosts","severities":"high"}`, `{"queryType":"timeline"}`,
		`{"queryType":"evidence","limit":-1}`, `{"queryType":"steps","incident":"x~"}`, `{"queryType":"steps","signature":"offline"}`, `{"queryType":"signatures","limit":9e99}`, `{"queryType":"unmatched","stat":"lines"}`, `{"queryType":"health"}`,
		`{"queryType":"incidents","matchers":[{"name":"host","op":"=~","value":"(a|b)*|\"}"}],"hosts":["${host:raw}"],"language":"zh"}`,
		`{"queryType":"incidents","states":["active"],"clusters":[""],"signatures":["offline","offline"]}`,
	} {
		f.Add([]byte(text), noon.Add(-time.Hour).UnixMilli(), noon.UnixMilli(), int64(100), true)
	}
	f.Add([]byte(`{"queryType":"timeline"}`), int64(math.MinInt64), int64(math.MaxInt64), int64(-1), false)
	f.Add([]byte(`{"queryType":"timeline"}`), noon.UnixMilli(), noon.Add(-time.Hour).UnixMilli(), int64(0), false)
	f.Fuzz(func(t *testing.T, text []byte, from, to, points int64, alert bool) {
		d := open(t, busy())
		req := &backend.QueryDataRequest{Headers: map[string]string{}, Queries: []backend.DataQuery{{
			RefID: "A", JSON: text, MaxDataPoints: points, Interval: time.Duration(points), TimeRange: backend.TimeRange{From: time.UnixMilli(from), To: time.UnixMilli(to)},
		}}}
		if alert {
			req.Headers[backend.FromAlertHeaderName] = "true"
		}
		resp, err := d.QueryData(t.Context(), req)
		if err != nil || len(resp.Responses) != 1 {
			t.Fatalf("%v %v", resp, err)
		}
		got := resp.Responses["A"]
		if (got.Error == nil) != (len(got.Frames) == 1) {
			t.Fatalf("%s: %v and %d frames", text, got.Error, len(got.Frames))
		}
		if got.Error != nil {
			if msg := got.Error.Error(); msg == errPanic.en || msg == errPanic.zh || len(msg) > 8<<10 || !utf8.ValidString(msg) || got.ErrorSource == "" {
				t.Fatalf("%s: %q %d", text, msg, len(msg))
			}
			return
		}
		if _, err := got.Frames.MarshalArrow(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// FuzzCustomSignatures loads what somebody wrote into the settings: the shipped signatures stay, whatever is beside
// them, and what is wrong is told in bounded text.
func FuzzCustomSignatures(f *testing.F) {
	f.Add(testSignatures)
	f.Add(strings.ReplaceAll(testSignatures, "id: ", "id: my-"))
	f.Add("id: [")
	f.Add("a: &a [*a]\n---\n" + strings.Repeat("- ", 5000))
	shipped, err := signature.Parse("shipped.yaml", []byte(testSignatures))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cat, err := loadCatalogue(shipped, text, signature.Sources())
		if err != nil {
			t.Fatal(err)
		}
		for _, sig := range shipped {
			if have, ok := cat.set.Get(sig.ID); !ok || have != sig || cat.custom[sig.ID] {
				t.Fatalf("%s is gone", sig.ID)
			}
		}
		for _, problem := range append(cat.texts(signature.ZH), cat.texts(signature.EN)...) {
			if problem == "" {
				t.Fatal("a problem without words")
			}
		}
	})
}
