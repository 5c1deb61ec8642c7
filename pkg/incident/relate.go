package incident

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// relate judges incidents by evidence: a cause's incident confirms its symptoms, a refuting line disproves. Both
// incidents stay, linked to each other.
func relate(incidents []draft) {
	bySignature := map[string][]int{}
	for i := range incidents {
		bySignature[incidents[i].Signature.ID] = append(bySignature[incidents[i].Signature.ID], i)
	}
	for i := range incidents {
		inc := &incidents[i]
		if len(inc.Signature.Cause) == 0 {
			inc.refute()
			continue
		}
		inc.Verdict = Suspected
		for _, rel := range inc.Signature.Cause {
			if c := nearestCause(&inc.Incident, incidents, bySignature[rel.Signature], rel); c >= 0 {
				cause := &incidents[c]
				if !inc.Unclear && !cause.Unclear {
					inc.Verdict = Confirmed
				}
				inc.Cause = &Link{cause.ID, cause.Fingerprint, cause.Signature.ID}
				cause.Symptoms = append(cause.Symptoms, Link{inc.ID, inc.Fingerprint, inc.Signature.ID})
				inc.Why = append(inc.Why, Why{Rule: RuleCause, Detail: cause.Signature.ID, Time: cause.Start, Line: cause.Evidence[0].Line})
				break
			}
		}
		if inc.Cause == nil {
			inc.Why = append(inc.Why, Why{Rule: RuleNoEvidence, Detail: inc.Signature.Cause[0].Signature})
			inc.refute()
		}
	}
}

// nearestCause returns the incident of a cause that overlaps the symptom, widened by Within, with equal join values;
// of several the one that started nearest, then the one with the smaller fingerprint.
func nearestCause(inc *Incident, incidents []draft, candidates []int, rel signature.Relation) int {
	best, gap := -1, time.Duration(0)
	for _, c := range candidates {
		cause := &incidents[c].Incident
		if healedBefore(cause, inc) {
			continue
		}
		if cause.Start.Sub(inc.Last) > rel.Within.D() || inc.Start.Sub(cause.Last) > rel.Within.D() || !sameValues(rel.Join, inc, cause) {
			continue
		}
		distance := cause.Start.Sub(inc.Start).Abs()
		if best < 0 || distance < gap || distance == gap && cause.Fingerprint < incidents[best].Fingerprint {
			best, gap = c, distance
		}
	}
	return best
}

// healedBefore: what had recovered before an incident began cannot have caused it.
func healedBefore(cause, inc *Incident) bool {
	return cause.Reason == Recovered && cause.End.Before(inc.Start)
}

// sameValues joins two incidents. They share a host when one host fails in both.
func sameValues(join []string, a, b *Incident) bool {
	for _, name := range join {
		if name == "host" {
			shared := slices.ContainsFunc(a.Hosts, func(h Host) bool { return slices.Contains(b.HostNames(), h.Name) })
			if !shared {
				return false
			}
			continue
		}
		if name == "cluster" {
			if a.Cluster != b.Cluster {
				return false
			}
			continue
		}
		if signature.Lookup(signature.Ref(name), a.Captures) != signature.Lookup(signature.Ref(name), b.Captures) {
			return false
		}
	}
	return true
}

// refutation returns the first line that disproves an incident, nil without one.
func refutation(inc *Incident, j judgements) *Why {
	if len(inc.Signature.Refute) == 0 {
		return nil
	}
	vals := inc.values()
	for _, rule := range inc.Signature.Refute {
		for _, o := range j[rule.Term] {
			if o.Time.Before(inc.Start) || inc.State == Resolved && o.Time.After(inc.End) {
				continue
			}
			if joins(rule.Join, vals, soleHost(inc), o) {
				return &Why{Rule: RuleRefute, Detail: rule.Term, Time: o.Time, Line: o.Line}
			}
		}
	}
	return nil
}

func (d *draft) refute() {
	if d.refuted != nil {
		d.Verdict = Refuted
		d.Why = append(d.Why, *d.refuted)
	}
}

// values returns what refs of the signature's texts, steps and conditions can name.
func (i *Incident) values() map[string]string {
	return values(i.Signature, i.Captures, i.Cluster, soleHost(i))
}

// soleHost returns the host of an incident that has one, or "".
func soleHost(inc *Incident) string {
	if len(inc.Hosts) == 1 {
		return inc.Hosts[0].Name
	}
	return ""
}
