package loki

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	splitSample = 256 // lines looked at
	splitReach  = 64  // characters looked at from either end of a line
)

// splitter returns a regular expression that about half of the page's lines match, or "" when the lines look all the
// same. It tests one bit of one character, counted from an end of the line: numbers and ids stand near the ends, and
// a bit halves them evenly. Any expression would do for being exact, as the parts are |~ and !~ of the same one.
func splitter(p *page) string {
	type candidate struct {
		fromEnd       bool
		position, bit int
	}
	counts, sampled := map[candidate]int{}, 0
	step := max(1, p.lines/splitSample)
	n := 0
	for _, s := range p.streams {
		for _, e := range s.entries {
			if n++; n%step != 0 {
				continue
			}
			sampled++
			for _, fromEnd := range []bool{true, false} {
				line := e.Line
				for position := 0; position < splitReach && line != ""; position++ {
					var r rune
					var size int
					if fromEnd {
						r, size = utf8.DecodeLastRuneInString(line)
						line = line[:len(line)-size]
					} else {
						r, size = utf8.DecodeRuneInString(line)
						line = line[size:]
					}
					for bit := 0; bit < 7 && r < utf8.RuneSelf; bit++ {
						if r>>bit&1 == 1 {
							counts[candidate{fromEnd, position, bit}]++
						}
					}
				}
			}
		}
	}
	var best candidate
	most := 0
	for _, fromEnd := range []bool{true, false} {
		for position := range splitReach {
			for bit := range 7 {
				c := candidate{fromEnd, position, bit}
				if even := min(counts[c], sampled-counts[c]); even > most {
					best, most = c, even
				}
			}
		}
	}
	switch {
	case most == 0:
		return ""
	case best.fromEnd:
		return fmt.Sprintf(`(?s)%s.{%d}$`, bitClass(best.bit), best.position)
	default:
		return fmt.Sprintf(`(?s)^.{%d}%s`, best.position, bitClass(best.bit))
	}
}

// bitClass is the character class of the ASCII characters that have a bit.
func bitClass(bit int) string {
	var b strings.Builder
	b.WriteByte('[')
	for low := 1 << bit; low < utf8.RuneSelf; low += 2 << bit {
		if high := low + 1<<bit - 1; high > low {
			fmt.Fprintf(&b, `\x%02x-\x%02x`, low, high)
		} else {
			fmt.Fprintf(&b, `\x%02x`, low)
		}
	}
	b.WriteByte(']')
	return b.String()
}
