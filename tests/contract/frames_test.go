package contract

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

// frameSections maps the headings of contract.md to the query types whose frames they describe.
var frameSections = map[query.Type]string{
	query.Incidents:   "Frame incidents",
	query.Annotations: "Frame annotations",
	query.Alert:       "Frame alert",
	query.Count:       "Frame count",
	query.Evidence:    "Frame evidence",
	query.Steps:       "Frame steps",
	query.Signatures:  "Frame signatures",
	query.Health:      "Frame health",
	query.Timeline:    "Frame timeline",
	query.Unmatched:   "Frame unmatched",
	query.Hosts:       "Frame hosts",
	query.Context:     "Frame context",
	query.Changes:     "Frame changes",
	query.Explain:     "Frame explain",
	query.Review:      "Frame review",
}

// emptyFrame renders the frame of a query type without rows; its columns are those of any answer.
func emptyFrame(t *testing.T, kind query.Type, lang signature.Lang) *data.Frame {
	t.Helper()
	a, v := frames.Answer{Scan: &scan.Result{}}, frames.View{Lang: lang}
	switch kind {
	case query.Incidents:
		return frames.Incidents(a, "", v)
	case query.Annotations:
		return frames.Annotations(a, "", v)
	case query.Count:
		return frames.Count(a, v, query.StatActive)
	case query.Evidence:
		return frames.Evidence(a, "", v)
	case query.Steps:
		return frames.Steps(nil, nil, v)
	case query.Signatures:
		return frames.Signatures(a, v, func(string) bool { return false }, func(*signature.Signature) bool { return true })
	case query.Health:
		return frames.Health(nil, nil, v)
	case query.Timeline:
		// Without a line it has no series.
		now := time.Unix(0, 0)
		sig := loadCatalogue(t).All()[0]
		line := match.Match{Kind: &match.Kind{Hit: match.Hit{Signature: sig}}, Entry: &match.Entry{Time: now}}
		return frames.Timeline(frames.Answer{
			Scan: &scan.Result{Now: now}, Signatures: []*signature.Signature{sig}, Selected: slices.Values([]*incident.Line{{Match: line, Place: &incident.Place{}}}),
		}, query.StatLines, time.Minute, frames.View{Start: now})
	case query.Context:
		return frames.Context(&scan.Surroundings{}, v)
	case query.Hosts:
		return frames.Hosts(a, query.Query{}, v)
	case query.Unmatched:
		return frames.Unmatched(&unmatched.Result{}, v)
	case query.Changes:
		return frames.Changes(&changes.Result{}, v)
	case query.Explain:
		return frames.Explain("x", []frames.Explained{{Signature: loadCatalogue(t).All()[0]}}, v)
	case query.Review:
		return frames.ReviewColumns(v)
	case query.Alert:
		// Without rows it has no columns at all.
		f := data.NewFrame("alert")
		for _, name := range frames.IdentityLabels() {
			f.Fields = append(f.Fields, data.NewField(name, nil, []string{}))
		}
		f.Fields = append(f.Fields, data.NewField(frames.ValueColumn, nil, []float64{}))
		return f
	}
	t.Fatalf("there is no frame for the query type %s; docs/contract.md needs a section for it", kind)
	return nil
}

func columnType(f *data.Field) string {
	switch f.Type() {
	case data.FieldTypeString:
		return "string"
	case data.FieldTypeTime:
		return "time"
	case data.FieldTypeNullableTime:
		return "time?"
	case data.FieldTypeFloat64:
		return "number"
	case data.FieldTypeNullableFloat64:
		return "number?"
	case data.FieldTypeInt64:
		return "integer"
	case data.FieldTypeBool:
		return "boolean"
	case data.FieldTypeJSON:
		return "json"
	}
	return f.Type().String()
}

func TestFrames(t *testing.T) {
	for _, kind := range query.Types() {
		heading, ok := frameSections[kind]
		if !ok {
			t.Errorf("the query type %s has no section in docs/contract.md", kind)
			continue
		}
		doc, side := section(t, heading), "the frame of "+string(kind)
		var names []string
		for _, f := range emptyFrame(t, kind, signature.EN).Fields {
			names = append(names, f.Name)
			if row := doc.row(f.Name); row != nil {
				sameValue(t, heading+", type of `"+f.Name+"`", doc.cell(row, "type"), side, columnType(f))
			}
		}
		sameNames(t, heading, doc.names(), side, names)
	}
	const coverage = "Frame unmatched coverage"
	var names []string
	for _, f := range frames.ExplainedShare(&unmatched.Result{}, frames.View{}).Fields {
		names = append(names, f.Name)
	}
	sameNames(t, coverage, section(t, coverage).names(), "frames.ExplainedShare", names)
	const lines = "Frame unmatched lines"
	names = nil
	for _, f := range frames.UnexplainedLines(&unmatched.Result{}, frames.View{}).Fields {
		names = append(names, f.Name)
	}
	sameNames(t, lines, section(t, lines).names(), "frames.UnexplainedLines", names)
	const evidence = "Frame alert evidence"
	sameNames(t, evidence, section(t, evidence).names(), "frames.EvidenceLabels", frames.EvidenceLabels())
}

// What a rule cannot use must not be documented as an alert label, and the other way round.
func TestAlertLabelsDoNotOverlap(t *testing.T) {
	for _, name := range frames.EvidenceLabels() {
		if slices.Contains(frames.IdentityLabels(), name) || name == frames.ValueColumn {
			t.Errorf("the evidence view repeats the column %s", name)
		}
	}
}

// columnNames are all names by which a dashboard may speak of the columns of a query type: the column's own and the
// headings in both languages, by which Grafana matches once they are set.
func columnNames(t *testing.T, kind query.Type) []string {
	t.Helper()
	var out []string
	for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
		for _, f := range emptyFrame(t, kind, lang).Fields {
			out = append(out, f.Name)
			if f.Config != nil && f.Config.DisplayNameFromDS != "" {
				out = append(out, f.Config.DisplayNameFromDS)
			}
		}
	}
	switch kind {
	case query.Alert:
		out = append(out, frames.EvidenceLabels()...)
	case query.Unmatched:
		out = append(out, section(t, "Frame unmatched coverage").names()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestTypesOfTheContractAreKnown(t *testing.T) {
	known := []string{"string", "time", "integer", "number", "boolean", "json"}
	for _, heading := range frameSections {
		doc := section(t, heading)
		for _, row := range doc.rows {
			if kind := strings.TrimSuffix(doc.cell(row, "type"), "?"); !slices.Contains(known, kind) {
				t.Errorf("docs/contract.md, %s: type %q of %s is none of %v", heading, kind, row[0], known)
			}
		}
	}
}
