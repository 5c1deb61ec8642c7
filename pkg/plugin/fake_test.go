package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	known "github.com/blueking/incidents/pkg/source"
)

func (f *fake) ClockAhead() time.Duration { return f.ahead }

const testSignatures = `
apiVersion: bkincidents/v1
id: offline
revision: 1
status: active
severity: high
class: operation
family: agent
title: {zh: '主机 {{host}} 离线', en: 'Host {{host}} is offline'}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: 'host %{ip:host_ip} is offline'}
detect: {term: failed}
key: [cluster, host]
cause: [{signature: unresolved, within: 30m, join: [cluster]}]
resolve: {quiet: 20m}
remediation:
  - {id: look, risk: read-only, text: {zh: '看 {{host}}', en: 'look at {{host}}'}, command: 'ping {{host}}'}
---
apiVersion: bkincidents/v1
id: unresolved
revision: 1
status: active
severity: medium
class: environment
family: agent
title: {zh: 域名解析失败, en: A name does not resolve}
summary: {zh: s, en: s}
terms:
  failed: {source: agent, text: name not resolved}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 20m}
---
apiVersion: bkincidents/v1
id: key-timeout
revision: 1
status: active
severity: critical
class: upstream
family: gateway
title: {zh: 取不到公钥, en: No public key}
summary: {zh: s, en: s}
terms:
  failed: {source: bk-job-gateway, text: cannot fetch the key}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 20m}
---
apiVersion: bkincidents/v1
id: trial
revision: 1
status: shadow
severity: low
class: unknown
family: trial
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, text: on trial only}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 20m}
`

// noon is now.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// fake is a store in memory whose selectors are `{app="<source>"}`. Its maps are keyed by source.
type fake struct {
	mu      sync.Mutex
	lines   map[signature.Source][]logs.Record
	fails   map[signature.Source]error
	caps    map[signature.Source]string
	blind   map[signature.Source]error
	live    map[signature.Source]logs.Liveness
	streams map[signature.Source]int
	ready   error
	ahead   time.Duration
	// onRead is called for every read, before it.
	onRead func(ctx context.Context, source signature.Source) error
	reads  atomic.Int64
	// onSeries answers a look at streams of a length, instead of streams.
	onSeries func(ctx context.Context, ago time.Duration) ([]model.LabelSet, error)
	// panics makes Describe panic, which a scan calls in the goroutine that it was started in.
	panics bool
}

func newFake() *fake {
	return &fake{
		lines: map[signature.Source][]logs.Record{}, fails: map[signature.Source]error{}, caps: map[signature.Source]string{}, blind: map[signature.Source]error{},
		live: map[signature.Source]logs.Liveness{}, streams: map[signature.Source]int{signature.Nodeman: 3, signature.Agent: 2, signature.Gateway: 1},
	}
}

func selectorOf(source signature.Source) string { return `{app="` + string(source) + `"}` }

func sourceOf(selector string) signature.Source {
	return signature.Source(strings.TrimSuffix(strings.TrimPrefix(selector, `{app="`), `"}`))
}

func (f *fake) log(source signature.Source, before time.Duration, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set := model.LabelSet{"app": model.LabelValue(source), "cluster": "c1"}
	f.lines[source] = append(f.lines[source], logs.Record{
		Stream: &logs.Stream{Key: set.String(), Labels: set},
		Entry:  logproto.Entry{Timestamp: noon.Add(-before), Line: line},
	})
}

