package form

import (
	"regexp/syntax"
	"unicode/utf8"
)

// MinWitness is how long a literal must be that finds candidate lines, in bytes; a shorter one of MinShortWitness
// or more needs a written reason (design: shorter literals stand in too many healthy lines).
const (
	MinWitness      = 8
	MinShortWitness = 6
)

// fragile are bytes that a carrier may write otherwise: JSON and Python escape them, HTML-escaping JSON encoders and CEF too.
const fragile = "\"\\'<>&/`$="

// Witness returns literals of which every match of the expression contains at least one, chosen so that the
// shortest is as long as possible; nil when there are none.
func Witness(expr string) []string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	return required(re.Simplify())
}

func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return nil
		}
		return longestRun(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min == 0 {
			return nil
		}
		return required(re.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range flatten(re) {
			if w := required(sub); better(w, best) {
				best = w
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			w := required(sub)
			if w == nil {
				return nil
			}
			all = append(all, w...)
		}
		return all
	}
	return nil
}

// flatten returns the parts of a concatenation with captures opened, and literals that touch joined: `curl (?P<url>http…)`
// requires "curl http", not only its halves.
func flatten(re *syntax.Regexp) []*syntax.Regexp {
	var parts []*syntax.Regexp
	var add func(*syntax.Regexp)
	add = func(sub *syntax.Regexp) {
		switch {
		case sub.Op == syntax.OpCapture:
			add(sub.Sub[0])
		case sub.Op == syntax.OpConcat:
			for _, s := range sub.Sub {
				add(s)
			}
		case sub.Op == syntax.OpLiteral && len(parts) > 0 && joinable(parts[len(parts)-1], sub):
			last := parts[len(parts)-1]
			parts[len(parts)-1] = &syntax.Regexp{Op: syntax.OpLiteral, Rune: append(last.Rune[:len(last.Rune):len(last.Rune)], sub.Rune...)}
		default:
			parts = append(parts, sub)
		}
	}
	add(re)
	return parts
}

func joinable(a, b *syntax.Regexp) bool {
	return a.Op == syntax.OpLiteral && (a.Flags|b.Flags)&syntax.FoldCase == 0
}

// longestRun splits a literal at fragile bytes and returns its best run. Only ASCII has one raw form in every
// carrier, so an ASCII run of sufficient length wins over any other.
func longestRun(runes []rune) []string {
	var ascii, longest string
	run, pure := "", true
	flush := func() {
		if len(run) > len(longest) {
			longest = run
		}
		if pure && len(run) > len(ascii) {
			ascii = run
		}
		run, pure = "", true
	}
	var asciiRun string
	for _, r := range runes {
		if r < utf8.RuneSelf && (r < ' ' || containsByte(fragile, byte(r))) {
			flush()
			if len(asciiRun) > len(ascii) {
				ascii = asciiRun
			}
			asciiRun = ""
			continue
		}
		run += string(r)
		if r < utf8.RuneSelf {
			asciiRun += string(r)
		} else {
			pure = false
			if len(asciiRun) > len(ascii) {
				ascii = asciiRun
			}
			asciiRun = ""
		}
	}
	flush()
	if len(asciiRun) > len(ascii) {
		ascii = asciiRun
	}
	switch {
	case len(ascii) >= MinWitness || len(ascii) >= len(longest) && ascii != "":
		return []string{ascii}
	case longest != "":
		return []string{longest}
	}
	return nil
}

func containsByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

// better prefers the set whose shortest member is longer; among equals ASCII and then the smaller set.
func better(a, b []string) bool {
	if a == nil || b == nil {
		return a != nil
	}
	if la, lb := long(a), long(b); la != lb {
		return la
	}
	ra, rb := rank(a), rank(b)
	if ra != rb {
		return ra > rb
	}
	return len(a) < len(b)
}

// long reports whether all literals are long enough to be looked for.
func long(set []string) bool {
	for _, s := range set {
		if len(s) < MinWitness {
			return false
		}
	}
	return true
}

// rank is the length of the shortest literal, with non-ASCII bytes counted at a third: each character has up to
// nine raw forms to look for.
func rank(set []string) int {
	least := -1
	for _, s := range set {
		n := 0
		for i := range len(s) {
			if s[i] < utf8.RuneSelf {
				n += 3
			} else {
				n++
			}
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return least
}
