package incident

import (
	"slices"
	"strings"
	"time"
)

// What two pods log of one failure comes within seconds. Where several hosts fail alike, only that tells them apart.
const twinWithin = 10 * time.Second

// mostAlike bounds how many parties are compared. Of more hosts that fail alike nothing tells which is which.
const mostAlike = 200

// party are lines of one failure that share an id.
type party struct {
	members         []int
	host, sub, task string
	// hosts is true where they name several.
	hosts bool
}

// pair is a party without a host and one with a host that say the same.
type pair struct {
	from, to *party
	apart    time.Duration
}

// joinTwins joins the lines of pods that share no id: nodeman's API knows the task of an installer's report and the worker
// knows the host, but both repeat the same process and port. Lines without these are joined by their words and the time,
// if they are of a task and one host only fails so.
func joinTwins(obs []observation, idx []int, u union) {
	hosted, open := 0, 0
	for _, i := range idx {
		if o := &obs[i]; o.host != "" {
			hosted++
		} else if o.of.Attrs.SubInstID == "" && (o.task != "" || o.of.Captures["pid"] != "") {
			open++
		}
	}
	if hosted == 0 || open == 0 {
		return
	}
	parties := map[int]*party{}
	said := map[string][]*party{}
	for n, i := range idx {
		root, o := u.find(n), &obs[i]
		p := parties[root]
		if p == nil {
			p = &party{}
			parties[root] = p
		}
		p.members = append(p.members, n)
		p.hosts = p.hosts || p.host != "" && o.host != "" && p.host != o.host
		p.host, p.sub, p.task = max(p.host, o.host), max(p.sub, o.of.Attrs.SubInstID), max(p.task, o.task)
		if words := o.words(); len(said[words]) < mostAlike && !slices.Contains(said[words], p) {
			said[words] = append(said[words], p)
		}
	}
	var pairs []pair
	for words, alike := range said {
		for _, from := range alike {
			if from.host != "" || from.sub != "" || from.task == "" && !strings.HasPrefix(words, "pid ") {
				continue
			}
			if to := from.twin(alike, obs, idx, JoinWithin); to != nil {
				pairs = append(pairs, *to)
			} else if to := from.twin(alike, obs, idx, twinWithin); to != nil {
				pairs = append(pairs, *to)
			}
		}
	}
	// A host that fails has one task: the nearest.
	slices.SortFunc(pairs, func(a, b pair) int {
		if a.apart != b.apart {
			return int(a.apart - b.apart)
		}
		return a.from.members[0] - b.from.members[0]
	})
	for _, p := range pairs {
		if p.from.task != "" && p.to.task != "" && p.to.task != p.from.task {
			continue
		}
		p.to.task = max(p.to.task, p.from.task)
		u.join(p.from.members[0], p.to.members[0])
	}
}

// twin returns the party with a host that logged the same at about the same time, nil where there is none or several hosts
// did.
func (p *party) twin(alike []*party, obs []observation, idx []int, within time.Duration) *pair {
	var best *pair
	for _, other := range alike {
		if other.host == "" || other.hosts || p.task != "" && other.task != "" && other.task != p.task {
			continue
		}
		apart := nearestOf(p.members, other.members, obs, idx)
		if apart > within {
			continue
		}
		if best != nil && best.to.host != other.host {
			return nil
		}
		if best == nil || apart < best.apart {
			best = &pair{p, other, apart}
		}
	}
	return best
}

// nearestOf is how far apart the nearest lines of two lists are, which are in order of time.
func nearestOf(a, b []int, obs []observation, idx []int) time.Duration {
	least := time.Duration(1<<63 - 1)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x, y := obs[idx[a[i]]].Time, obs[idx[b[j]]].Time
		least = min(least, x.Sub(y).Abs())
		if x.Before(y) {
			i++
		} else {
			j++
		}
	}
	return least
}

// words are what carriers of one failure repeat: its process and port, else the message.
func (s *subject) words() string {
	if pid := s.of.Captures["pid"]; pid != "" {
		return "pid " + pid + " " + s.of.Captures["port"]
	}
	return s.of.Message
}
