package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
)

// observation is where a data source's numbers and spans go.
type observation struct {
	metrics *metrics.Metrics
	tracer  trace.Tracer
}

// watched is one query on its way.
type watched struct {
	observation
	span    trace.Span
	started time.Time
	refID   string
	kind    string
}

// begin starts the span of a query.
func (o observation) begin(ctx context.Context, q backend.DataQuery, fromAlert bool) (context.Context, *watched) {
	ctx, span := o.tracer.Start(ctx, "incidents.query", trace.WithAttributes(
		attribute.String("ref_id", q.RefID), attribute.Bool("alert", fromAlert),
		attribute.String("from", q.TimeRange.From.UTC().Format(time.RFC3339)), attribute.String("to", q.TimeRange.To.UTC().Format(time.RFC3339)),
	))
	return ctx, &watched{observation: o, span: span, started: time.Now(), refID: q.RefID, kind: "invalid"}
}

// parsed names the type of the query, one of ours: a label must not hold what a user typed.
func (w *watched) parsed(q query.Query) {
	w.kind = string(q.QueryType)
	w.span.SetAttributes(attribute.String("query_type", w.kind), attribute.StringSlice("sources", q.Sources))
}

// end counts the answer. The SDK writes the log line of a query that fails, with the refId and the error's text, which
// says what to do; ours would be a second one.
func (w *watched) end(ctx context.Context, r backend.DataResponse) {
	took, outcome := time.Since(w.started), outcomeOf(r)
	w.metrics.Query(w.kind, outcome, took)
	w.span.SetAttributes(attribute.String("outcome", outcome))
	if r.Error != nil {
		w.span.SetStatus(codes.Error, outcome)
	}
	w.span.End()
	rows := 0
	for _, f := range r.Frames {
		rows += f.Rows()
	}
	backend.Logger.FromContext(ctx).Debug("Query answered", "refId", w.refID, "queryType", w.kind, "outcome", outcome, "rows", rows, "duration", took.String())
}

// outcomeOf sorts an answer into few kinds.
func outcomeOf(r backend.DataResponse) string {
	switch {
	case r.Error == nil:
		return "ok"
	case r.Status == clientClosed:
		return "canceled"
	case r.ErrorSource == backend.ErrorSourcePlugin:
		return "plugin"
	case r.Status == backend.StatusBadRequest || r.Status == backend.StatusNotFound:
		return "bad-request"
	default:
		return "downstream"
	}
}

// tellPartial logs that a scan did not read everything; the queries it answers succeed with a notice, so that
// nothing else would be in the log.
func tellPartial(ctx context.Context, res *scan.Result, err error) {
	if err != nil {
		return
	}
	if reason := res.Partial(); reason != "" {
		backend.Logger.FromContext(ctx).Warn("Some logs were not read: answers say so, and alert and count queries that need them fail. See the reason", "reason", reason)
	}
}
