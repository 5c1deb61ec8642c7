package plugin

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// maxQueryBytes bounds the body of a plan; the longest query that an editor makes is far below it.
const maxQueryBytes = 1 << 20

// plannedRead is an entry of `plan`: what a query reads of the streams of one selector.
type plannedRead struct {
	Source signature.Source `json:"source"`
	LogQL  string           `json:"logql"`
	// From and To are in epoch milliseconds, From before the range by the look-back. While an incident reaches over
	// From the scan goes back, up to Farthest.
	From     int64 `json:"from"`
	To       int64 `json:"to"`
	Farthest int64 `json:"farthest"`
	// Signatures is how many look at these lines.
	Signatures int `json:"signatures"`
	// MaxLines and MaxBytes cap what is read; 0 is no cap.
	MaxLines int   `json:"maxLines"`
	MaxBytes int64 `json:"maxBytes"`
}

// plan explains what a query would read, without reading it: the query is the body, as QueryData gets it.
func (d *Datasource) plan(_ context.Context, r *http.Request, in backend.TimeRange) (any, error) {
	raw, err := body(r)
	if err != nil {
		return nil, err
	}
	q, err := query.Parse(raw)
	if err != nil {
		return nil, err
	}
	if _, err := q.Choose(d.catalogue.set); err != nil {
		return nil, err
	}
	out := []plannedRead{}
	for _, read := range d.reads(request{Query: q, timeRange: in}) {
		out = append(out, plannedRead{
			Source: read.Selector.Source, LogQL: read.Query,
			From: read.Start.UnixMilli(), To: read.End.UnixMilli(), Farthest: read.Farthest.UnixMilli(),
			Signatures: len(read.Signatures), MaxLines: read.MaxLines, MaxBytes: read.MaxBytes,
		})
	}
	return out, nil
}

func body(r *http.Request) ([]byte, error) {
	if r.Body == nil { // the SDK's adapter, for an empty one
		return nil, nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxQueryBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, badRequest("查询超过 %d 字节。请减少筛选值。", "The query is longer than %d bytes. Use fewer filter values.", maxQueryBytes)
	}
	return raw, err
}

// reads are what the handler of a query type would ask of the log store.
func (d *Datasource) reads(r request) []scan.Reading {
	switch {
	case r.QueryType == query.Explain, r.QueryType == query.Steps && r.Incident == "":
		return nil // what a line is, and the steps of signatures, come from the catalogue alone
	case r.QueryType == query.Unmatched:
		return d.finder.Explain(d.errorLines(r))
	case r.QueryType == query.Alert:
		r.timeRange = alertTime(r.timeRange)
	}
	start, end := widen(r.timeRange)
	return d.scanner.Explain(scan.Request{Start: start, End: end, Matchers: r.Matchers})
}
