package query

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// attribution finds the incident of a line. An incident keeps only its first and last lines, so the lines between
// are told apart by signature, time and what they say of the key.
type attribution struct {
	bySignature map[string][]*incident.Incident
	labels      incident.Settings
}

func newAttribution(incidents []incident.Incident, labels incident.Settings) attribution {
	a := attribution{bySignature: map[string][]*incident.Incident{}, labels: labels}
	for i := range incidents {
		id := incidents[i].Signature.ID
		a.bySignature[id] = append(a.bySignature[id], &incidents[i])
	}
	return a
}

// of returns the incident that a line belongs to; nil when there is none or more than one could be.
func (a attribution) of(m *match.Match) *incident.Incident {
	var could []*incident.Incident
	for _, inc := range a.bySignature[m.Signature.ID] {
		if m.Time.Before(inc.Start) || m.Time.After(inc.Last) || !a.agrees(inc, m) {
			continue
		}
		if slices.ContainsFunc(inc.Evidence, func(e match.Match) bool { return sameLine(&e, m) }) {
			return inc
		}
		could = append(could, inc)
	}
	if len(could) > 1 && m.OnHost {
		// The label may name the host otherwise than the incident does, so it only breaks ties.
		could = slices.DeleteFunc(could, func(inc *incident.Incident) bool { return !slices.Contains(inc.HostNames(), a.labelled(m)) })
	}
	if len(could) != 1 {
		return nil
	}
	return could[0]
}

// agrees tells whether nothing that the line says contradicts the incident's key. What a line does not say it may
// have got from another carrier of the same failure.
func (a attribution) agrees(inc *incident.Incident, m *match.Match) bool {
	if string(m.Stream.Labels[model.LabelName(a.labels.ClusterLabel)]) != inc.Cluster {
		return false
	}
	for i, name := range inc.Signature.Key {
		said := ""
		switch name {
		case "cluster":
			continue
		case "host":
			said = a.host(m)
		default:
			said = keyValue(m, name)
		}
		if said != "" && said != inc.Key[i] {
			return false
		}
	}
	return true
}

// host is what a line itself says of the failing host, "" if nothing.
func (a attribution) host(m *match.Match) string {
	for _, ip := range []string{m.Captures["host_ip"], m.Attrs.HostIP} {
		if signature.Valid(signature.IP, ip) {
			return ip
		}
	}
	return ""
}

// labelled is the host that the labels of a line collected on a host name.
func (a attribution) labelled(m *match.Match) string {
	for _, name := range a.labels.HostLabels {
		if v := string(m.Stream.Labels[model.LabelName(name)]); v != "" {
			return v
		}
	}
	return ""
}

// keyValue is the value of a key in the captures of a line, as the signature derives it.
func keyValue(m *match.Match, name string) string {
	base, _, part := strings.Cut(name, ".")
	refs, derived := m.Signature.Derive[base]
	switch {
	case derived && part:
		return "" // a part of a derived value: leave it to time and cluster
	case !derived:
		return signature.Lookup(signature.Ref(name), m.Captures)
	}
	for _, ref := range refs {
		if v := signature.Lookup(ref, m.Captures); v != "" {
			return v
		}
	}
	return ""
}

func sameLine(a, b *match.Match) bool {
	return a.Signature == b.Signature && a.Time.Equal(b.Time) && a.Stream.Key == b.Stream.Key && a.Line == b.Line
}
