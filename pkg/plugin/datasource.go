// Package plugin is Grafana's edge: it translates queries, health checks and resource calls into scans, and answers
// with frames. What there is to know about failures is in the packages below it.
package plugin

import (
	"context"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
	"github.com/blueking/incidents/pkg/unmatched"
)

// ID is the id in src/plugin.json.
const ID = "blueking-incidents-datasource"

// config is what the settings say, as far as the edge needs it.
type config struct {
	UID, LokiUID string
	Lang         signature.Lang
	// Version of BlueKing.
	Version      string
	Labels       incident.Settings
	Selectors    []scan.Selector
	QueryTimeout time.Duration
	// Lateness is how late a line may arrive.
	Lateness time.Duration
	// Clock returns the time.
	Clock func() time.Time
	// Observed is where numbers and spans go.
	Observed observation
	// Forwards tells that Loki is asked on behalf of the user who looks, with headers of his.
	Forwards bool
	// Broken is why the settings cannot be used; every call answers with it.
	Broken error
}

// defined are the known sources and those that only the settings define.
func (c config) defined() []signature.Source {
	return source.Sort(append(signature.Sources(), scan.SourcesOf(c.Selectors)...))
}

// Datasource is one configured data source. Grafana makes a new one when its settings change, and disposes of the old.
type Datasource struct {
	backend.CallResourceHandler

	config    config
	store     store
	scanner   *scan.Scanner
	catalogue catalogue
	snapshots *snapshots[*scan.Result]
	finder    *unmatched.Finder
	unknown   *snapshots[*unmatched.Result]
	before    *snapshots[*changes.Result]
	// linting is held while a text of signatures is checked.
	linting chan struct{}
	// disposed is closed when Grafana has made another one of newer settings, by dispose.
	disposed chan struct{}
	dispose  func()
}

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ backend.CheckHealthHandler    = (*Datasource)(nil)
	_ backend.CallResourceHandler   = (*Datasource)(nil)
	_ backend.StreamHandler         = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// newDatasource puts the parts together.
func newDatasource(c config, s store, scanner *scan.Scanner, cat catalogue) *Datasource {
	d := &Datasource{
		config: c, store: s, scanner: scanner, catalogue: cat, linting: make(chan struct{}, 1), disposed: make(chan struct{}),
		snapshots: newSnapshots[*scan.Result](c.Observed.metrics, holdFor),
		finder:    unmatched.NewFinder(s, cat.set, c.Selectors, c.Labels.HostLabels),
		unknown:   newSnapshots[*unmatched.Result](c.Observed.metrics, unmatchedStep),
		before:    newSnapshots[*changes.Result](c.Observed.metrics, beforeHeld),
	}
	d.dispose = sync.OnceFunc(func() { close(d.disposed) })
	d.CallResourceHandler = httpadapter.New(d.routes())
	return d
}

// Dispose ends running scans and live channels.
func (d *Datasource) Dispose() {
	d.dispose()
	d.snapshots.close()
	d.unknown.close()
	d.before.close()
}

// scan returns the answer of a shared scan of a range.
func (d *Datasource) scan(ctx context.Context, r backend.TimeRange, q query.Query, identity string) (*scan.Result, error) {
	start, end := widen(r)
	// The state is as of the clock where a range ends in the future: an answer of a minute ago is of another time.
	if clock := ceil(d.config.Clock()); clock.Before(end) && clock.After(start) {
		end = clock
	}
	req := scan.Request{Start: start, End: end, Matchers: q.Matchers, Identity: identity}
	return d.snapshots.get(ctx, key(req), d.config.QueryTimeout, func(ctx context.Context) (*scan.Result, error) {
		res, err := d.scanner.Scan(ctx, req)
		tellPartial(ctx, res, err)
		return res, err
	})
}

// view is how frames of a query are rendered.
func (d *Datasource) view(q query.Query, r backend.TimeRange) frames.View {
	start, _ := widen(r)
	return frames.View{
		Lang: d.lang(q), Version: d.config.Version, UID: d.config.UID, LokiUID: d.config.LokiUID,
		Selectors: d.config.Selectors, ClusterLabel: d.config.Labels.ClusterLabel,
		Start: start, Limit: q.Limit, Problems: d.catalogue.texts(d.lang(q)),
	}
}

// lang is the language of a query, or else of the data source.
func (d *Datasource) lang(q query.Query) signature.Lang {
	if q.Language != "" {
		return signature.Lang(q.Language)
	}
	return d.config.Lang
}
