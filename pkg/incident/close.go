package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

func hosts(e episode, recoveries judgements) []Host {
	byName := map[string]*Host{}
	for i := range e.obs {
		o := e.obs[i]
		name := o.hostOr()
		if name == unknownHost && !e.sig.HasHostKey() {
			continue // a cluster-wide failure whose lines name no host
		}
		h := byName[name]
		if h == nil {
			h = &Host{Name: name}
			byName[name] = h
		}
		h.Count++
		h.LastFailure = o.Time
	}
	out := make([]Host, 0, len(byName))
	for _, h := range byName {
		if r, ok := recoveries.recovery(e, h.Name, h.LastFailure); ok {
			h.LastRecovery = r.Time
		}
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Host) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// lastNameless returns when the last line was logged that no host of the incident stands for.
func lastNameless(e episode) (time.Time, bool) {
	for n := len(e.obs) - 1; n >= 0 && !e.sig.HasHostKey(); n-- {
		if e.obs[n].hostOr() == unknownHost {
			return e.obs[n].Time, true
		}
	}
	return e.obs[len(e.obs)-1].Time, false
}

// trails are the last lines from each unit, of the whole episode and by host.
func (e episode) trails(clock quietClock) (all trails, byHost map[string]trails) {
	byHost = map[string]trails{}
	for _, o := range e.obs {
		all.add(o, clock)
		of := byHost[o.hostOr()]
		of.add(o, clock)
		byHost[o.hostOr()] = of
	}
	return all, byHost
}

// close decides whether and why the incident is over. One with several hosts is over when each of them has recovered
// or gone quiet.
func (i *Incident) close(e episode, now time.Time, clock quietClock, recoveries judgements) {
	i.State = Active
	type ending struct {
		at     time.Time
		reason Reason
		why    Why
	}
	var endings []ending
	all, byHost := e.trails(clock)
	for _, t := range all {
		i.Units = append(i.Units, t.unit)
		if t.unit.ByTime {
			i.Why = append(i.Why, Why{Rule: RuleByTime, Detail: cmp.Or(t.unit.Host, t.unit.Cluster), Time: t.last})
		}
	}
	end := func(host string, last time.Time, of trails) bool {
		at, quiet, over := clock.over(e.group, of, now)
		if r, ok := recoveries.recovery(e, host, last); ok && (!over || r.Time.Before(at)) {
			endings = append(endings, ending{r.Time, Recovered, Why{Rule: RuleResolve, Detail: r.Term.Name, Time: r.Time, Line: r.Line}})
			return true
		}
		if over {
			endings = append(endings, ending{at, Quiet, Why{Rule: RuleQuiet, Detail: signature.Duration(quiet).String(), Time: at}})
		}
		return over
	}
	// Lines that name no host count as well: the failure goes on while they come.
	if last, ok := lastNameless(e); ok && !end("", last, byHost[unknownHost]) || len(i.Hosts) == 0 && !ok && !end("", last, all) {
		return
	}
	for _, h := range i.Hosts {
		if !end(h.Name, h.LastFailure, byHost[h.Name]) {
			return
		}
	}
	latest := endings[0]
	for _, x := range endings[1:] {
		if x.at.After(latest.at) {
			latest = x
		}
	}
	i.State, i.End, i.Reason = Resolved, latest.at, latest.reason
	i.Why = append(i.Why, latest.why)
}
