package frames

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// CountLabels are the labels of a count, in order.
func CountLabels() []string { return []string{"signature", "severity", "class", "family"} }

// Count has one row per selected active signature, including those that count 0: a missing row is "no data" to an
// alert rule, and what fired on it would never resolve by itself (loki #4449).
func Count(a Answer, v View, stat query.Stat) *data.Frame {
	var sigs []*signature.Signature
	for _, s := range a.Signatures {
		if s.Status == signature.Active {
			sigs = append(sigs, s)
		}
	}
	counts := counted(a, v, stat)
	f := numeric("count")
	for _, name := range CountLabels() {
		column(f, name, len(sigs), func(r int) string { return signatureLabel(sigs[r], name) })
	}
	column(f, ValueColumn, len(sigs), func(r int) float64 { return counts[sigs[r].ID] })
	return finish(f, a.Scan, v, len(sigs), len(sigs))
}

// counted returns the statistic by signature id.
func counted(a Answer, v View, stat query.Stat) map[string]float64 {
	out := map[string]float64{}
	if stat == query.StatLines {
		for l := range a.EachLine() {
			out[l.Signature.ID]++
		}
		return out
	}
	hosts := map[string]bool{}
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		id := inc.Signature.ID
		switch {
		case stat == query.StatStarted:
			if started(inc, v) {
				out[id]++
			}
		case inc.State != incident.Active:
		case stat == query.StatHosts:
			for _, h := range inc.Hosts {
				if key := id + "\x00" + h.Name; !hosts[key] {
					hosts[key] = true
					out[id]++
				}
			}
		default:
			out[id]++
		}
	}
	return out
}

// started reports whether an incident began in the range; one whose beginning lies before all that was read did not.
func started(i *incident.Incident, v View) bool { return i.StartKnown && !i.Start.Before(v.Start) }
