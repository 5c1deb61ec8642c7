package plugin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/concurrent"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// maxConcurrent bounds the queries of one request that run at a time. They mostly wait for the same scan; the
// requests to Loki have a bound of their own.
const (
	maxConcurrent = 10
	// maxPoints bounds the points of a series.
	maxPoints = 2000
)

// request is one query, checked, with what it needs.
type request struct {
	query.Query
	timeRange backend.TimeRange
	identity  string
	// step is how far apart the points of a graph are to be.
	step time.Duration
}

// handler answers queries of one type.
type handler func(ctx context.Context, r request) (*data.Frame, error)

// handler returns the one for a query type; each is in a file of its own.
func (d *Datasource) handler(t query.Type) handler {
	return map[query.Type]handler{
		query.Incidents:   d.incidents,
		query.Annotations: d.annotations,
		query.Alert:       d.alert,
		query.Count:       d.count,
		query.Evidence:    d.evidence,
		query.Steps:       d.steps,
		query.Signatures:  d.signatures,
		query.Health:      d.health,
		query.Timeline:    d.timeline,
		query.Unmatched:   d.unmatched,
		query.Hosts:       d.hosts,
		query.Context:     d.context,
		query.Changes:     d.changes,
		query.Explain:     d.explain,
		query.Review:      d.review,
	}[t]
}

// QueryData answers every query of a request by itself: one that fails fails alone.
func (d *Datasource) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	fromAlert := req.Headers[backend.FromAlertHeaderName] == "true" || req.GetHTTPHeader(backend.FromAlertHeaderName) == "true"
	if fromAlert {
		urgent := &logs.Priority{}
		urgent.Raise()
		defer urgent.End()
		ctx = logs.WithPriority(ctx, urgent)
	}
	return concurrent.QueryData(ctx, req, func(ctx context.Context, q concurrent.Query) backend.DataResponse {
		return d.respond(ctx, q.DataQuery, q.Headers, fromAlert)
	}, maxConcurrent)
}

// respond answers one query, with a frame or with an error.
func (d *Datasource) respond(ctx context.Context, q backend.DataQuery, headers http.Header, fromAlert bool) (response backend.DataResponse) {
	lang := d.config.Lang
	ctx, watched := d.config.Observed.begin(ctx, q, fromAlert)
	defer func() {
		// The SDK recovers too, but answers with the bare text of the panic.
		if p := recover(); p != nil {
			d.config.Observed.metrics.Panic()
			response = failure(panicked(ctx, p), lang)
		}
		watched.end(ctx, response)
	}()
	parse := query.Parse
	if fromAlert {
		parse = query.ParseRule
	}
	parsed, err := parse(q.JSON)
	if err == nil {
		watched.parsed(parsed)
	}
	if parsed.Language == string(signature.EN) || parsed.Language == string(signature.ZH) {
		lang = signature.Lang(parsed.Language)
	}
	switch {
	case d.config.Broken != nil:
		return failure(d.config.Broken, lang)
	case err != nil:
		return failure(err, lang)
	case fromAlert && !parsed.Numeric():
		// Grafana would only say "input data must be a wide series but got type long".
		return failure(errNotNumeric, lang)
	}
	if err := parsed.CheckSources(d.config.defined()); err != nil {
		return failure(err, lang)
	}
	frame, err := d.handler(parsed.QueryType)(ctx, request{
		Query: parsed, timeRange: q.TimeRange, identity: identity(headers), step: step(q),
	})
	if err != nil {
		return d.unanswered(err, parsed, q.TimeRange, lang, fromAlert)
	}
	if rows, err := frame.RowLen(); err == nil && rows == 0 && !parsed.Numeric() && slices.Contains(tables, parsed.QueryType) {
		frame.Fields = nil
	}
	return backend.DataResponse{Frames: data.Frames{frame}, Status: backend.StatusOK}
}

// tables are the types whose answer without rows has no columns either: for columns without rows Grafana's table shows
// its header and not a word, without columns it shows the panel's text for "no rows".
var tables = []query.Type{query.Incidents, query.Hosts, query.Evidence, query.Context, query.Unmatched, query.Signatures, query.Review}

// unanswered is a failure, with a row for people that says so: a panel shows its text for "no rows" otherwise.
func (d *Datasource) unanswered(err error, q query.Query, at backend.TimeRange, lang signature.Lang, fromAlert bool) backend.DataResponse {
	response := failure(err, lang)
	if !fromAlert {
		v := d.view(q, at)
		v.Lang = lang
		if said := frames.Unknown(q.QueryType, response.Error.Error(), at.To, v); said != nil {
			response.Frames = data.Frames{said}
		}
	}
	return response
}

// step returns the interval of a query, coarse enough for its number of points.
func step(q backend.DataQuery) time.Duration {
	start, end := widen(q.TimeRange)
	points := min(max(q.MaxDataPoints, 1), maxPoints)
	return max(q.Interval, end.Sub(start)/time.Duration(points), time.Second)
}

// answer scans the range of a request and applies its filters.
func (d *Datasource) answer(ctx context.Context, r request) (query.Answer, error) {
	// A misspelt signature is cheaper to find before reading the logs than after.
	if _, err := r.Choose(d.catalogue.set); err != nil {
		return query.Answer{}, err
	}
	res, err := d.read(ctx, r)
	if err != nil {
		return query.Answer{}, err
	}
	return r.Select(res, d.catalogue.set)
}

// read scans the range of a request.
func (d *Datasource) read(ctx context.Context, r request) (*scan.Result, error) {
	return d.scan(ctx, r.timeRange, r.Query, r.identity)
}
