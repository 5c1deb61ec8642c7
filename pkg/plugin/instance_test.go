package plugin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
)

// instance makes a data source as Grafana would.
func instance(t *testing.T, s backend.DataSourceInstanceSettings) *Datasource {
	t.Helper()
	return instanceAt(t, s, time.Now)
}

func instanceAt(t *testing.T, s backend.DataSourceInstanceSettings, clock func() time.Time) *Datasource {
	t.Helper()
	s.UID = "bk"
	d, err := newInstance(t.Context(), s, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Dispose)
	return d
}

// streamOf is the stream of the first line of evidence, as matchers.
func streamOf(t *testing.T, f *data.Frame) string {
	t.Helper()
	labels, matchers := map[string]string{}, []logs.Matcher{}
	if err := json.Unmarshal(cells(t, f, "labels")[0].(json.RawMessage), &labels); err != nil {
		t.Fatal(err)
	}
	for name, value := range labels {
		matchers = append(matchers, logs.Matcher{Name: name, Op: logs.Equal, Value: value})
	}
	out, err := json.Marshal(matchers)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheBuiltInSamplesAnswerEveryType(t *testing.T) {
	d := instance(t, backend.DataSourceInstanceSettings{JSONData: []byte(`{"store":"samples","language":"en"}`)})
	now := time.Now()
	further := map[query.Type]string{query.Steps: `,"signatures":["curl-dns"]`, query.Explain: `,"line":"curl: (6) Could not resolve host: x"`}
	for _, kind := range query.Types() {
		res := d.respond(t.Context(), backend.DataQuery{
			JSON:      fmt.Appendf(nil, `{"queryType":%q%s}`, kind, further[kind]),
			TimeRange: backend.TimeRange{From: now.Add(-24 * time.Hour), To: now},
		}, nil, false)
		if kind == query.Incidents {
			further[query.Changes] = fmt.Sprintf(`,"incident":%q`, cells(t, frame(t, res), "id")[0])
		}
		if kind == query.Evidence {
			further[query.Context] = `,"matchers":` + streamOf(t, frame(t, res))
		}
		if f := frame(t, res); f.Rows() == 0 && kind != query.Alert {
			t.Errorf("%s: no rows; notices %+v", kind, f.Meta.Notices)
		}
	}
	health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || health.Status != backend.HealthStatusOk || !strings.Contains(health.Message, "Connected") {
		t.Errorf("%+v %v", health, err)
	}
	var hosts []string
	if err := json.Unmarshal(call(t, d, "GET", "hosts").Body, &hosts); err != nil || len(hosts) == 0 {
		t.Errorf("%v %v", hosts, err)
	}
}

// The shipped catalogue must keep what alert rules rely on, whatever its texts are.
func TestTheShippedCatalogueMakesWholeLabels(t *testing.T) {
	d := instance(t, backend.DataSourceInstanceSettings{JSONData: []byte(`{"store":"samples"}`)})
	now := time.Now()
	for hour := 0; hour < 24; hour += 4 {
		end := now.Add(-time.Duration(hour) * time.Hour)
		res := d.respond(t.Context(), backend.DataQuery{JSON: []byte(`{"queryType":"alert"}`), TimeRange: backend.TimeRange{From: end.Add(-15 * time.Minute), To: end}}, nil, true)
		f := frame(t, res)
		seen := map[string]bool{}
		for r := range f.Rows() {
			var row []string
			for _, name := range frames.IdentityLabels() {
				row = append(row, cells(t, f, name)[r].(string))
			}
			labels := strings.Join(row, "|")
			if seen[labels] || row[0] == "" || row[1] == "" || row[2] == "" {
				t.Errorf("%s: %q", end, row)
			}
			seen[labels] = true
		}
	}
}

func TestTheHealthCheckOfARealConnection(t *testing.T) {
	answer := func(status int, kind, body string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	servers := map[string]*httptest.Server{
		layerAuth:    answer(401, "text/plain", "unauthorized"),
		layerTenant:  answer(401, "text/plain", "no org id"),
		layerNotLoki: answer(200, "text/html", "<html>log in</html>"),
		layerTLS:     secure,
	}
	for _, s := range servers {
		t.Cleanup(s.Close)
	}
	for layer, address := range map[string]string{
		layerAuth: servers[layerAuth].URL, layerTenant: servers[layerTenant].URL, layerNotLoki: servers[layerNotLoki].URL,
		layerTLS: secure.URL, layerConnection: closed.URL, layerURL: "loki:3100", layerDNS: "http://no-such-host.invalid",
	} {
		t.Run(layer, func(t *testing.T) {
			d := instance(t, backend.DataSourceInstanceSettings{URL: address, JSONData: []byte(`{"language":"en","requestTimeout":"5s","queryTimeout":"20s"}`)})
			res, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			if err != nil {
				t.Fatal(err)
			}
			var c checkup
			if err := json.Unmarshal(res.JSONDetails, &c); err != nil || res.Status != backend.HealthStatusError || c.Layer != layer || c.Hint == "" {
				t.Errorf("%s %v: %s", res.JSONDetails, err, res.Message)
			}
			if q := one(t, d, `{"queryType":"incidents"}`); q.Error == nil || len(q.Frames) > 0 && !saysUnknown(q) {
				t.Errorf("a query answers: %+v", q)
			}
		})
	}
}

func TestTenantAndUserReachLoki(t *testing.T) {
	got := make(chan http.Header, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Clone()
		http.Error(w, "stop", http.StatusBadRequest)
	}))
	defer s.Close()
	d := instance(t, backend.DataSourceInstanceSettings{
		URL: s.URL, BasicAuthEnabled: true, BasicAuthUser: "grafana",
		JSONData:                []byte(`{"tenant":"team-a","httpHeaderName1":"X-Custom"}`),
		DecryptedSecureJSONData: map[string]string{"basicAuthPassword": "secret", "httpHeaderValue1": "custom"},
	})
	_, _ = d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	select {
	case h := <-got:
		user, password, _ := (&http.Request{Header: h}).BasicAuth()
		if h.Get("X-Custom") != "custom" || user != "grafana" || password != "secret" {
			t.Errorf("%v", h)
		}
	default:
		t.Fatal("nothing reached Loki")
	}
}

func TestSettingsThatCannotBeUsedAnswerInWords(t *testing.T) {
	for name, s := range map[string]backend.DataSourceInstanceSettings{
		"no URL":      {JSONData: []byte(`{"language":"en"}`)},
		"no duration": {URL: "http://loki:3100", JSONData: []byte(`{"language":"en","queryTimeout":"soon"}`)},
		"a selector":  {URL: "http://loki:3100", JSONData: []byte(`{"language":"en","sources":[{"source":"nodeman","selector":"{"}]}`)},
		"certificate": {URL: "https://loki:3100", JSONData: []byte(`{"language":"en","tlsAuthWithCACert":true}`), DecryptedSecureJSONData: map[string]string{"tlsCACert": "not a certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := instance(t, s)
			res := one(t, d, `{"queryType":"health"}`)
			if res.Error == nil || res.Status != 400 || res.ErrorSource != backend.ErrorSourceDownstream {
				t.Errorf("%+v", res)
			}
			health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			if err != nil || health.Status != backend.HealthStatusError {
				t.Errorf("%+v %v", health, err)
			}
			t.Log(health.Message)
		})
	}
}
