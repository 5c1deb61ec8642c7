package frames

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
)

const (
	defaultHosts = 1000
	// maxTitles bounds the failures in a host's cell; `incidents` has their number.
	maxTitles = 5
)

// hostRow is one host of a cluster with all that fails on it. The same address in two clusters is two hosts.
type hostRow struct {
	cluster, name string
	// incidents, worst first.
	incidents []*incident.Incident
	// failing are those that are active and that this host has not recovered from.
	failing               int
	count                 int
	lastFailure, recovery time.Time
}

func (h *hostRow) state() incident.State {
	if h.failing > 0 {
		return incident.Active
	}
	return incident.Resolved
}

// recovered is when it did; a host that failed again has not.
func (h *hostRow) recovered() time.Time {
	if h.failing > 0 {
		return time.Time{}
	}
	return h.recovery
}

func (h *hostRow) worst() *incident.Incident { return h.incidents[0] }

// Hosts is the table of hosts that the selected incidents name, one row each however many failures it has, so that its
// rows are a true count of hosts. The hosts and states of the query choose rows.
func Hosts(a Answer, q query.Query, v View) *data.Frame {
	all := hostRows(a, q)
	list := all[:min(len(all), v.limit(defaultHosts))]
	n, at := len(list), func(row int) *hostRow { return list[row] }
	f := table("hosts")

	column(f, "host", n, func(r int) string { return incident.OneLine(at(r).name, 100) })
	column(f, "state", n, func(r int) string { return string(at(r).state()) })
	column(f, "severity", n, func(r int) string { return string(at(r).worst().Signature.Severity) })
	title := column(f, "title", n, func(r int) string { return v.titles(at(r).incidents) })
	column(f, "incidents", n, func(r int) int64 { return int64(len(at(r).incidents)) })
	column(f, "active", n, func(r int) int64 { return int64(at(r).failing) })
	column(f, "count", n, func(r int) int64 { return int64(at(r).count) })
	column(f, "last_failure", n, func(r int) time.Time { return at(r).lastFailure })
	column(f, "last_recovery", n, func(r int) *time.Time { return optional(at(r).recovered()) })
	column(f, "cluster", n, func(r int) string { return oneLine(at(r).cluster) })
	column(f, "signature", n, func(r int) string { return at(r).worst().Signature.ID })
	column(f, "incident", n, func(r int) string { return at(r).worst().ID })

	fieldConfig(title).Links = []data.DataLink{v.fieldLink(v.text("事件详情", "Incident"), incidentDashboard, "incident", "${__data.fields.incident:percentencode}")}
	v.label(f)
	finish(f, a.Scan, v, n, len(all))
	return orUnknown(f, a.Scan, query.Hosts, v)
}

// hostRows collects the hosts of incidents: failing ones first, then by severity, then the latest failure first.
func hostRows(a Answer, q query.Query) []*hostRow {
	byName := map[[2]string]*hostRow{}
	var out []*hostRow
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		for _, h := range inc.Hosts {
			if len(q.Hosts) > 0 && !slices.Contains(q.Hosts, h.Name) {
				continue
			}
			row := byName[[2]string{inc.Cluster, h.Name}]
			if row == nil {
				row = &hostRow{cluster: inc.Cluster, name: h.Name}
				byName[[2]string{inc.Cluster, h.Name}] = row
				out = append(out, row)
			}
			row.add(inc, h)
		}
	}
	out = slices.DeleteFunc(out, func(h *hostRow) bool { return len(q.States) > 0 && !slices.Contains(q.States, string(h.state())) })
	for _, row := range out {
		slices.SortStableFunc(row.incidents, worse)
	}
	slices.SortStableFunc(out, func(x, y *hostRow) int {
		return cmp.Or(
			strings.Compare(string(x.state()), string(y.state())), // active before resolved
			cmp.Compare(x.worst().Signature.Severity.Rank(), y.worst().Signature.Severity.Rank()),
			y.lastFailure.Compare(x.lastFailure),
			strings.Compare(x.cluster, y.cluster), strings.Compare(x.name, y.name),
		)
	})
	return out
}

func (h *hostRow) add(inc *incident.Incident, seen incident.Host) {
	h.incidents = append(h.incidents, inc)
	h.count += seen.Count
	if inc.State == incident.Active && seen.LastRecovery.IsZero() {
		h.failing++
	}
	if seen.LastFailure.After(h.lastFailure) {
		h.lastFailure = seen.LastFailure
	}
	recovered := seen.LastRecovery
	if recovered.IsZero() && inc.State == incident.Resolved {
		recovered = inc.End
	}
	if recovered.After(h.recovery) {
		h.recovery = recovered
	}
}

// worse orders what fails on one host: active incidents first, then by severity, then the latest first.
func worse(a, b *incident.Incident) int {
	return cmp.Or(strings.Compare(string(a.State), string(b.State)), cmp.Compare(a.Signature.Severity.Rank(), b.Signature.Severity.Rank()), b.Start.Compare(a.Start))
}

// titles says what fails on a host, each kind once.
func (v View) titles(list []*incident.Incident) string {
	var out []string
	for _, i := range list {
		if t := oneLine(i.Title(v.Lang)); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	more := ""
	if len(out) > maxTitles {
		out, more = out[:maxTitles], v.text("；…", "; …")
	}
	return strings.Join(out, v.text("；", "; ")) + more
}
