package frames

import (
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

// Unknown is what a table or a list of lines shows for a query that failed: one row that says so, beside the error. A
// panel without it would show the text for "no rows", which reads as "no incidents". It is nil for views whose rows are
// numbers or events.
func Unknown(t query.Type, reason string, at time.Time, v View) *data.Frame {
	var f *data.Frame
	switch t {
	case query.Incidents:
		f = Incidents(Answer{}, "", v)
	case query.Hosts:
		f = Hosts(Answer{}, query.Query{}, v)
	case query.Steps:
		f = Steps(nil, nil, v)
	case query.Evidence:
		f = Evidence(Answer{}, "", v)
	case query.Context:
		f = Context(&scan.Surroundings{}, v)
	case query.Signatures:
		f = Signatures(Answer{}, v, func(string) bool { return false }, func(*signature.Signature) bool { return false })
	case query.Changes:
		f = Changes(&changes.Result{}, v)
	case query.Review:
		f = ReviewColumns(v)
	case query.Unmatched:
		f = Unmatched(&unmatched.Result{}, v)
	default:
		return nil
	}
	sayUnknown(f, t, reason, at, v)
	return f
}

// spoken are the columns that say that nothing is known; the other columns are empty.
var spoken = map[query.Type][]string{
	query.Incidents:  {"title", "summary", "hypotheses"},
	query.Hosts:      {"host", "title"},
	query.Steps:      {"text", "instruction", "markdown"},
	query.Evidence:   {"body"},
	query.Context:    {"body"},
	query.Signatures: {"title", "summary"},
	query.Unmatched:  {"template"},
	query.Changes:    {"fact"},
	query.Review:     {"title", "class", "partial"},
}

// unnamed are the columns that some panels show alone, of a signature: a word in them is better than nothing.
var unnamed = map[query.Type][]string{query.Signatures: {"severity", "class", "status"}}

// sayUnknown makes one row of a frame without rows.
func sayUnknown(f *data.Frame, t query.Type, reason string, at time.Time, v View) {
	text := oneLine(v.text("未知：", "Unknown: ") + reason)
	for i, empty := range f.Fields {
		kind := empty.Type().NullableType()
		if t == query.Evidence || t == query.Context {
			kind = empty.Type() // the types of log lines are fixed
		}
		field := data.NewFieldFromFieldType(kind, 1)
		field.Name, field.Config = empty.Name, withoutLinks(empty.Config)
		if kind == data.FieldTypeNullableString {
			field.SetConcrete(0, "")
		}
		f.Fields[i] = field
	}
	for _, name := range spoken[t] {
		if field, _ := f.FieldByName(name); field != nil {
			if name == "title" {
				field.SetConcrete(0, firstSentence(text))
				continue
			}
			field.SetConcrete(0, text)
		}
	}
	for _, name := range unnamed[t] {
		if field, _ := f.FieldByName(name); field != nil && field.Type() == data.FieldTypeNullableString {
			field.SetConcrete(0, v.text("未知", "unknown"))
		}
	}
	if t == query.Evidence {
		f.Fields[0].SetConcrete(0, at)
		labels, _ := f.FieldByName("labels")
		labels.SetConcrete(0, emptyLabels)
	}
}

// firstSentence is what fits a title: rows of Grafana's classic table are two lines high and cut off what is more. What
// to do about it is in the longer columns.
func firstSentence(text string) string {
	end := len(text)
	for _, stop := range []string{". ", "。", "; ", "；"} {
		if i := strings.Index(text, stop); i >= 0 {
			end = min(end, i)
		}
	}
	return text[:end]
}

// withoutLinks: a row that says that nothing is known leads nowhere. Grafana's new table fails altogether where the only
// link of a cell has no address.
func withoutLinks(c *data.FieldConfig) *data.FieldConfig {
	if c == nil {
		return nil
	}
	out := *c
	out.Links = nil
	return &out
}

// orUnknown makes "nothing found" say what it is when not all of the logs could be read: nobody knows.
func orUnknown(f *data.Frame, res *scan.Result, t query.Type, v View) *data.Frame {
	rows, err := f.RowLen()
	if err != nil || rows > 0 {
		return f
	}
	if source, reason, failed := failure(res, v); failed {
		sayUnknown(f, t, v.text("来源 "+source+" 读取失败。", "Source "+source+" could not be read. ")+reason, res.Now, v)
	}
	return f
}

// readAll reports whether no source failed.
func readAll(res *scan.Result, v View) bool {
	_, _, failed := failure(res, v)
	return !failed
}

// failure is the first source that could not be read, and why.
func failure(res *scan.Result, v View) (source, reason string, failed bool) {
	if res == nil {
		return "", "", false
	}
	for _, s := range res.Sources() {
		if m, read := coverageOf(res, s, v); read && m.State == logs.Failed {
			return string(s), m.Reason, true
		}
	}
	return "", "", false
}
