package incident

import (
	"sort"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// detect returns the observations of a group that satisfy the signature's detect rule. They stay in order of time.
func detect(g *group, live map[signature.Source]logs.Liveness, now time.Time) []*observation {
	d := g.sig.Detect
	var keep []bool
	switch {
	case d.Term != "":
		keep = detectCount(g.obs, d)
	case len(d.Sequence) > 0:
		keep = detectSequence(g.obs, d)
	case len(d.All) > 0:
		keep = detectAll(g.obs, d)
	default:
		keep = detectAbsent(g.obs, d, live[g.sig.Terms[d.Absent].Source], now)
	}
	out := make([]*observation, 0, len(g.obs))
	for i, k := range keep {
		if k {
			out = append(out, g.obs[i])
		}
	}
	return out
}

// detectCount keeps observations that stand in a window of Within with at least AtLeast matches, or as many
// distinct values.
func detectCount(obs []*observation, d signature.Detect) []bool {
	keep := make([]bool, len(obs))
	if d.AtLeast <= 1 {
		for i := range keep {
			keep[i] = true
		}
		return keep
	}
	counts := map[string]int{}
	size, start := 0, 0
	value := func(i int) string {
		if d.Distinct == "" {
			return ""
		}
		return signature.Lookup(d.Distinct, obs[i].captures())
	}
	marked := 0
	for end := range obs {
		counts[value(end)]++
		size++
		for obs[end].Time.Sub(obs[start].Time) > d.Within.D() {
			v := value(start)
			if counts[v]--; counts[v] == 0 {
				delete(counts, v)
			}
			size--
			start++
		}
		have := size
		if d.Distinct != "" {
			have = len(counts)
			if counts[""] > 0 {
				have-- // a line without the value is no distinct value
			}
		}
		if have >= d.AtLeast {
			for i := max(start, marked); i <= end; i++ {
				keep[i] = true
			}
			marked = end + 1
		}
	}
	return keep
}

// detectSequence keeps observations that are steps of the sequence: every step at or after the one before it, the
// last within Within of the first. Lines of the same instant count as ordered.
func detectSequence(obs []*observation, d signature.Detect) []bool {
	keep := make([]bool, len(obs))
	times := map[string][]int{}
	for i := range obs {
		times[obs[i].Term.Name] = append(times[obs[i].Term.Name], i)
	}
	for _, first := range times[d.Sequence[0]] {
		steps := []int{first}
		at := obs[first].Time
		for _, name := range d.Sequence[1:] {
			idx := times[name]
			n := sort.Search(len(idx), func(k int) bool { return !obs[idx[k]].Time.Before(at) })
			for n < len(idx) && contains(steps, idx[n]) {
				n++
			}
			if n == len(idx) || obs[idx[n]].Time.Sub(obs[first].Time) > d.Within.D() {
				steps = nil
				break
			}
			steps = append(steps, idx[n])
			at = obs[idx[n]].Time
		}
		for _, i := range steps {
			keep[i] = true
		}
	}
	return keep
}

func contains(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// detectAll keeps observations that stand in a window of Within that has every term.
func detectAll(obs []*observation, d signature.Detect) []bool {
	keep := make([]bool, len(obs))
	counts := map[string]int{}
	start, marked := 0, 0
	for end := range obs {
		counts[obs[end].Term.Name]++
		for obs[end].Time.Sub(obs[start].Time) > d.Within.D() {
			name := obs[start].Term.Name
			if counts[name]--; counts[name] == 0 {
				delete(counts, name)
			}
			start++
		}
		complete := true
		for _, name := range d.All {
			complete = complete && counts[name] > 0
		}
		if complete {
			for i := max(start, marked); i <= end; i++ {
				keep[i] = true
			}
			marked = end + 1
		}
	}
	return keep
}

// detectAbsent keeps the After lines that no Absent line followed, once the window has closed. A source that shipped
// nothing in the window proves nothing: absence is never assumed at the end of the data.
func detectAbsent(obs []*observation, d signature.Detect, live logs.Liveness, now time.Time) []bool {
	keep := make([]bool, len(obs))
	next := time.Time{} // time of the first Absent line at or after the position, walking backwards
	for i := len(obs) - 1; i >= 0; i-- {
		at := obs[i].Time
		if obs[i].Term.Name == d.Absent {
			next = at
			continue
		}
		closes := at.Add(d.Within.D())
		answered := !next.IsZero() && !next.After(closes)
		keep[i] = !answered && !closes.After(now) && live.Within(at, closes) > 0
	}
	return keep
}
