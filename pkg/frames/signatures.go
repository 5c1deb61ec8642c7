package frames

import (
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// Signatures is the catalogue with what each signature found in the range. isCustom tells which the user added,
// isSeen which the selectors in the settings can ever show.
func Signatures(a Answer, v View, isCustom func(id string) bool, isSeen func(*signature.Signature) bool) *data.Frame {
	n, at := len(a.Signatures), func(row int) *signature.Signature { return a.Signatures[row] }
	found := findings(a)
	f := table("signatures")
	id := column(f, "signature", n, func(r int) string { return at(r).ID })
	column(f, "title", n, func(r int) string { return PlainTitle(at(r), v.Lang) })
	column(f, "summary", n, func(r int) string { return plain(at(r).Summary, v.Lang) })
	column(f, "severity", n, func(r int) string { return string(at(r).Severity) })
	column(f, "class", n, func(r int) string { return string(at(r).Class) })
	column(f, "family", n, func(r int) string { return at(r).Family })
	column(f, "status", n, func(r int) string { return string(at(r).Status) })
	column(f, "sources", n, func(r int) string { return sourceList(at(r).Sources()) })
	column(f, "reaches", n, func(r int) string { return reachList(at(r).Reaches) })
	column(f, "seen", n, func(r int) bool { return isSeen(at(r)) })
	column(f, "key", n, func(r int) string { return strings.Join(at(r).Key, ", ") })
	column(f, "revision", n, func(r int) int64 { return int64(at(r).Revision) })
	column(f, "custom", n, func(r int) bool { return isCustom(at(r).ID) })
	column(f, "incidents", n, func(r int) int64 { return found[at(r).ID].incidents })
	column(f, "active", n, func(r int) int64 { return found[at(r).ID].active })
	column(f, "lines", n, func(r int) int64 { return found[at(r).ID].lines })
	column(f, "last", n, func(r int) *time.Time { return optional(found[at(r).ID].last) })
	document := column(f, "document", n, func(r int) string { _, address := v.document(at(r)); return address })

	fieldConfig(id).Links = []data.DataLink{
		v.fieldLink(v.text("处置步骤", "Steps"), runbookDashboard, "signature", "${__data.fields.signature:percentencode}"),
	}
	v.opensGuide(document)
	v.label(f)
	return finish(f, a.Scan, v, n, n)
}

// PlainTitle is the title of a signature by itself.
func PlainTitle(s *signature.Signature, lang signature.Lang) string { return plain(s.Title, lang) }

// plain is a text of the catalogue. Values of a log line that it asks for stay placeholders: the catalogue speaks of no
// particular failure.
func plain(t signature.Text, lang signature.Lang) string {
	return oneLine(t.In(lang).Placeholders())
}

// finding is what a signature found in the range.
type finding struct {
	incidents, active, lines int64
	last                     time.Time
}

func findings(a Answer) map[string]finding {
	out := map[string]finding{}
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		x := out[inc.Signature.ID]
		x.incidents++
		if inc.State == incident.Active {
			x.active++
		}
		if inc.Last.After(x.last) {
			x.last = inc.Last
		}
		out[inc.Signature.ID] = x
	}
	for m := range a.EachLine() {
		x := out[m.Signature.ID]
		x.lines++
		if m.Time.After(x.last) {
			x.last = m.Time
		}
		out[m.Signature.ID] = x
	}
	return out
}

func sourceList(sources []signature.Source) string {
	out := make([]string, len(sources))
	for i, s := range sources {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

func reachList(reaches []signature.Reach) string {
	out := make([]string, len(reaches))
	for i, r := range reaches {
		out[i] = string(r)
	}
	return strings.Join(out, ", ")
}
