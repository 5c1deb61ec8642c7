package frames

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// defaultAnnotations bounds the events: Grafana draws each as DOM elements and grows slow.
const defaultAnnotations = 500

// Annotations is exactly one frame, because Grafana merges several into one with mixed columns. It matches columns by
// display name, so they have none beside their name. Title and text are rendered as HTML (sanitised, but we do not
// rely on that); newState is what colours an event: alerting red, pending yellow, ok green.
// With StatStarted an event ends when it starts, which Grafana draws as a line instead of a region.
func Annotations(a Answer, stat query.Stat, v View) *data.Frame {
	list := byLane(a.Incidents[:min(len(a.Incidents), v.limit(defaultAnnotations))])
	n, at := len(list), func(row int) *incident.Incident { return &list[row] }
	f := table("annotations")
	column(f, "time", n, func(r int) time.Time { return at(r).Start })
	column(f, "timeEnd", n, func(r int) time.Time {
		if stat == query.StatStarted {
			return at(r).Start
		}
		return at(r).EndOr(a.Scan.Now)
	})
	column(f, "title", n, func(r int) string { return escapeHTML(where(at(r), v)) })
	column(f, "text", n, func(r int) string { return v.annotationText(at(r)) })
	column(f, "tags", n, func(r int) string { return tags(at(r)) })
	column(f, "id", n, func(r int) string { return at(r).ID })
	column(f, "newState", n, func(r int) string { return newState(at(r)) })
	lanes := v.lanes(list)
	column(f, "lane", n, func(r int) string { return lanes[at(r).Fingerprint] })
	return finish(f, a.Scan, v, n, len(a.Incidents))
}

// byLane puts the episodes of one failure together, in order of time, where the first of them stood: a timeline draws a
// lane for each failure in the order in which it finds them.
func byLane(list []incident.Incident) []incident.Incident {
	rank := map[string]int{}
	for i := range list {
		if _, known := rank[list[i].Fingerprint]; !known {
			rank[list[i].Fingerprint] = i
		}
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b incident.Incident) int {
		return cmp.Or(rank[a.Fingerprint]-rank[b.Fingerprint], a.Start.Compare(b.Start))
	})
	return out
}

// where is the title with the subject, which tells apart what fails in two places in the same way.
func where(i *incident.Incident, v View) string {
	title, subject := i.Title(v.Lang), i.Subject()
	if subject == "" || strings.Contains(title, subject) {
		return title
	}
	return title + " · " + subject
}

// newState is red for what is bad now, yellow for what is bad but less so or not sure, green for what is over.
func newState(i *incident.Incident) string {
	switch {
	case i.State == incident.Resolved:
		return "ok"
	case i.Verdict != incident.Refuted && i.Signature.Severity.Rank() <= signature.High.Rank():
		return "alerting"
	}
	return "pending"
}

// tags are split at commas by Grafana; a comma in foreign text must not make two of one.
func tags(i *incident.Incident) string {
	out := []string{string(i.Signature.Severity), i.Signature.ID, string(i.Signature.Class), string(i.State), string(i.Verdict)}
	if i.Cluster != "" {
		out = append(out, strings.ReplaceAll(oneLine(i.Cluster), ",", " "))
	}
	return strings.Join(out, ",")
}

// annotationText is safe HTML: what, where, one line of evidence, what to do, links. The links are relative to
// Grafana's <base>, so that they survive a sub-path.
func (v View) annotationText(i *incident.Incident) string {
	var b strings.Builder
	part := func(zh, en, text string) {
		if text != "" {
			b.WriteString("<b>" + v.text(zh, en) + "</b> " + text + "<br/>")
		}
	}
	b.WriteString(escapeHTML(i.Summary(v.Lang)) + "<br/>")
	part("级别", "Severity", html.EscapeString(v.say("severity", string(i.Signature.Severity))+", "+
		v.say("verdict", string(i.Verdict))+", "+v.say("state", string(i.State))))
	part("对象", "Subject", escapeHTML(i.Subject()))
	part("主机", "Hosts", escapeHTML(hostList(i)))
	if line := firstLine(i); line != "" {
		part("证据", "Evidence", "<code>"+html.EscapeString(line)+"</code>")
	}
	part("第一步", "First step", escapeHTML(v.firstStep(i.Steps(v.rendering()))))
	b.WriteString(anchor(v.incidentPath(i), v.text("事件详情", "Incident")) + " · " +
		anchor(v.runbookPath(i.Signature.ID), v.text("处置步骤", "Steps")))
	if title, address := v.document(i.Signature); address != "" {
		b.WriteString(" · " + anchor(address, title))
	}
	return b.String()
}

func anchor(address, title string) string {
	return `<a href="` + html.EscapeString(address) + `">` + html.EscapeString(title) + `</a>`
}
