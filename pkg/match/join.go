package match

import (
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

// A line that continues another stands right behind it: the collector stamps both within this time, and at most
// this many lines apart (a wrapped message puts a blank line or a second header line between).
const (
	continueWithin = 2 * time.Second
	continueLines  = 3
)

// Join merges what adjacent lines say: a continuing line goes into the line it continues, context lines add
// captures, are required, or exclude. Neighbours are dropped from the result. dense says that Seq counts every line
// of the stream (files, stdin); where a store delivers filtered lines only time bounds adjacency.
// The result is ordered by time, stream and line, whatever the order of the input. It lies in the place of found, and
// refers to copies of what joining changed: matches are shared between scans.
func Join(found []*Match, dense bool) []*Match {
	if dense {
		slices.SortStableFunc(found, byPosition)
	} else {
		Sort(found)
	}
	byStream := map[string][]int{}
	for i := range found {
		key := found[i].Stream.Key
		byStream[key] = append(byStream[key], i)
	}
	drop := make([]bool, len(found))
	merged := &merger{kinds: map[pair]*Kind{}}
	for _, idx := range byStream {
		j := joiner{found: found, idx: idx, dense: dense, merged: merged}
		for at := range idx {
			m := found[idx[at]]
			switch {
			case m.Role == Neighbour:
				drop[idx[at]] = true
			case m.Term.AnyOf[m.Alternative].Continues && j.continues(at):
				drop[idx[at]] = true
			}
		}
		for at := range idx {
			if m := found[idx[at]]; m.Role != Neighbour && !drop[idx[at]] && !j.context(at) {
				drop[idx[at]] = true
			}
		}
	}
	out := found[:0]
	for i := range found {
		if !drop[i] {
			out = append(out, found[i])
		}
	}
	clear(found[len(out):])
	return out
}

type joiner struct {
	found  []*Match
	idx    []int
	dense  bool
	merged *merger
}

// near reports whether two lines are adjacent within a time and a number of lines.
func (j joiner) near(a, b *Match, within time.Duration, lines int) bool {
	gap := b.Time.Sub(a.Time)
	if gap < 0 {
		gap = -gap
	}
	if gap > within {
		return false
	}
	distance := b.Seq - a.Seq
	if distance < 0 {
		distance = -distance
	}
	return !j.dense || distance <= lines
}

// continues merges a continuing line into the nearest line before it that starts a match of the same term. Of the
// lines of one instant a store may give the head later.
func (j joiner) continues(at int) bool {
	m := j.found[j.idx[at]]
	for i := at - 1; i >= 0 && j.near(j.found[j.idx[i]], m, continueWithin, continueLines); i-- {
		if j.found[j.idx[i]].starts(m) {
			j.take(i, m)
			return true
		}
	}
	for i := at + 1; !j.dense && i < len(j.idx) && j.found[j.idx[i]].Time.Equal(m.Time); i++ {
		if j.found[j.idx[i]].starts(m) {
			j.take(i, m)
			return true
		}
	}
	return false
}

// starts tells that a line begins a match of the same term as another line.
func (m *Match) starts(other *Match) bool {
	return m.Role == other.Role && m.Term == other.Term && !m.Term.AnyOf[m.Alternative].Continues
}

// take adds to a line what a continuing line says.
func (j joiner) take(at int, continuing *Match) {
	j.found[j.idx[at]] = j.merged.match(j.found[j.idx[at]], continuing, true)
}

// context applies the context lines of a term; false means that the match does not count.
func (j joiner) context(at int) bool {
	m := j.found[j.idx[at]]
	for i := range m.Term.Context {
		x := &m.Term.Context[i]
		if x.Role == signature.Excludes && m.Complete {
			continue
		}
		n := j.neighbour(at, i, x)
		switch {
		case n == nil && x.Role == signature.Requires, n != nil && x.Role == signature.Excludes:
			return false
		case n != nil && x.Role == signature.Adds:
			m = j.merged.match(m, n, false)
			j.found[j.idx[at]] = m
		}
	}
	return true
}

// neighbour finds the nearest line of a context. Lines of one instant count on both sides: a store gives them in
// any order.
func (j joiner) neighbour(at, index int, x *signature.Context) *Match {
	m := j.found[j.idx[at]]
	if n := j.look(at, index, x, x.At == "before"); n != nil {
		return n
	}
	if n := j.look(at, index, x, x.At != "before"); n != nil && n.Time.Equal(m.Time) && (!j.dense || n.Seq == m.Seq) {
		return n
	}
	return nil
}

func (j joiner) look(at, index int, x *signature.Context, back bool) *Match {
	m := j.found[j.idx[at]]
	step := 1
	if back {
		step = -1
	}
	for i := at + step; i >= 0 && i < len(j.idx); i += step {
		n := j.found[j.idx[i]]
		if !j.near(n, m, x.Within.D(), x.Lines) {
			return nil
		}
		if n.Role == Neighbour && n.Term == m.Term && n.Alternative == index && compatible(n.Attrs, m.Attrs) && agrees(n, m) {
			return n
		}
		if !back && !n.Time.Equal(m.Time) && n.starts(m) {
			return nil // what follows belongs to the next record
		}
	}
	return nil
}

// agrees tells that a context line speaks of the remote host that the match itself names: with two commands before one
// error, the nearest may be another task's. The name may stand anywhere in the line, as the URL's host or as a proxy.
func agrees(context, m *Match) bool {
	if context.Captures["url"] == "" {
		return true
	}
	for _, name := range []string{"host", "domain"} {
		// The URL mostly has it, and the line is packed.
		if v := m.Captures[name]; v != "" && !strings.Contains(context.Captures["url"], v) && !strings.Contains(context.Line.String(), v) && !strings.Contains(context.Message, v) {
			return false
		}
	}
	return true
}

// compatible tells that two lines do not speak of different hosts or tasks: workers interleave many.
func compatible(a, b event.Attrs) bool {
	same := func(x, y string) bool { return x == "" || y == "" || x == y }
	return same(a.HostIP, b.HostIP) && same(a.SubInstID, b.SubInstID) && same(a.TaskID, b.TaskID)
}
