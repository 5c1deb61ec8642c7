package query

import (
	"iter"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// Answer is what a query selects of a scan; pkg/frames renders it.
type Answer struct {
	Incidents []incident.Incident
	// Selected yields the lines of EachLine; nil yields none. There may be a hundred thousand, and most views look at none.
	Selected iter.Seq[*incident.Line]
	// Signatures in order of id.
	Signatures []*signature.Signature
	// Scan is the whole of it: coverage, errors, time of judgement.
	Scan *scan.Result
}

// Choose returns the signatures that a query is about, in order of id. Drafts and what runs on trial (shadow) are
// chosen by id only: they are not to bother anybody yet. The catalogue shows all.
func (q Query) Choose(set *signature.Set) ([]*signature.Signature, error) {
	for _, id := range q.Signatures {
		if _, ok := set.Get(id); !ok {
			return nil, invalid("signature %q is unknown: choose one of %s", "特征 %q 不存在：可用的特征有 %s", id, ids(set))
		}
	}
	var out []*signature.Signature
	for _, s := range set.All() {
		switch {
		case len(q.Signatures) > 0 && !slices.Contains(q.Signatures, s.ID):
		case len(q.Signatures) == 0 && s.Status != signature.Active && q.QueryType != Signatures:
		case len(q.Severities) > 0 && !slices.Contains(q.Severities, string(s.Severity)):
		case len(q.Sources) > 0 && !overlap(q.Sources, texts(s.Sources())):
		default:
			out = append(out, s)
		}
	}
	return out, nil
}

func ids(set *signature.Set) string {
	var out []string
	for _, s := range set.All() {
		out = append(out, s.ID)
	}
	return strings.Join(out, ", ")
}

// Select applies the filters of a query to a scan. It is pure: the same scan serves many queries.
func (q Query) Select(res *scan.Result, set *signature.Set) (Answer, error) {
	chosen, err := q.Choose(set)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Scan: res, Signatures: chosen}
	for i := range res.Incidents {
		if inc := &res.Incidents[i]; slices.Contains(chosen, inc.Signature) && q.selects(inc) {
			a.Incidents = append(a.Incidents, *inc)
		}
	}
	if q.Incident != "" {
		if a.Incidents = named(a.Incidents, q.Incident); len(a.Incidents) == 0 {
			return Answer{}, notFound("incident %q is not in this time range: widen the range, or choose another incident",
				"该时间范围内没有事件 %q：请扩大时间范围，或选择其他事件", q.Incident)
		}
	}
	selected := make(map[string]bool, len(a.Incidents))
	for i := range a.Incidents {
		selected[a.Incidents[i].ID] = true
	}
	a.Selected = func(yield func(*incident.Line) bool) {
		for i := range res.Lines {
			l := &res.Lines[i]
			if slices.Contains(chosen, l.Signature) && q.selectsLine(l, selected[l.Incident]) && !yield(l) {
				return
			}
		}
	}
	return a, nil
}

// EachLine yields the lines of the range, in order of time. Line.Incident may name an incident that the filters left out.
func (a Answer) EachLine() iter.Seq[*incident.Line] {
	if a.Selected == nil {
		return func(func(*incident.Line) bool) {}
	}
	return a.Selected
}

// selects reports whether an incident passes the filters on hosts, clusters and states.
func (q Query) selects(i *incident.Incident) bool {
	return (len(q.Clusters) == 0 || slices.Contains(q.Clusters, i.Cluster)) &&
		(len(q.States) == 0 || slices.Contains(q.States, string(i.State))) &&
		(len(q.Hosts) == 0 || overlap(q.Hosts, i.HostNames()))
}

// selectsLine reports whether a line passes them; ofSelected is whether its incident does. A filter that only an incident
// can answer drops lines that belong to none.
func (q Query) selectsLine(l *incident.Line, ofSelected bool) bool {
	if (q.Incident != "" || len(q.States) > 0) && !ofSelected {
		return false
	}
	return (len(q.Clusters) == 0 || slices.Contains(q.Clusters, l.Cluster)) && (len(q.Hosts) == 0 || slices.Contains(q.Hosts, l.Host))
}

// named returns the incident of an id, or all episodes of a fingerprint. An incident whose start lies before the
// look-back is `fingerprint~`; a link may carry the one id and the range at hand show the other.
func named(list []incident.Incident, id string) []incident.Incident {
	var exact, same []incident.Incident
	for _, inc := range list {
		fingerprint, _, dated := strings.Cut(id, "-")
		switch {
		case inc.ID == id || inc.Fingerprint == id:
			exact = append(exact, inc)
		case dated && fingerprint == inc.Fingerprint && !inc.StartKnown:
			same = append(same, inc)
		case inc.Fingerprint+"~" == id && (len(same) == 0 || inc.Start.Before(same[0].Start)):
			same = []incident.Incident{inc}
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return same
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}
