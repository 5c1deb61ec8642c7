package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
)

// dump writes out everything that an answer says, without positions in a read: two answers are the same when their
// dumps are.
func dump(res *scan.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "now %s\n", since(res.Now))
	for i := range res.Incidents {
		b.WriteString(dumpIncident(&res.Incidents[i]))
	}
	for i := range res.Lines {
		l := &res.Lines[i]
		fmt.Fprintf(&b, "line of %s %s %q %q %s\n", l.Incident, l.Fingerprint, l.Cluster, l.Host, dumpMatch(l.Match))
	}
	for _, row := range incident.AlertRows(res.Incidents, res.Now) {
		fmt.Fprintf(&b, "alert %s %v\n", row.Incident.ID, row.Value)
	}
	return b.String()
}

func dumpIncident(inc *incident.Incident) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("incident %s %s %q", inc.Signature.ID, inc.ID, inc.Key)
	p("  %s %s %s start %s (known %v) last %s end %s count %d cluster %q", inc.Verdict, inc.State, inc.Reason, since(inc.Start), inc.StartKnown, since(inc.Last), since(inc.End), inc.Count, inc.Cluster)
	for _, h := range inc.Hosts {
		p("  host %q count %d failed %s recovered %s", h.Name, h.Count, since(h.LastFailure), since(h.LastRecovery))
	}
	for _, k := range slices.Sorted(maps.Keys(inc.Captures)) {
		p("  capture %s = %q", k, inc.Captures[k])
	}
	for _, m := range inc.Evidence {
		p("  evidence %s", dumpMatch(m))
	}
	if inc.Cause != nil {
		p("  cause %s %s", inc.Cause.Signature, inc.Cause.ID)
	}
	for _, l := range inc.Symptoms {
		p("  symptom %s %s", l.Signature, l.ID)
	}
	for _, w := range inc.Why {
		p("  why %s %s %s %q", w.Rule, w.Detail, since(w.Time), w.Line)
	}
	for _, h := range inc.Hypotheses {
		p("  hypothesis %s %d for %v against %v unchecked %v", h.Definition.ID, h.Score, h.For, h.Against, h.Unchecked)
	}
	return b.String()
}

func dumpMatch(m match.Match) string {
	return fmt.Sprintf("%s %s %s/%s %q %q %q", since(m.Time), m.Stream.Key, m.Signature.ID, m.Term.Name, fmt.Sprint(m.Captures), m.Line, m.Message)
}

// differ returns where two dumps differ, "" when they do not.
func differ(want, got string) string {
	if want == got {
		return ""
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	only := func(sign string, list, other []string) {
		count := map[string]int{}
		for _, l := range other {
			count[l]++
		}
		for _, l := range list {
			if count[l]--; count[l] < 0 && len(out) < 8 {
				out = append(out, sign+" "+l[:min(len(l), 240)])
			}
		}
	}
	only("-", a, b)
	only("+", b, a)
	if len(out) == 0 {
		return "the same lines in another order"
	}
	return strings.Join(out, "\n")
}
