package memory

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// PruneAt is how many lines are kept before those that cannot matter are dropped. Healthy installations print a command
// line each, which is a neighbour of a dozen terms and of no failure.
const PruneAt = 20_000

// Prune drops lines that are nothing but context of terms that no line is near enough to. What stands near the edge of the
// span, or near the last line that was read of its stream, stays: its match may come yet.
func Prune(found []match.Line, start, end time.Time, read map[string]time.Time) []match.Line {
	type track struct {
		stream string
		term   *signature.Term
	}
	heads := map[track][]time.Time{}
	for _, l := range found {
		for _, kind := range l.Kinds {
			if kind.Role != match.Neighbour {
				k := track{kind.Stream.Key, kind.Term}
				heads[k] = append(heads[k], l.Time)
			}
		}
	}
	for _, times := range heads {
		slices.SortFunc(times, time.Time.Compare)
	}
	idle := func(m match.Match) bool {
		if m.Role != match.Neighbour {
			return false
		}
		within := m.Term.Context[m.Alternative].Within.D()
		if m.Time.Sub(start) <= within || end.Sub(m.Time) <= within {
			return false
		}
		if last, reading := read[m.Stream.Key]; reading && last.Sub(m.Time) <= within {
			return false
		}
		times := heads[track{m.Stream.Key, m.Term}]
		n, _ := slices.BinarySearchFunc(times, m.Time, time.Time.Compare)
		return (n == len(times) || times[n].Sub(m.Time) > within) && (n == 0 || m.Time.Sub(times[n-1]) > within)
	}
	return slices.DeleteFunc(found, func(l match.Line) bool {
		for m := range l.Matches() {
			if !idle(m) {
				return false
			}
		}
		return true
	})
}
