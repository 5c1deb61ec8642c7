package scan

import (
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// pruneAt is how many hits are kept before those that cannot matter are dropped. Healthy installations print a command
// line each, which is a neighbour of a dozen terms and of no failure.
const pruneAt = 20_000

// prune drops context lines that no line of their term is near enough to. What stands near the edge of the span, or
// near the last line that was read of its stream, stays: its match may come yet.
func prune(found []*match.Match, start, end time.Time, read map[string]time.Time) []*match.Match {
	type track struct {
		stream string
		term   *signature.Term
	}
	heads := map[track][]time.Time{}
	for i := range found {
		if m := found[i]; m.Role != match.Neighbour {
			k := track{m.Stream.Key, m.Term}
			heads[k] = append(heads[k], m.Time)
		}
	}
	for _, times := range heads {
		slices.SortFunc(times, time.Time.Compare)
	}
	return slices.DeleteFunc(found, func(m *match.Match) bool {
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
	})
}