func (f *fake) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	f.reads.Add(1)
	source := sourceOf(req.Selector)
	cov := &logs.Coverage{Requests: 1}
	return func(yield func(logs.Record, error) bool) {
		if f.onRead != nil {
			if err := f.onRead(ctx, source); err != nil {
				yield(logs.Record{}, err)
				return
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		window := logs.Window{Start: req.Start, End: req.End, State: logs.Complete}
		if err := f.fails[source]; err != nil {
			window.State, window.Reason = logs.Failed, err.Error()
			cov.Add(window)
			yield(logs.Record{}, err)
			return
		}
		if reason := f.caps[source]; reason != "" {
			window.State, window.Reason = logs.Capped, reason
		}
		cov.Add(window)
		for _, rec := range f.lines[source] {
			if at := rec.Entry.Timestamp; at.Before(req.Start) || !at.Before(req.End) {
				continue
			}
			cov.Lines++
			if !yield(rec, nil) {
				return
			}
		}
	}, cov
}

func (f *fake) Live(_ context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{All: f.live[sourceOf(req.Selector)]}, f.blind[sourceOf(req.Selector)]
}

func (f *fake) Describe(req logs.Request) string {
	if f.panics {
		panic("boom")
	}
	return req.Selector
}

func (f *fake) Ready(context.Context) error { return f.ready }

func (f *fake) Streams(_ context.Context, selector string, _, _ time.Time) (int, error) {
	source := sourceOf(selector)
	return f.streams[source], f.fails[source]
}

func (f *fake) Series(ctx context.Context, selector string, _ []logs.Matcher, start, end time.Time) ([]model.LabelSet, error) {
	if f.onSeries != nil {
		return f.onSeries(ctx, end.Sub(start))
	}
	source := sourceOf(selector)
	var out []model.LabelSet
	for i := range f.streams[source] {
		out = append(out, model.LabelSet{"app": model.LabelValue(source), "pod": model.LabelValue(fmt.Sprint(i))})
	}
	return out, f.fails[source]
}

func (f *fake) LabelValues(_ context.Context, name, selector string, _, _ time.Time) ([]string, error) {
	if err := f.fails[sourceOf(selector)]; err != nil {
		return nil, err
	}
	found := []string{}
	for _, rec := range f.lines[sourceOf(selector)] {
		if v := string(rec.Stream.Labels[model.LabelName(name)]); v != "" && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found, nil
}

// open makes a data source on a store, with all three sources.
func open(t *testing.T, f *fake, change ...func(*config)) *Datasource {
	t.Helper()
	return openWith(t, f, "", change...)
}

func openWith(t *testing.T, f *fake, custom string, change ...func(*config)) *Datasource {
	t.Helper()
	shipped, err := signature.Parse("shipped.yaml", []byte(testSignatures))
	if err != nil {
		t.Fatal(err)
	}
	c := config{
		UID: "bk", LokiUID: "loki", Lang: signature.EN, Version: "7.2", QueryTimeout: time.Minute,
		Labels:   incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Clock:    func() time.Time { return noon },
		Observed: observation{metrics: metrics.New(prometheus.NewRegistry()), tracer: noop.NewTracerProvider().Tracer("")},
	}
	for _, source := range known.Defaults() {
		c.Selectors = append(c.Selectors, scan.Selector{Source: source, Selector: selectorOf(source), OnHost: source == signature.Agent})
	}
	for _, do := range change {
		do(&c)
	}
	cat, err := loadCatalogue(shipped, custom, c.defined())
	if err != nil {
		t.Fatal(err)
	}
	d := newDatasource(c, f, scan.New(f, scan.Options{
		Prepared: scan.Prepare(cat.set), Labels: c.Labels, Selectors: c.Selectors, LookbackMax: 24 * time.Hour, Clock: c.Clock,
		Observer: c.Observed.metrics, Tracer: c.Observed.tracer,
	}), cat)
	t.Cleanup(d.Dispose)
	return d
}

var lastHour = backend.TimeRange{From: noon.Add(-time.Hour), To: noon}

// ask sends queries by refId and returns the answers.
func ask(t *testing.T, d *Datasource, queries map[string]string) backend.Responses {
	t.Helper()
	req := &backend.QueryDataRequest{}
	for refID, text := range queries {
		req.Queries = append(req.Queries, backend.DataQuery{RefID: refID, JSON: json.RawMessage(text), TimeRange: lastHour})
	}
	resp, err := d.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Responses
}

// one sends one query.
func one(t *testing.T, d *Datasource, text string) backend.DataResponse {
	t.Helper()
	return ask(t, d, map[string]string{"A": text})["A"]
}

// frame is the one frame of an answer that must not have failed.
func frame(t *testing.T, res backend.DataResponse) *data.Frame {
	t.Helper()
	if res.Error != nil || len(res.Frames) != 1 {
		t.Fatalf("%d frames, error %v", len(res.Frames), res.Error)
	}
	return res.Frames[0]
}

// cells are the values of a column.
func cells(t *testing.T, f *data.Frame, name string) []any {
	t.Helper()
	field, _ := f.FieldByName(name)
	if field == nil {
		return nil
	}
	var out []any
	for i := range field.Len() {
		out = append(out, field.At(i))
	}
	return out
}
