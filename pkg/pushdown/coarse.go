package pushdown

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// shortestPiece and longestPiece bound the pieces of a coarse filter, in bytes.
	shortestPiece, longestPiece = 2, 7
	// few literals need none before them: a query is to be read, too.
	few = 4
	// longestCoarse is how far a chosen piece is extended, in bytes.
	longestCoarse = 12
	hexDigits     = "0123456789abcdefABCDEF"
	// callTime and stopTime are what one literal of a chain costs Loki on a line, in ns: calls, and each place that has
	// its first byte, up to mostStops, where the search goes another way. Measured on Loki 3.7.8's own filters over the
	// benchmark's lines, 40 to 200 ns a literal.
	callTime, stopTime, mostStops = 40, 10, 15
	// worthwhile is the share of the exact filter's time that both together may take.
	worthwhile = 0.75
	// rarity is how much less a line that passes for nothing weighs where pieces are chosen: most of the kinds of lines
	// in healthy.txt are rarer than the few that a log is full of.
	rarity = 0.3
)

// coarse returns a filter of few short pieces to go before an exact one: every literal has one of them. Some healthy
// lines have one too, and only those are left to the exact filter. It returns nil when that would not pay.
func coarse(literals, exact []string) []string {
	dear := price(exact)
	c := newCoarse(literals, dear)
	for c.open > 0 {
		c.add(c.best())
	}
	c.drop()
	for c.improve() {
	}
	out := c.widened()
	passing := marks(nil)
	for _, text := range out {
		passing = passing.with(kindsWith(text))
	}
	if len(exact) <= few || len(out) >= len(exact) || price(out)+passing.share()*dear > worthwhile*dear {
		return nil
	}
	slices.Sort(out)
	return out
}

// price is what Loki takes to find that a healthy line has none of the literals, in ns.
func price(literals []string) (sum float64) {
	freq, lines := frequency(), float64(len(healthyKinds()))
	for _, l := range literals {
		sum += callTime + stopTime*min(mostStops, float64(freq[l[0]])/lines)
	}
	return sum
}

// widen extends a piece as far as all texts have it, to about longestCoarse bytes, and begins it where that is cheapest.
func widen(texts []string, piece string) string {
	whole := shared(texts, piece)
	at := strings.Index(whole, piece)
	start := at
	for i := at - 1; i >= 0 && i+longestCoarse >= at+len(piece); i-- {
		if utf8.RuneStart(whole[i]) && price([]string{whole[i:]}) <= price([]string{whole[start:]}) {
			start = i
		}
	}
	end := max(at+len(piece), min(len(whole), start+longestCoarse))
	for end < len(whole) && !utf8.RuneStart(whole[end]) {
		end++
	}
	return whole[start:end]
}

// healthyKinds are the healthy lines, each with its backslashes as they are, and doubled once and twice as JSON
// inside JSON has them.
var healthyKinds = sync.OnceValue(func() (kinds [][]string) {
	for line := range strings.Lines(healthy) {
		line = strings.TrimSuffix(line, "\n")
		forms := []string{line}
		if strings.Contains(line, `\`) {
			forms = append(forms, strings.ReplaceAll(line, `\`, `\\`), strings.ReplaceAll(line, `\`, `\\\\`))
		}
		kinds = append(kinds, forms)
	}
	return kinds
})

// marks has true for the kinds of healthy lines that have a piece.
type marks []bool

func kindsWith(piece string) marks {
	kinds := healthyKinds()
	m := make(marks, len(kinds))
	for i, forms := range kinds {
		m[i] = slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(form, piece) })
	}
	return m
}

func (m marks) with(other marks) marks {
	if m == nil {
		return other
	}
	out := slices.Clone(m)
	for i := range other {
		out[i] = out[i] || other[i]
	}
	return out
}

func (m marks) share() float64 {
	n := 0
	for _, has := range m {
		if has {
			n++
		}
	}
	return float64(n) / float64(max(1, len(m)))
}
