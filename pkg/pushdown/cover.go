package pushdown

import (
	"cmp"
	"container/heap"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// healthy are lines that healthy installations print all day, and words that any log is full of. A literal that stands
// in one of them would let those lines through Loki's filter.
//
//go:embed healthy.txt
var healthy string

const (
	// coverSize is the length of the shortest literal that is pushed down for several longer ones, in bytes. Seven is
	// "curl: (", and `\u5931\`, which stands in a character's JSON escape however often its backslashes are doubled.
	coverSize = 7
	// wordy is how much longer a piece of letters and spaces must be, as " is not " says nothing, and one of bytes as
	// Python writes them, which for Chinese all begin with the same few.
	wordy = 4
	// coarseSize is what a large catalogue goes down to: more lines pass, but Loki's time per line, which grows with
	// the number of literals, stays bounded.
	coarseSize = 4
	// maxLiterals is how many literals a filter may have before it is made coarser. Loki tries one after the other on
	// every line that reaches it, which is a fiftieth of them behind the coarse filter of the shipped catalogue: a hundred
	// take it 5 to 8 µs for a line of 180 bytes.
	maxLiterals = 260
	// mostLiterals is how many are pushed down at all. A thousand take Loki 58 to 100 µs, and handing a line over 50 to 60.
	mostLiterals = 500
)

// commonGrams are the pieces of the healthy lines, by length.
var commonGrams = sync.OnceValue(func() map[int]map[string]bool {
	out := map[int]map[string]bool{}
	for size := coarseSize; size <= coverSize; size++ {
		out[size] = map[string]bool{}
		for _, forms := range healthyKinds() {
			for _, form := range forms {
				for i := 0; i+size <= len(form); i++ {
					out[size][form[i:i+size]] = true
				}
			}
		}
	}
	return out
})

// frequency counts the bytes of the healthy lines. Loki's search for a literal looks for its first byte, and stops at
// each place that has it.
var frequency = sync.OnceValue(func() (n [256]int) {
	for i := range len(healthy) {
		n[healthy[i]]++
	}
	return n
})

// cover returns few literals of which every line that contains one of the given ones contains at least one: pieces that
// several have in common and that healthy lines do not have. Where hundreds of them would be left it returns none,
// which asks for every line: trying that many on a line takes Loki longer than to hand it over.
func cover(literals []string) []string {
	for size := coverSize; ; size-- {
		out := coverWith(literals, size)
		switch {
		case len(out) <= maxLiterals:
			return out
		case size == coarseSize && len(out) <= mostLiterals:
			return out
		case size == coarseSize:
			return nil
		}
	}
}

// coverWith is the greedy hitting set over pieces of one size: the piece that most literals have comes first.
func coverWith(literals []string, size int) []string {
	holders := map[string][]int{}
	for i, l := range literals {
		for at := 0; at+size <= len(l); at++ {
			for _, g := range []string{l[at : at+size], l[at:min(at+size+wordy, len(l))]} {
				if h := holders[g]; telling(g, size) && (len(h) == 0 || h[len(h)-1] != i) {
					holders[g] = append(h, i)
				}
			}
		}
	}
	queue := make(pieces, 0, len(holders))
	for g, h := range holders {
		if len(h) > 1 {
			queue = append(queue, piece{g, len(h)})
		}
	}
	heap.Init(&queue)
	covered := make([]bool, len(literals))
	var out []string
	for len(queue) > 0 {
		// What a piece still covers only shrinks, so the first one whose count is up to date covers most.
		top := &queue[0]
		group := uncovered(holders[top.text], covered)
		if len(group) < top.covers {
			if top.covers = len(group); top.covers < 2 {
				heap.Pop(&queue)
			} else {
				heap.Fix(&queue, 0)
			}
			continue
		}
		texts := make([]string, len(group))
		for i, n := range group {
			covered[n] = true
			texts[i] = literals[n]
		}
		out = append(out, trim(shared(texts, top.text), size))
	}
	for i, l := range literals {
		if !covered[i] {
			out = append(out, trim(l, size))
		}
	}
	return minimal(out)
}

// piece is a part of literals; covers is how many literals it stood for when that was last counted.
type piece struct {
	text   string
	covers int
}

// pieces is a heap, the piece that covers most first.
type pieces []piece

func (p pieces) Len() int { return len(p) }
func (p pieces) Less(i, j int) bool {
	return cmp.Or(p[j].covers-p[i].covers, strings.Compare(p[i].text, p[j].text)) < 0
}
func (p pieces) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pieces) Push(x any)   { *p = append(*p, x.(piece)) } //nolint:forcetypeassert // container/heap passes what it was given
func (p *pieces) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// telling reports whether a piece is worth pushing down: healthy lines do not have it, and it is more than a word.
func telling(piece string, size int) bool {
	if !utf8.ValidString(piece) {
		return false
	}
	plain := !strings.ContainsFunc(piece, func(r rune) bool { return r != ' ' && !unicode.IsLetter(r) })
	if (plain || strings.Contains(piece, `\x`)) && len(piece) < size+wordy {
		return false
	}
	common := commonGrams()[size]
	for i := 0; i+size <= len(piece); i++ {
		if !common[piece[i:i+size]] {
			return true
		}
	}
	return false
}

func uncovered(of []int, covered []bool) []int {
	var out []int
	for _, i := range of {
		if !covered[i] {
			out = append(out, i)
		}
	}
	return out
}

// shared extends a piece that all texts have, as far as they agree.
func shared(texts []string, piece string) string {
	first := texts[0]
	best := piece
	for from := 0; ; {
		at := strings.Index(first[from:], piece)
		if at < 0 {
			return best
		}
		start, end := from+at, from+at+len(piece)
		from = start + 1
		for start > 0 && inAll(texts, first[start-1:end]) {
			start--
		}
		for end < len(first) && inAll(texts, first[start:end+1]) {
			end++
		}
		if p := strings.ToValidUTF8(first[start:end], ""); len(p) > len(best) { // no halves of characters at its ends
			best = p
		}
	}
}

func inAll(texts []string, piece string) bool {
	return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(t, piece) })
}

// trim lets a literal begin with its rarest byte, if what is left is long enough and not common.
func trim(literal string, size int) string {
	freq := frequency()
	best := literal
	for at := 1; len(literal)-at >= max(size, 8); at++ {
		rest := literal[at:]
		if freq[rest[0]] < freq[best[0]] && telling(rest, size) {
			best = rest
		}
	}
	return best
}

// minimal drops literals that contain another one, which they would only repeat.
func minimal(literals []string) []string {
	sorted := slices.SortedFunc(slices.Values(literals), func(a, b string) int {
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	var out []string
	for _, l := range sorted {
		if !slices.ContainsFunc(out, func(kept string) bool { return strings.Contains(l, kept) }) {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return out
}
