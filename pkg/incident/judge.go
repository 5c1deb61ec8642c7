package incident

import (
	"sort"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// judgements are the lines that resolve, refute or weigh, by signature and term, in order of time.
type judgements map[string][]observation

func newJudgements(obs []observation) judgements {
	j := judgements{}
	for i := range obs {
		k := obs[i].Signature.ID + "/" + obs[i].Term.Name
		j[k] = append(j[k], obs[i])
	}
	return j
}

func (j judgements) of(sig *signature.Signature, term string) []observation {
	return j[sig.ID+"/"+term]
}

// recovery returns the first line after a host's last failure that recovers it. host "" is the incident as a whole.
func (j judgements) recovery(e episode, host string, last time.Time) (observation, bool) {
	var best observation
	found := false
	for _, rule := range e.sig.Resolve.On {
		list := j.of(e.sig, rule.Term)
		n := sort.Search(len(list), func(i int) bool { return list[i].Time.After(last) })
		for ; n < len(list); n++ {
			if joins(rule.Join, e.values(), host, &list[n]) {
				if !found || list[n].Time.Before(best.Time) {
					best, found = list[n], true
				}
				break
			}
		}
	}
	return best, found
}

// values returns what the last line of the episode says.
func (e episode) values() map[string]string {
	last := e.obs[len(e.obs)-1]
	return values(e.sig, last.Captures, e.cluster, last.host)
}

// joins tells whether an observation has equal values and speaks of the same host. What is unknown joins nothing.
func joins(join []string, vals map[string]string, host string, o *observation) bool {
	other := o.captures()
	for _, name := range join {
		if name == "host" {
			if named := o.hostOr(); named == "unknown" || named != host {
				return false
			}
			continue
		}
		if signature.Lookup(signature.Ref(name), vals) != signature.Lookup(signature.Ref(name), other) {
			return false
		}
	}
	return true
}
