package match

import (
	"regexp"

	"github.com/blueking/incidents/pkg/signature"
)

// attempts remembers which expressions were tried on a message: a line that tells of success recovers dozens of
// signatures by the same expression, and nearly all terms share the expression that tells questions from failures.
type attempts struct {
	text  string
	tried []attempt
}

type attempt struct {
	re    *regexp.Regexp
	loc   []int
	found bool
}

// find is FindStringSubmatchIndex. The result must not be changed.
func (a *attempts) find(re *regexp.Regexp) []int {
	for i := range a.tried {
		if a.tried[i].re == re {
			return a.tried[i].loc
		}
	}
	loc := re.FindStringSubmatchIndex(a.text)
	a.tried = append(a.tried, attempt{re, loc, loc != nil})
	return loc
}

// matches is MatchString.
func (a *attempts) matches(re *regexp.Regexp) bool {
	for i := range a.tried {
		if a.tried[i].re == re {
			return a.tried[i].found
		}
	}
	found := re.MatchString(a.text)
	a.tried = append(a.tried, attempt{re: re, found: found})
	return found
}

// expressions makes equal expressions one.
type expressions map[string]*regexp.Regexp

func (e expressions) of(p signature.Pattern) *regexp.Regexp {
	if known := e[p.String()]; known != nil {
		return known
	}
	e[p.String()] = p.Regexp
	return p.Regexp
}

func (e expressions) all(patterns []signature.Pattern) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(patterns))
	for i, p := range patterns {
		out[i] = e.of(p)
	}
	return out
}
