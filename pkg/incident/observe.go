package incident

import (
	"regexp"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// joinWithin is how far apart the carriers of one failure may be logged: the worker polls its installers every few
// seconds, and reports are retried for minutes.
const joinWithin = 5 * time.Minute

// observation is a match with what it is about.
type observation struct {
	*match.Match
	// Captures are the match's, filled up from its carriers. They may be shared and must not be changed.
	Captures map[string]string
	task     string
	cluster  string
	host     string
	// certain tells that host comes from a typed capture, not from a label.
	certain bool
	// index is the position among the lines that detection looks at.
	index int
}

// observe finds out the cluster and host of every match. A nodeman or gateway pod is never the host: its label
// names where the program runs, not where the failure is.
func observe(matches []*match.Match, s Settings) []observation {
	out := make([]observation, 0, len(matches))
	for _, m := range matches {
		o := observation{Match: m, Captures: m.Captures, task: m.Attrs.TaskID, cluster: string(m.Stream.Labels[labelName(s.ClusterLabel)])}
		ip := m.Attrs.HostIP
		if m.Term.Source != signature.Gateway { // there it is the address that the gateway could not reach
			ip = firstOf(m.Captures["host_ip"], ip)
		}
		switch {
		case signature.Valid(signature.IP, ip):
			o.host, o.certain = ip, true
		case m.OnHost:
			for _, name := range s.HostLabels {
				if v := string(m.Stream.Labels[labelName(name)]); v != "" {
					o.host = v
					break
				}
			}
		}
		if file := installerFile.FindStringSubmatch(string(m.Stream.Labels["filename"])); file != nil && o.task == "" {
			o.task = file[1]
		}
		out = append(out, o)
	}
	return out
}

// installerFile is the name of an installer's log on the host, which ends in nodeman's task id (facts/bk-logs.md §0).
var installerFile = regexp.MustCompile(`/nm\.setup_[a-z]+\.[a-z]+\.([A-Za-z0-9_-]+)(?:\.debug)?$`)

// identities are what ties the carriers of one failure together.
func (o *observation) identities() []string {
	var ids []string
	for kind, v := range map[string]string{"host": o.host, "sub": o.Attrs.SubInstID, "task": o.task} {
		if v != "" {
			ids = append(ids, kind+"="+v)
		}
	}
	slices.Sort(ids)
	return ids
}

// joinCarriers gives matches of one signature and cluster that share a host, sub_inst_id or task_id within five
// minutes what only some of them know: the host, and captures of the key.
func joinCarriers(obs []observation) {
	groups := map[string][]int{}
	for i := range obs {
		k := obs[i].Signature.ID + "\x00" + obs[i].cluster
		groups[k] = append(groups[k], i)
	}
	for _, idx := range groups {
		u := newUnion(idx)
		last := map[string]int{}
		for _, i := range idx { // idx is in order of time
			for _, id := range obs[i].identities() {
				if j, ok := last[id]; ok && obs[i].Time.Sub(obs[j].Time) <= joinWithin {
					u.join(i, j)
				}
				last[id] = i
			}
		}
		for _, members := range u.sets() {
			if len(members) > 1 {
				fill(obs, members)
			}
		}
	}
}

// fill copies what a match lacks from the nearest match of its set that has it. members are in order of time.
func fill(obs []observation, members []int) {
	hosts := nearest(obs, members, func(o *observation) bool { return o.certain })
	anyHost := nearest(obs, members, func(o *observation) bool { return o.host != "" })
	captures := map[string][]int{}
	for name := range obs[members[0]].Signature.VarTypes() {
		captures[name] = nearest(obs, members, func(o *observation) bool { return o.Captures[name] != "" })
	}
	filled := make([]observation, len(members))
	for n, i := range members {
		o := obs[i]
		// A typed capture names the host as nodeman knows it; a label may name the same host otherwise.
		if j := hosts[n]; j >= 0 && !o.certain {
			o.host, o.certain = obs[j].host, true
		} else if j := anyHost[n]; j >= 0 && o.host == "" {
			o.host = obs[j].host
		}
		for name, from := range captures {
			if j := from[n]; j >= 0 && o.Captures[name] == "" {
				o.Captures = withCapture(o.Captures, name, obs[j].Captures[name])
			}
		}
		filled[n] = o
	}
	for n, i := range members {
		obs[i] = filled[n]
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

func withCapture(captures map[string]string, name, value string) map[string]string {
	out := make(map[string]string, len(captures)+1)
	for k, v := range captures {
		out[k] = v
	}
	out[name] = value
	return out
}

// hostOr returns the host, or a name for an unknown one that says what is known.
func (o *observation) hostOr() string {
	switch {
	case o.host != "":
		return o.host
	case o.Attrs.SubInstID != "":
		return "unknown (sub_inst_id " + o.Attrs.SubInstID + ")"
	case o.task != "":
		return "unknown (task_id " + o.task + ")"
	}
	return "unknown"
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
