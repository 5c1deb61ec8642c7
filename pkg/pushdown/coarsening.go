package pushdown

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// fragment is a piece of literals, what it costs, and of how many literals that have no piece yet it is one.
type fragment struct {
	text    string
	price   float64
	holders []int
	open    int
	kinds   marks
}

// coarsening is a greedy choice of fragments: again and again the one that costs least for each literal that it adds. Then
// one takes the place of others as long as that costs less.
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
		// No halves of characters, and no numbers alone: healthy.txt does not have them, logs have all of them.
		if utf8.ValidString(text) && strings.Trim(text, hexDigits) != "" {
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
		if cost := (f.price + c.lets(f)) / float64(f.open); best == nil || cost < least {
			best, least = f, cost
		}
	}
	return best
}

// lets is what the exact filter takes on the lines that only this fragment lets through, in ns.
func (c *coarsening) lets(f *fragment) float64 {
	if f.kinds == nil {
		f.kinds = kindsWith(f.text)
	}
	return rarity * (c.passing.with(f.kinds).share() - c.passing.share()) * c.exact
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

// improve takes one more fragment if it makes others superfluous that cost more. It reports whether it found one.
func (c *coarsening) improve() bool {
	// only is the last chosen fragment of each literal, alone how many literals need each fragment.
	times, only, alone := c.times(), make([]int, len(c.literals)), make([]int, len(c.chosen))
	for n, f := range c.chosen {
		for _, i := range f.holders {
			only[i] = n
		}
	}
	for i, n := range only {
		if times[i] == 1 {
			alone[n]++
		}
	}
	var best *fragment
	gain, left := 0.0, make([]int, len(alone))
	for _, f := range c.fragments {
		copy(left, alone)
		saved := -f.price
		for _, i := range f.holders {
			if n := only[i]; times[i] == 1 {
				if left[n]--; left[n] == 0 {
					saved += c.chosen[n].price
				}
			}
		}
		if saved <= gain {
			continue
		}
		if saved -= c.lets(f); saved > gain {
			best, gain = f, saved
		}
	}
	if best == nil {
		return false
	}
	before, dear := slices.Clone(c.chosen), c.cost()
	c.chosen = append(c.chosen, best)
	if c.drop(); c.cost() >= dear { // two that it makes superfluous may need each other
		c.chosen = before
		c.drop()
		return false
	}
	return true
}

// widened returns the chosen pieces, each as long as the literals that it is there for allow: logs that are not in
// healthy.txt have longer ones less often, at the same price.
func (c *coarsening) widened() []string {
	var out []string
	clear(c.covered)
	for _, f := range c.chosen {
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

// times is how many chosen fragments each literal has.
func (c *coarsening) times() []int {
	times := make([]int, len(c.literals))
	for _, f := range c.chosen {
		for _, i := range f.holders {
			times[i]++
		}
	}
	return times
}

// cost is what the chosen pieces take Loki on a line, and the exact filter on those that pass for nothing, in ns.
func (c *coarsening) cost() float64 {
	sum := rarity * c.passing.share() * c.exact
	for _, f := range c.chosen {
		sum += f.price
	}
	return sum
}

// drop takes out the chosen pieces whose literals all have another one, the oldest first.
func (c *coarsening) drop() {
	times := c.times()
	c.chosen = slices.DeleteFunc(c.chosen, func(f *fragment) bool {
		if slices.ContainsFunc(f.holders, func(i int) bool { return times[i] == 1 }) {
			return false
		}
		for _, i := range f.holders {
			times[i]--
		}
		return true
	})
	c.passing = nil
	for _, f := range c.chosen {
		c.passing = c.passing.with(f.kinds)
	}
}
