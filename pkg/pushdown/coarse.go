package pushdown

import (
	"cmp"
	"maps"
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
	out := c.needed()
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

// fragment is a piece of literals, what it costs, and of how many literals that have no piece yet it is one.
type fragment struct {
	text    string
	price   float64
	holders []int
	open    int
	kinds   marks
}

// coarsening is a greedy choice of fragments: again and again the one that costs least for each literal that it adds.
type coarsening struct {
	literals []string
	exact    float64
	// fragments in order of their text, and those of each literal.
	fragments []*fragment
	of        [][]*fragment
	covered   []bool
	open      int
	chosen    []*fragment
	passing   marks
}

func newCoarse(literals []string, exact float64) *coarsening {
	c := &coarsening{literals: literals, exact: exact, of: make([][]*fragment, len(literals)), covered: make([]bool, len(literals)), open: len(literals)}
	byText := map[string]*fragment{}
	for i, l := range literals {
		for size := shortestPiece; size <= longestPiece; size++ {
			for at := 0; at+size <= len(l); at++ {
				text := l[at : at+size]
				f := byText[text]
				if f == nil {
					f = &fragment{text: text}
					byText[text] = f
				}
				if n := len(f.holders); n == 0 || f.holders[n-1] != i {
					f.holders = append(f.holders, i)
				}
			}
		}
	}
	keep := func(f *fragment) {
		f.open, f.price = len(f.holders), price([]string{f.text})
		c.fragments = append(c.fragments, f)
		for _, i := range f.holders {
			c.of[i] = append(c.of[i], f)
		}
	}
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		if utf8.ValidString(text) { // no halves of characters
			keep(byText[text])
		}
	}
	for i, l := range literals {
		if len(c.of[i]) == 0 { // too short
			keep(&fragment{text: l, holders: []int{i}})
		}
	}
	// Those of many literals first: then most others need no second look.
	slices.SortStableFunc(c.fragments, func(a, b *fragment) int { return cmp.Compare(b.open, a.open) })
	return c
}

// best returns the fragment with the lowest cost for each literal that it adds.
func (c *coarsening) best() *fragment {
	var best *fragment
	var least float64
	for _, f := range c.fragments {
		if f.open == 0 || best != nil && f.price/float64(f.open) >= least {
			continue
		}
		if f.kinds == nil {
			f.kinds = kindsWith(f.text)
		}
		more := c.passing.with(f.kinds).share() - c.passing.share()
		if cost := (f.price + rarity*more*c.exact) / float64(f.open); best == nil || cost < least {
			best, least = f, cost
		}
	}
	return best
}

func (c *coarsening) add(f *fragment) {
	c.chosen = append(c.chosen, f)
	c.passing = c.passing.with(f.kinds)
	for _, i := range f.holders {
		if c.covered[i] {
			continue
		}
		c.covered[i] = true
		c.open--
		for _, other := range c.of[i] {
			other.open--
		}
	}
}

// needed returns the chosen pieces without those whose literals all have another one, each as long as the literals
// that it is there for allow: logs that are not in healthy.txt have longer ones less often, at the same price.
func (c *coarsening) needed() []string {
	times := make([]int, len(c.literals))
	for _, f := range c.chosen {
		for _, i := range f.holders {
			times[i]++
		}
	}
	needed := slices.DeleteFunc(c.chosen, func(f *fragment) bool {
		if slices.ContainsFunc(f.holders, func(i int) bool { return times[i] == 1 }) {
			return false
		}
		for _, i := range f.holders {
			times[i]--
		}
		return true
	})
	var out []string
	clear(c.covered)
	for _, f := range needed {
		var texts []string
		for _, i := range f.holders {
			if !c.covered[i] {
				c.covered[i] = true
				texts = append(texts, c.literals[i])
			}
		}
		if len(texts) > 0 {
			out = append(out, widen(texts, f.text))
		}
	}
	return out
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
