package plugin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/report"
)

// The formats in which an incident is handed over. Markdown is sent as plain text, which a browser shows instead of
// saving it: people copy it into a ticket.
const (
	formatJSON     = "json"
	formatMarkdown = "markdown"
)

// plainText is an answer that is no JSON.
type plainText string

// handOver answers with one incident as a report: for a ticket, for a colleague, for a script. It is the command line's
// report, so that both say the same.
func (d *Datasource) handOver(ctx context.Context, r *http.Request, in backend.TimeRange) (any, error) {
	format := r.URL.Query().Get("format")
	if format != "" && format != formatJSON && format != formatMarkdown {
		return nil, badRequest("format %q 无效：请使用 json 或 markdown。", "format %q is not known: use json or markdown.", format)
	}
	zone, err := zoneOf(r)
	if err != nil {
		return nil, err
	}
	a, err := d.answer(ctx, request{
		Query:     query.Query{QueryType: query.Incidents, Incident: r.PathValue("id")},
		timeRange: in, identity: identity(r.Header),
	})
	if err != nil {
		return nil, err
	}
	// Of several episodes the first: active before resolved, newest first.
	out := report.Of(a.Scan, a.Incidents[:1], report.Options{Lang: d.asked(r), Version: d.config.Version, Location: zone})
	if format != formatMarkdown {
		return out, nil
	}
	var text strings.Builder
	if err := out.Markdown(&text); err != nil {
		return nil, err
	}
	return plainText(text.String()), nil
}

// zoneOf is the time zone that times are written in: UTC where none is asked for. Grafana writes "browser" for the one
// that only the browser knows.
func zoneOf(r *http.Request) (*time.Location, error) {
	name := r.URL.Query().Get("timezone")
	if name == "" || name == "browser" || name == "utc" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, badRequest("时区 %q 无效：请写成 Asia/Shanghai 或 UTC。", "The time zone %q is not known: write it like Asia/Shanghai or UTC.", name)
	}
	return zone, nil
}
