package frames

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	defaultIncidents = 1000
	// maxHosts bounds the host names in a cell; hosts_count has the number.
	maxHosts = 20
)

// Incidents is the table of incidents, one row each, with links to the incident's dashboard (title), the steps
// (signature), the raw lines in Explore (evidence) and the guide (document). The first ten columns are what people need
// first; the brief view has only these, and what their links use.
func Incidents(a Answer, view query.View, v View) *data.Frame {
	list := a.Incidents[:min(len(a.Incidents), v.limit(defaultIncidents))]
	n, at := len(list), func(row int) *incident.Incident { return &list[row] }
	f := table("incidents")

	column(f, "severity", n, func(r int) string { return string(at(r).Signature.Severity) })
	title := column(f, "title", n, func(r int) string { return oneLine(at(r).Title(v.Lang)) })
	column(f, "subject", n, func(r int) string { return oneLine(at(r).Subject()) })
	column(f, "since", n, func(r int) time.Time { return at(r).Start })
	duration := column(f, durationField, n, func(r int) float64 { return lasted(at(r), a).Seconds() })
	fieldConfig(duration).Unit = "dtdurations"
	fieldConfig(duration).Mappings = v.durations(duration)
	column(f, "state", n, func(r int) string { return string(at(r).State) })
	column(f, "verdict", n, func(r int) string { return string(at(r).Verdict) })
	column(f, "hosts", n, func(r int) string { return hostList(at(r)) })
	first := column(f, "first_step", n, func(r int) string { return firstAct(at(r).Steps(v.rendering())) })
	evidence := column(f, "evidence", n, func(r int) string { return firstLine(at(r)) })

	id := column(f, "id", n, func(r int) string { return at(r).ID })
	hide(column(f, "logql", n, func(r int) string { return logQL(at(r).Evidence) }))
	incidentLink := v.fieldLink(v.text("事件详情", "Incident"), incidentDashboard, "incident", "${__data.fields.id:percentencode}")
	fieldConfig(title).Links = []data.DataLink{incidentLink}
	// Explore shares its width out evenly, and cuts what is longer.
	fieldConfig(title).Custom, fieldConfig(first).Custom = map[string]any{"minWidth": 320}, map[string]any{"minWidth": 360}
	fieldConfig(id).Links = []data.DataLink{incidentLink}
	if v.LokiUID != "" {
		fieldConfig(evidence).Links = []data.DataLink{v.exploreLink(v.text("在 Explore 中查看原始日志", "Raw lines in Explore"), "${__data.fields.logql}")}
	}
	if view == query.ViewBrief {
		hide(id)
	} else {
		v.furtherColumns(f, list, a)
	}
	v.label(f)
	finish(f, a.Scan, v, n, len(a.Incidents))
	return orUnknown(f, a.Scan, query.Incidents, v)
}

