package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/tracing"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
	builtin "github.com/blueking/incidents/pkg/signature/catalogue"
)

const (
	// memoryBytes bounds what a data source remembers of logs that it has read.
	memoryBytes = 64 << 20
	// transportGrace is how much longer the HTTP client waits than a request may take, so that it is the request's
	// own timeout that fires and is reported.
	transportGrace = 5 * time.Second
)

// shippedSignatures are read once: they are immutable, and every change of settings makes a new instance.
var shippedSignatures = sync.OnceValues(builtin.Load)

// NewInstance makes a data source of Grafana's settings. Settings that cannot be used make one that answers every call
// with what is wrong: Grafana would show an error of the factory as "plugin unavailable".
func NewInstance(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d, err := newInstance(ctx, s, time.Now)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func newInstance(ctx context.Context, s backend.DataSourceInstanceSettings, clock func() time.Time) (*Datasource, error) {
	shipped, err := shippedSignatures()
	if err != nil {
		return nil, fmt.Errorf("load the shipped signatures: %w", err)
	}
	loaded, broken := settings.Load(s)
	c := configOf(s, loaded, clock)
	cat, err := loadCatalogue(shipped, loaded.Signatures, c.defined())
	if err != nil {
		return nil, fmt.Errorf("join shipped and custom signatures: %w", err)
	}
	for _, problem := range cat.texts(signature.EN) {
		backend.Logger.FromContext(ctx).Warn("A custom signature is left out: correct it in the data source settings", "datasource", s.UID, "problem", problem)
	}
	if broken != nil {
		c.Broken = brokenSettings(broken)
		return newDatasource(c, nil, nil, cat), nil
	}
	st, err := newStore(ctx, s, loaded, c)
	if err != nil {
		c.Broken = brokenClient(err)
		return newDatasource(c, nil, nil, cat), nil
	}
	return newDatasource(c, st, scan.New(st, scan.Options{
		Prepared: scan.Prepare(cat.set), Labels: c.Labels, Selectors: c.Selectors,
		LookbackMax: loaded.LookbackMax.D(), Lateness: loaded.Lateness.D(), MemoryBytes: memoryBytes,
		MaxLines: loaded.MaxLines, MaxBytes: loaded.MaxBytes, Clock: c.Clock,
		Observer: c.Observed.metrics, Tracer: c.Observed.tracer,
	}), cat), nil
}

// configOf takes from the settings what the edge needs.
func configOf(s backend.DataSourceInstanceSettings, loaded settings.Settings, clock func() time.Time) config {
	c := config{
		UID: s.UID, LokiUID: loaded.LokiUID, Lang: signature.ZH, Version: loaded.BlueKingVersion,
		Labels:       incident.Settings{HostLabels: loaded.HostLabels, ClusterLabel: loaded.ClusterLabel},
		QueryTimeout: loaded.QueryTimeout.D(), Lateness: loaded.Lateness.D(), Clock: clock, Forwards: forwards(s.JSONData),
		Observed: observation{metrics: metrics.Default(), tracer: tracing.DefaultTracer()},
	}
	if loaded.Language == string(signature.EN) {
		c.Lang = signature.EN
	}
	for _, src := range loaded.Sources {
		c.Selectors = append(c.Selectors, scan.Selector{Source: signature.Source(src.Source), Selector: src.Selector, OnHost: src.OnHost, Marked: src.Marked})
	}
	return c
}

// forwards reports whether Grafana's own settings of the data source pass on who looks: his token, cookies, or headers of
// his team. Unreadable settings are told elsewhere.
func forwards(jsonData []byte) bool {
	var grafana struct {
		OAuthPassThru   bool            `json:"oauthPassThru"`
		KeepCookies     []string        `json:"keepCookies"`
		TeamHTTPHeaders json.RawMessage `json:"teamHttpHeaders"`
	}
	return json.Unmarshal(jsonData, &grafana) == nil &&
		(grafana.OAuthPassThru || len(grafana.KeepCookies) > 0 || len(grafana.TeamHTTPHeaders) > 0)
}

// newStore makes the log store that the settings ask for.
func newStore(ctx context.Context, s backend.DataSourceInstanceSettings, loaded settings.Settings, c config) (store, error) {
	if loaded.Store == settings.Samples {
		return sampleStore{samples.New(c.Clock)}, nil
	}
	client, err := httpClient(ctx, s, loaded.RequestTimeout.D()+transportGrace)
	if err != nil {
		return nil, err
	}
	return loki.New(loki.Options{
		URL: loaded.URL, HTTP: client, Tenant: loaded.Tenant, PageLimit: loaded.PageLimit, Parallel: loaded.Parallel,
		RequestTimeout: loaded.RequestTimeout.D(), Language: loaded.Language, Now: c.Clock,
		Observer: c.Observed.metrics, Tracer: c.Observed.tracer,
	}), nil
}

// httpClient is the SDK's: basic auth, TLS, custom headers, the secure socks proxy and forwarded user credentials are
// its business.
func httpClient(ctx context.Context, s backend.DataSourceInstanceSettings, timeout time.Duration) (*http.Client, error) {
	o, err := s.HTTPClientOptions(ctx)
	if err != nil {
		return nil, err
	}
	o.ForwardHTTPHeaders = true
	timeouts := httpclient.DefaultTimeoutOptions
	if o.Timeouts != nil {
		timeouts = *o.Timeouts
	}
	timeouts.Timeout = timeout
	o.Timeouts = &timeouts
	return httpclient.New(o)
}

func brokenSettings(err error) error {
	text := func(lang signature.Lang) string { return strings.ReplaceAll(frames.Message(err, lang), "\n", "; ") }
	return &said{
		zh:     fmt.Sprintf("数据源设置有误，请修改后保存：%s", text(signature.ZH)),
		en:     fmt.Sprintf("The data source settings are not valid, correct and save them: %s", text(signature.EN)),
		status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream, cause: err,
	}
}

func brokenClient(err error) error {
	return &said{
		zh:     fmt.Sprintf("无法按数据源设置建立 HTTP 客户端（%v）。请检查 TLS 证书、密钥和代理设置。", err),
		en:     fmt.Sprintf("No HTTP client can be made of the data source settings (%v). Check TLS certificates, keys and proxy.", err),
		status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream, cause: err,
	}
}
