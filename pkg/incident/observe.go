package incident

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/match"
)

// JoinWithin is how far apart the carriers of one failure may be logged: the worker polls its installers every few
// seconds, and reports are retried for minutes.
const JoinWithin = 5 * time.Minute

// observation is a match with what it is about.
type observation struct {
	*match.Match
	*subject
	// index is the position among the lines that detection looks at.
	index int
}

// observe finds out the cluster and host of every match.
func observe(matches []*match.Match, s Settings) []observation {
	out := make([]observation, len(matches))
	subjects := map[*match.Kind]*subject{}
	for i, m := range matches {
		if subjects[m.Kind] == nil {
			subjects[m.Kind] = newSubject(m.Kind, s)
		}
		out[i] = observation{Match: m, subject: subjects[m.Kind]}
	}
	return out
}

// joinCarriers gives matches of one cluster, all of one signature, that share a host, sub_inst_id or task_id within five
// minutes, or are twins, what only some of them know: the host, and captures of the key.
func joinCarriers(obs []observation) {
	groups := map[string][]int{}
	for i := range obs {
		groups[obs[i].cluster] = append(groups[obs[i].cluster], i)
	}
	filled := filler{obs: obs, subjects: map[filling]*subject{}}
	for _, idx := range groups {
		u := newUnion(len(idx))
		last := map[string]int{}
		for n, i := range idx { // idx is in order of time
			for _, id := range obs[i].identities() {
				if before, ok := last[id]; ok && obs[i].Time.Sub(obs[idx[before]].Time) <= JoinWithin {
					u.join(n, before)
				}
				last[id] = n
			}
		}
		joinTwins(obs, idx, u)
		for _, members := range u.sets() {
			for n := range members {
				members[n] = idx[members[n]]
			}
			filled.fill(members)
		}
	}
}

// filler gives lines what only their carriers know. Lines that lack the same and are given the same share a subject.
type filler struct {
	obs      []observation
	subjects map[filling]*subject
}

// filling is what a subject is given; captures are its new ones, as a text.
type filling struct {
	to             *subject
	host, captures string
	certain        bool
}

// fill copies what a match lacks from the nearest match of its set that has it. members are in order of time.
func (f filler) fill(members []int) {
	obs := f.obs
	hosts := nearest(obs, members, func(o *observation) bool { return o.certain })
	anyHost := nearest(obs, members, func(o *observation) bool { return o.host != "" })
	names := slices.Sorted(maps.Keys(obs[members[0]].Signature.VarTypes()))
	captures := make([][]int, len(names))
	for n, name := range names {
		captures[n] = nearest(obs, members, func(o *observation) bool { return o.Captures[name] != "" })
	}
	filled := make([]*subject, len(members))
	for n, i := range members {
		o := &obs[i]
		given := filling{to: o.subject, host: o.host, certain: o.certain}
		// A typed capture names the host as nodeman knows it; a label may name the same host otherwise.
		if j := hosts[n]; j >= 0 && !o.certain {
			given.host, given.certain = obs[j].host, true
		} else if j := anyHost[n]; j >= 0 && o.host == "" {
			given.host = obs[j].host
		}
		var lacking map[string]string
		for k, name := range names {
			if j := captures[k][n]; j >= 0 && o.Captures[name] == "" {
				if lacking == nil {
					lacking = map[string]string{}
				}
				lacking[name] = obs[j].Captures[name]
			}
		}
		if lacking != nil {
			given.captures = fmt.Sprintf("%q", lacking) // in order of the names
		}
		if given == (filling{to: o.subject, host: o.host, certain: o.certain}) {
			filled[n] = o.subject
			continue
		}
		if filled[n] = f.subjects[given]; filled[n] != nil {
			continue
		}
		s := &subject{of: o.of, Captures: o.Captures, task: o.task, cluster: o.cluster, host: given.host, certain: given.certain}
		if lacking != nil {
			s.Captures = make(map[string]string, len(o.Captures)+len(lacking))
			maps.Copy(s.Captures, o.Captures)
			maps.Copy(s.Captures, lacking)
		}
		filled[n], f.subjects[given] = s, s
	}
	for n, i := range members {
		obs[i].subject = filled[n]
	}
}

// nearest returns for every member the index of the member nearest in time that has something, or -1.
func nearest(obs []observation, members []int, has func(*observation) bool) []int {
	out := make([]int, len(members))
	last := -1
	for n, i := range members {
		if has(&obs[i]) {
			last = i
		}
		out[n] = last
	}
	next := -1
	for n := len(members) - 1; n >= 0; n-- {
		i := members[n]
		if has(&obs[i]) {
			next = i
		}
		if next >= 0 && (out[n] < 0 || obs[next].Time.Sub(obs[i].Time) < obs[i].Time.Sub(obs[out[n]].Time)) {
			out[n] = next
		}
	}
	return out
}