// furtherColumns are those that few readers need.
func (v View) furtherColumns(f *data.Frame, list []incident.Incident, a Answer) {
	n, at := len(list), func(row int) *incident.Incident { return &list[row] }
	column(f, "last", n, func(r int) time.Time { return at(r).Last })
	column(f, "end", n, func(r int) *time.Time { return optional(at(r).End) })
	column(f, "reason", n, func(r int) string { return string(at(r).Reason) })
	column(f, "summary", n, func(r int) string { return oneLine(at(r).Summary(v.Lang)) })
	signature := column(f, "signature", n, func(r int) string { return at(r).Signature.ID })
	column(f, "family", n, func(r int) string { return at(r).Signature.Family })
	column(f, "class", n, func(r int) string { return string(at(r).Signature.Class) })
	column(f, "cluster", n, func(r int) string { return oneLine(at(r).Cluster) })
	column(f, "hosts_count", n, func(r int) int64 { return int64(len(at(r).Hosts)) })
	column(f, "count", n, func(r int) int64 { return int64(at(r).Count) })
	document := column(f, "document", n, func(r int) string { _, address := v.document(at(r).Signature); return address })
	cause := column(f, "cause", n, func(r int) string {
		if c := at(r).Cause; c != nil {
			return c.ID
		}
		return ""
	})
	column(f, "symptoms", n, func(r int) string { return linkList(at(r).Symptoms) })
	titles := titlesOf(a, v.Lang)
	column(f, "why", n, func(r int) string { return v.why(at(r), titles) })
	column(f, "hypotheses", n, func(r int) string {
		if c := at(r).Cause; c != nil && len(at(r).Hypotheses) == 0 {
			return v.text("日志中有其原因：", "The logs show the cause: ") + titles[c.Signature]
		}
		return v.hypotheses(at(r))
	})
	column(f, "fingerprint", n, func(r int) string { return at(r).Fingerprint })
	column(f, "start_known", n, func(r int) bool { return at(r).StartKnown })
	next := column(f, "next_logql", n, func(r int) string { return v.nextLogQL(at(r)) })
	hide(next)

	fieldConfig(signature).Links = []data.DataLink{
		v.fieldLink(v.text("处置步骤", "Steps"), runbookDashboard, "signature", "${__data.fields.signature:percentencode}"),
	}
	if filled(cause) {
		fieldConfig(cause).Links = []data.DataLink{
			v.fieldLink(v.text("事件详情", "Incident"), incidentDashboard, "incident", "${__value.raw:percentencode}"),
		}
	}
	if v.LokiUID != "" && filled(next) {
		// Not on the causes: Grafana's classic table cuts a cell with a link after its first line.
		fieldConfig(next).Links = []data.DataLink{v.exploreLink(v.text("在 Explore 中区分原因", "Tell the causes apart in Explore"), "${__data.fields.next_logql}")}
	}
	v.opensGuide(document)
}

// titlesOf are the titles of signatures by id.
func titlesOf(a Answer, lang signature.Lang) map[string]string {
	out := map[string]string{}
	for _, s := range a.Signatures {
		out[s.ID] = PlainTitle(s, lang)
	}
	return out
}

func (v View) limit(otherwise int) int {
	if v.Limit > 0 {
		return v.Limit
	}
	return otherwise
}

// hostList joins the host names.
func hostList(i *incident.Incident) string {
	names := i.HostNames()
	more := ""
	if len(names) > maxHosts {
		names, more = names[:maxHosts], ", …"
	}
	out := make([]string, len(names))
	for n, name := range names {
		out[n] = incident.OneLine(name, 100)
	}
	return strings.Join(out, ", ") + more
}

// firstLine is the message of the first evidence line, without the JSON or log head that carries it.
func firstLine(i *incident.Incident) string {
	if len(i.Evidence) == 0 {
		return ""
	}
	return oneLine(i.Evidence[0].Said())
}

// roomForAct is how much of a first step a list shows: two lines of its column.
const roomForAct = 110

// firstAct is what to do first, in a sentence. A list of incidents has no room for more: an explanation or a command
// makes its rows so high that the next incident is out of sight, and the title leads to both.
func firstAct(steps []incident.Step) string {
	if len(steps) == 0 {
		return ""
	}
	return oneLine(opening(steps[0].Text, roomForAct))
}

var (
	sentenceEnd = regexp.MustCompile(`[。！？]|[.!?](?:\s+[\p{Lu}\p{Han}"“])`)
	clauseEnd   = regexp.MustCompile(`；|;\s`)
)

// opening is the first sentence of a text, and of a longer one the clauses that fit; a first clause that does not fit is
// returned whole.
func opening(text string, room int) string {
	if at := sentenceEnd.FindStringIndex(text); at != nil {
		_, mark := utf8.DecodeRuneInString(text[at[0]:])
		text = text[:at[0]+mark]
	}
	if width(text) <= room {
		return text
	}
	cut := ""
	for _, at := range clauseEnd.FindAllStringIndex(text, -1) {
		if cut != "" && width(text[:at[0]]) > room {
			break
		}
		cut = text[:at[0]]
	}
	if cut == "" {
		return text
	}
	return cut + "…"
}

// firstStep is what to do first, with its command, on one line.
func (v View) firstStep(steps []incident.Step) string {
	if len(steps) == 0 {
		return ""
	}
	if steps[0].Command == "" {
		return oneLine(steps[0].Text)
	}
	return oneLine(steps[0].Text + v.text("命令：", " Command: ") + steps[0].Command)
}

func linkList(links []incident.Link) string {
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = l.ID
	}
	return strings.Join(out, ", ")
}
