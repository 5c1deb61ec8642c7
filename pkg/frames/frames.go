// Package frames renders what a query selected as Grafana data frames, one file a view. It is pure: it fetches
// nothing and decides nothing about which incidents there are.
//
// Everything that stands in a log line is foreign text. It is escaped for the place that a view goes to: HTML in
// annotations, Markdown in steps, Go-quoted in LogQL, query-escaped in links, one bounded line everywhere else.
//
// Column names are a contract (docs/contract.md): alert rules, annotations, variables and shipped dashboards name them.
package frames

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// Answer is what a query selected of a scan.
type Answer = query.Answer

// View is what rendering needs to know beside the answer.
type View struct {
	Lang signature.Lang
	// Version of BlueKing, for document links and steps.
	Version string
	// UID of the data source and of the Loki data source that Explore opens; "" leaves the link out.
	UID, LokiUID string
	// Selectors of the sources and the label of the cluster, for queries that the reader may want to run next.
	Selectors    []scan.Selector
	ClusterLabel string
	// Start of the range that the query asked for; its end is the time of judgement.
	Start time.Time
	// Limit of rows; 0 is the view's default.
	Limit int
	// Problems of the settings that the answer suffers from, such as a custom signature that does not load.
	Problems []string
}

// rendering is how catalogue texts are rendered as plain text.
func (v View) rendering() incident.Rendering {
	return incident.Rendering{Lang: v.Lang, Version: v.Version}
}

// text chooses between the languages.
func (v View) text(zh, en string) string {
	if v.Lang == signature.EN {
		return en
	}
	return zh
}

// column appends a field of n rows to a frame.
func column[T any](f *data.Frame, name string, n int, at func(row int) T) *data.Field {
	values := make([]T, n)
	for i := range values {
		values[i] = at(i)
	}
	field := data.NewField(name, nil, values)
	f.Fields = append(f.Fields, field)
	return field
}

// optional returns a time, or nil for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// numeric makes a frame for alert rules: strings are labels, one number a row, no time. The version has to be 0.1,
// because server-side expressions ignore the type of a frame at 0.0.
func numeric(name string) *data.Frame {
	f := data.NewFrame(name)
	f.Meta = &data.FrameMeta{Type: data.FrameTypeNumericLong, TypeVersion: data.FrameTypeVersion{0, 1}}
	return f
}

// table makes a frame for people.
func table(name string) *data.Frame {
	f := data.NewFrame(name)
	f.Meta = &data.FrameMeta{Type: data.FrameTypeTable, PreferredVisualization: data.VisTypeTable}
	return f
}
