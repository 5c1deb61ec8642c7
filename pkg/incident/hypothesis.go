package incident

import (
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// evidenceOf is what is known about one piece of evidence.
type evidenceOf int

const (
	absent evidenceOf = iota
	present
	unchecked
)

// weigh ranks the competing causes of an incident by the sum of their prior and the weights of their evidence.
// Evidence from a source that shipped nothing around the incident is unchecked: it neither adds nor takes.
func weigh(inc *Incident, all []Incident, j judgements, in Input) []Hypothesis {
	out := make([]Hypothesis, 0, len(inc.Signature.Hypotheses))
	for n := range inc.Signature.Hypotheses {
		def := &inc.Signature.Hypotheses[n]
		h := Hypothesis{Definition: def, Score: def.Prior}
		for _, w := range def.For {
			switch look(inc, w, all, j, in) {
			case present:
				h.Score += w.Weight
				h.For = append(h.For, w.Name())
			case unchecked:
				h.Unchecked = append(h.Unchecked, w.Name())
			}
		}
		for _, w := range def.Against {
			switch look(inc, w, all, j, in) {
			case present:
				h.Score -= w.Weight
				h.Against = append(h.Against, w.Name())
			case unchecked:
				h.Unchecked = append(h.Unchecked, w.Name())
			}
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b Hypothesis) int {
		if a.Score != b.Score {
			return b.Score - a.Score
		}
		return strings.Compare(a.Definition.ID, b.Definition.ID)
	})
	return out
}

// look finds one piece of evidence near the incident.
func look(inc *Incident, w signature.Weight, all []Incident, j judgements, in Input) evidenceOf {
	within := w.Within.D()
	switch {
	case !w.When.IsZero():
		vals := inc.values()
		if w.When.Holds(func(ref signature.Ref) string { return signature.Lookup(ref, vals) }) {
			return present
		}
		return absent
	case w.Signature != "":
		for i := range all {
			other := &all[i]
			if other.Signature.ID == w.Signature && near(inc, other.Start, other.Last, within) && sameValues(w.Join, inc, other) {
				return present
			}
		}
		if sig, ok := in.Set.Get(w.Signature); ok {
			return silence(inc, sig.DetectSource(), within, in)
		}
		return unchecked
	default:
		vals := inc.values()
		for _, o := range j.of(inc.Signature, w.Term) {
			if near(inc, o.Time, o.Time, within) && joins(w.Join, vals, soleHost(inc), o) {
				return present
			}
		}
		return silence(inc, inc.Signature.Terms[w.Term].Source, within, in)
	}
}

func near(inc *Incident, from, to time.Time, within time.Duration) bool {
	return from.Sub(inc.Last) <= within && inc.Start.Sub(to) <= within
}

// silence tells "not there" from "nobody looked".
func silence(inc *Incident, source signature.Source, within time.Duration, in Input) evidenceOf {
	live, ok := in.Live[source]
	if !ok || live.Known && live.Within(inc.Start.Add(-within), inc.Last.Add(within)) == 0 {
		return unchecked
	}
	return absent
}
