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
func weigh(inc *draft, all []draft, in Input) []Hypothesis {
	out := make([]Hypothesis, 0, len(inc.Signature.Hypotheses))
	for n := range inc.Signature.Hypotheses {
		def := &inc.Signature.Hypotheses[n]
		h := Hypothesis{Definition: def, Score: def.Prior}
		for k := range def.For {
			w := &def.For[k]
			switch look(inc, w, all, in) {
			case present:
				h.Score += w.Weight
				h.For = append(h.For, w.Name())
			case unchecked:
				h.Unchecked = append(h.Unchecked, w.Name())
			}
		}
		for k := range def.Against {
			w := &def.Against[k]
			switch look(inc, w, all, in) {
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
func look(inc *draft, w *signature.Weight, all []draft, in Input) evidenceOf {
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
			other := &all[i].Incident
			if healedBefore(other, &inc.Incident) {
				continue
			}
			if other.Signature.ID == w.Signature && near(&inc.Incident, other.Start, other.Last, within) && sameValues(w.Join, &inc.Incident, other) {
				return present
			}
		}
		if sig, ok := in.Set.Get(w.Signature); ok {
			return silence(&inc.Incident, sig.DetectSource(), within, in)
		}
		return unchecked
	default:
		return inc.weighed[w]
	}
}

// weighTerms looks for the evidence that lines of the incident's own signature are.
func weighTerms(inc *Incident, j judgements, in Input) map[*signature.Weight]evidenceOf {
	var out map[*signature.Weight]evidenceOf
	var vals map[string]string
	look := func(weights []signature.Weight) {
		for k := range weights {
			w := &weights[k]
			if w.Term == "" {
				continue
			}
			if out == nil {
				out, vals = map[*signature.Weight]evidenceOf{}, inc.values()
			}
			within := w.Within.D()
			out[w] = silence(inc, inc.Signature.Terms[w.Term].Source, within, in)
			for _, o := range j[w.Term] {
				if near(inc, o.Time, o.Time, within) && joins(w.Join, vals, soleHost(inc), o) {
					out[w] = present
					break
				}
			}
		}
	}
	for n := range inc.Signature.Hypotheses {
		look(inc.Signature.Hypotheses[n].For)
		look(inc.Signature.Hypotheses[n].Against)
	}
	return out
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
