package loki

import (
	"slices"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// mostParts bounds the questions that streams which do not count make of one.
const mostParts = 12

// others returns requests that together ask for the streams of a request that do not belong to the selectors in Without,
// each stream in one of them: those that miss the first matcher of such a selector, then those that pass it and miss the
// second, and so on. To subtract volumes instead would leave what Loki's rounding leaves.
func others(req logs.LiveRequest) ([]logs.LiveRequest, error) {
	parts := [][]logs.Matcher{slices.Clone(req.Matchers)}
	for _, text := range req.Without {
		s, err := selector.Parse(text)
		if err != nil {
			return nil, &Error{Kind: logs.KindRequest, Detail: quote(err.Error()), Downstream: true, cause: err}
		}
		var next [][]logs.Matcher
		for _, part := range parts {
			for _, m := range s.Matchers() {
				if missed, some := with(part, opposite(m)); some {
					next = append(next, missed)
				}
				passed, some := with(part, m)
				if part = passed; !some {
					break
				}
			}
		}
		parts = next
	}
	parts = parts[:min(len(parts), mostParts)] // less shows that a host ships: its failures end later, or by time only
	out := make([]logs.LiveRequest, len(parts))
	for i, part := range parts {
		out[i] = req
		out[i].Matchers, out[i].Without = part, nil
	}
	return out, nil
}

// with returns matchers and one more; false when no stream has both that and what was asked for before.
func with(matchers []logs.Matcher, m logs.Matcher) ([]logs.Matcher, bool) {
	switch {
	case slices.Contains(matchers, opposite(m)):
		return nil, false
	case slices.Contains(matchers, m):
		return matchers, true
	}
	return append(slices.Clone(matchers), m), true
}

// opposite selects the streams that a matcher does not.
func opposite(m logs.Matcher) logs.Matcher {
	switch m.Op {
	case logs.Equal:
		m.Op = logs.NotEqual
	case logs.NotEqual:
		m.Op = logs.Equal
	case logs.Regexp:
		m.Op = logs.NotRegexp
	case logs.NotRegexp:
		m.Op = logs.Regexp
	}
	return m
}
