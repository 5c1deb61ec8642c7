package incident

import (
	"sort"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// judgements are the lines of a signature that resolve, refute or weigh, by term, in order of time.
type judgements map[string][]*observation

func newJudgements(obs []*observation) judgements {
	j := judgements{}
	for _, o := range obs {
		j[o.Term.Name] = append(j[o.Term.Name], o)
	}
	return j
}

// recovery returns the first line after a host's last failure that recovers it. host "" is the incident as a whole.
func (j judgements) recovery(e episode, host string, last time.Time) (best *observation, found bool) {
	vals := e.values()
	for _, rule := range e.sig.Resolve.On {
		list := j[rule.Term]
		n := sort.Search(len(list), func(i int) bool { return list[i].Time.After(last) })
		for ; n < len(list); n++ {
			if joins(rule.Join, vals, host, list[n]) {
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
func (e episode) values() map[string]string { return e.obs[len(e.obs)-1].captures() }

// joins reports whether an observation has equal values and speaks of the same host. What is unknown joins nothing.
func joins(join []string, vals map[string]string, host string, o *observation) bool {
	other := o.captures()
	for _, name := range join {
		if name == "host" {
			if named := o.hostOr(); named == unknownHost || named != host {
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
