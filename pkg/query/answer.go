package query

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// Answer is what a query selects of a scan; pkg/frames renders it.
type Answer struct {
	Incidents []incident.Incident
	// Lines of the range, in order of time.
	Lines []Line
	// Signatures in order of id.
	Signatures []*signature.Signature
	// Scan is the whole of it: coverage, errors, time of judgement.
	Scan *scan.Result
}

// Line is a matching line and the incident that it belongs to, nil when it belongs to none (below a threshold) or
// when that cannot be told.
type Line struct {
	*match.Match
	Incident *incident.Incident
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
func (q Query) Select(res *scan.Result, set *signature.Set, labels incident.Settings) (Answer, error) {
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
	own := make(map[string]*incident.Incident, len(a.Incidents))
	for i := range a.Incidents {
		own[a.Incidents[i].ID] = &a.Incidents[i]
	}
	owners := newAttribution(res.Incidents, labels)
	for i := range res.Matches {
		m := &res.Matches[i]
		if !slices.Contains(chosen, m.Signature) {
			continue
		}
		line := Line{Match: m}
		if inc := owners.of(m); inc != nil {
			line.Incident = own[inc.ID]
		}
		if q.selectsLine(line, owners) {
			a.Lines = append(a.Lines, line)
		}
	}
	return a, nil
}

// selects tells whether an incident passes the filters on hosts, clusters and states.
func (q Query) selects(i *incident.Incident) bool {
	return (len(q.Clusters) == 0 || slices.Contains(q.Clusters, i.Cluster)) &&
		(len(q.States) == 0 || slices.Contains(q.States, string(i.State))) &&
		(len(q.Hosts) == 0 || overlap(q.Hosts, i.HostNames()))
}

// selectsLine tells whether a line passes them. A filter that only an incident can answer drops lines without one.
func (q Query) selectsLine(l Line, owners attribution) bool {
	if (q.Incident != "" || len(q.States) > 0) && l.Incident == nil {
		return false
	}
	if len(q.Clusters) > 0 && !slices.Contains(q.Clusters, string(l.Stream.Labels[model.LabelName(owners.labels.ClusterLabel)])) {
		return false
	}
	if len(q.Hosts) == 0 {
		return true
	}
	said := owners.host(l.Match)
	if said == "" && l.OnHost {
		said = owners.labelled(l.Match)
	}
	if said != "" {
		return slices.Contains(q.Hosts, said)
	}
	return l.Incident != nil
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
