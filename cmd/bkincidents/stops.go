package main

import (
	"regexp"
	"regexp/syntax"
)

// stops tells how far a regular expression that does not match a text gets: what its longest beginning that matches
// matches, and the part that comes next.
func stops(expr, text string) (done, next string) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return "", expr
	}
	parts := []*syntax.Regexp{parsed}
	if parsed.Op == syntax.OpConcat {
		parts = parsed.Sub
	}
	next = parts[0].String()
	for n := 1; n < len(parts); n++ {
		beginning := &syntax.Regexp{Op: syntax.OpConcat, Flags: parsed.Flags, Sub: parts[:n]}
		re, err := regexp.Compile(beginning.String())
		if err != nil {
			break
		}
		loc := re.FindStringIndex(text)
		if loc == nil {
			break
		}
		done, next = text[loc[0]:loc[1]], parts[n].String()
	}
	return done, next
}
