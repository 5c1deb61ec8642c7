package plugin

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/signature"
)

// update rewrites the goldens: go test ./pkg/plugin -update
var update = flag.Bool("update", false, "rewrite the golden files")

func lokiError(kind logs.Kind, status int, detail string) error {
	return &loki.Error{Kind: kind, Status: status, Detail: detail, Downstream: true}
}

func TestHealthCheckNamesTheLayerThatFails(t *testing.T) {
	unready := func(err error) func(*fake, *config) { return func(f *fake, _ *config) { f.ready = err } }
	query := func(err error) func(*fake, *config) {
		return func(f *fake, _ *config) { f.fails[signature.Nodeman] = err }
	}
	cases := []struct {
		name   string
		breaks func(*fake, *config)
		custom string
		status backend.HealthStatus
		layer  string
	}{
		{"all is well", func(*fake, *config) {}, "", backend.HealthStatusOk, layerOK},
		{"settings", func(_ *fake, c *config) { c.Broken = badRequest("设置有误。", "The settings are wrong.") }, "", backend.HealthStatusError, layerSettings},
		{"no selector", func(_ *fake, c *config) { c.Selectors = nil }, "", backend.HealthStatusError, layerSettings},
		{"url", unready(lokiError(logs.KindURL, 0, "not an http:// or https:// address")), "", backend.HealthStatusError, layerURL},
		{"dns", unready(lokiError(logs.KindDNS, 0, "lookup loki: no such host")), "", backend.HealthStatusError, layerDNS},
		{"connection", unready(lokiError(logs.KindRefused, 0, "connection refused")), "", backend.HealthStatusError, layerConnection},
		{"tls", unready(lokiError(logs.KindTLS, 0, "certificate signed by unknown authority")), "", backend.HealthStatusError, layerTLS},
		{"auth", unready(lokiError(logs.KindAuth, 401, "")), "", backend.HealthStatusError, layerAuth},
		{"not ready", unready(lokiError(logs.KindNotReady, 503, "Ingester not ready")), "", backend.HealthStatusError, layerReady},
		{"not loki", unready(lokiError(logs.KindNotLoki, 404, "")), "", backend.HealthStatusError, layerNotLoki},
		{"tenant, which only a query shows", query(lokiError(logs.KindTenant, 401, "no org id")), "", backend.HealthStatusError, layerTenant},
		{"query", query(lokiError(logs.KindQuery, 400, "parse error")), "", backend.HealthStatusError, layerQuery},
		{"one source has no streams", func(f *fake, _ *config) { f.streams[signature.Agent] = 0 }, "", backend.HealthStatusOk, layerStreams},
		{"no source has streams", func(f *fake, _ *config) { clear(f.streams) }, "", backend.HealthStatusError, layerStreams},
		{"custom signature", func(*fake, *config) {}, "apiVersion: bkincidents/v1\nid: mine\nrevison: 1\n", backend.HealthStatusError, layerSignatures},
	}
	for _, lang := range []signature.Lang{signature.EN, signature.ZH} {
		var names, statuses, messages, details []string
		for _, tc := range cases {
			f := newFake()
			d := openWith(t, f, tc.custom, func(c *config) { c.Lang = lang; tc.breaks(f, c) })
			res, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			if err != nil {
				t.Fatal(err)
			}
			var c checkup
			if err := json.Unmarshal(res.JSONDetails, &c); err != nil {
				t.Fatal(err)
			}
			if res.Status != tc.status || c.Layer != tc.layer || res.Message == "" {
				t.Errorf("%s: status %s layer %s: %s", tc.name, res.Status, c.Layer, res.Message)
			}
			if strings.Contains(strings.ToLower(res.Message), "server logs") {
				t.Errorf("%s sends the user to the logs", tc.name)
			}
			names, statuses = append(names, tc.name), append(statuses, res.Status.String())
			messages, details = append(messages, res.Message), append(details, string(res.JSONDetails))
		}
		golden := data.NewFrame("checkhealth",
			data.NewField("case", nil, names), data.NewField("status", nil, statuses),
			data.NewField("message", nil, messages), data.NewField("details", nil, details))
		experimental.CheckGoldenJSONFrame(t, "testdata", "checkhealth."+string(lang), golden, *update)
	}
}
