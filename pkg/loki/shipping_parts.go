package loki

import (
	"context"
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

// inhabited returns the parts of a request that have streams: one look at the names of the streams instead of one at
// each step of each part. Where Loki names no stream at all, though the caller read lines of some, or does not tell, all
// parts stay.
func (c *Client) inhabited(ctx context.Context, req logs.LiveRequest, parts []logs.LiveRequest) ([]logs.LiveRequest, error) {
	if len(req.Without) == 0 || len(parts) == 0 {
		return parts, nil
	}
	streams, err := c.Series(ctx, req.Selector, req.Matchers, req.Start, req.End)
	if err != nil && !stays(ctx, err) {
		return nil, err
	}
	some := func(of logs.LiveRequest) bool {
		e, bad := newExpression(logs.Request{Selector: of.Selector, Matchers: of.Matchers})
		return bad != nil || slices.ContainsFunc(streams, e.selector.Matches)
	}
	if err != nil || !some(req) {
		return parts, nil
	}
	return slices.DeleteFunc(parts, func(part logs.LiveRequest) bool { return !some(part) }), nil
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
