package frames

import (
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// ValueColumn is the one number of a frame for alert rules.
const ValueColumn = "value"

// IdentityLabels are the labels that make an alert instance, in order. None of them changes while an incident lives:
// a changed label would resolve one alert and fire another.
func IdentityLabels() []string {
	return []string{"fingerprint", "signature", "severity", "class", "family", "cluster", "subject"}
}

// EvidenceLabels are what the evidence view carries beside the identity.
func EvidenceLabels() []string {
	return []string{"title", "summary", "evidence", "verdict", "hosts", "count", "since", "ended", "reason", "first_step", "first_risk", "incident_url", "runbook_url", "document_url"}
}

// AlertIdentity has one row per fingerprint: 1 while active, 0 for 15 minutes after closing. With nothing firing it is
// a frame without fields, which Grafana reads as "no data" and not as an error.
func AlertIdentity(a Answer, v View) *data.Frame {
	return alert(a, v, nil)
}

// AlertEvidence has the same rows; a rule reads its labels as `$values.B.Labels.evidence`. Its extra labels identify
// nothing and may change from one evaluation to the next.
func AlertEvidence(a Answer, v View) *data.Frame {
	return alert(a, v, EvidenceLabels())
}

func alert(a Answer, v View, extra []string) *data.Frame {
	rows := incident.AlertRows(a.Incidents, a.Scan.Now)
	f := numeric("alert")
	if len(rows) > 0 {
		for _, name := range IdentityLabels() {
			column(f, name, len(rows), func(r int) string { return identityLabel(rows[r].Incident, name) })
		}
		var steps [][]incident.Step // rendered once, though two labels show the first of them
		if len(extra) > 0 {
			steps = make([][]incident.Step, len(rows))
			for r := range rows {
				steps[r] = rows[r].Incident.Steps(v.rendering())
			}
		}
		for _, name := range extra {
			column(f, name, len(rows), func(r int) string { return v.evidenceLabel(rows[r].Incident, steps[r], name) })
		}
		column(f, ValueColumn, len(rows), func(r int) float64 { return rows[r].Value })
	}
	return finish(f, a.Scan, v, len(rows), len(rows))
}

func identityLabel(i *incident.Incident, name string) string {
	switch name {
	case "fingerprint":
		return i.Fingerprint
	case "cluster":
		return oneLine(i.Cluster)
	case "subject":
		return oneLine(i.Subject())
	}
	return signatureLabel(i.Signature, name)
}

// signatureLabel is a label that all incidents of a signature share.
func signatureLabel(s *signature.Signature, name string) string {
	switch name {
	case "signature":
		return s.ID
	case "severity":
		return string(s.Severity)
	case "class":
		return string(s.Class)
	case "family":
		return s.Family
	}
	return ""
}

func (v View) evidenceLabel(i *incident.Incident, steps []incident.Step, name string) string {
	switch name {
	case "title":
		return oneLine(i.Title(v.Lang))
	case "summary":
		return oneLine(i.Summary(v.Lang))
	case "evidence":
		return firstLine(i)
	case "verdict":
		return string(i.Verdict)
	case "hosts":
		return hostList(i)
	case "count":
		return strconv.Itoa(i.Count)
	case "since":
		return v.stamp(i.Start)
	case "ended":
		return v.stamp(i.End)
	case "reason":
		return v.reason(i)
	case "first_step":
		return v.firstStep(steps)
	case "first_risk":
		if len(steps) > 0 {
			return string(steps[0].Risk)
		}
	case "incident_url":
		return v.incidentPath(i)
	case "runbook_url":
		return v.runbookPath(i.Signature.ID)
	case "document_url":
		_, address := v.document(i.Signature)
		return address
	}
	return ""
}

// zones are those of notifications, by language: a text cannot follow the zone of its reader, so it names its own. The
// English one is that of readers anywhere.
var zones = map[signature.Lang]*time.Location{signature.ZH: time.FixedZone("", 8*60*60), signature.EN: time.UTC}

// stamp is a time for a notification: RFC 3339 with the offset of the zone; "" for the zero time.
func (v View) stamp(t time.Time) string {
	zone := zones[v.Lang]
	if t.IsZero() || zone == nil {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// reason says in words why an incident is over; "" while it is not.
func (v View) reason(i *incident.Incident) string {
	switch i.Reason {
	case incident.Recovered:
		return v.text("出现恢复日志", "the logs show that it recovered")
	case incident.Quiet:
		return v.text("恢复观察期内没有再出现", "it has not been seen for its recovery period")
	}
	return ""
}
