package match

// filter finds which literals of a set occur in a text, in one pass. It is a Wu-Manber search over blocks of four
// bytes: most of a text is skipped without a look at it, almost independently of the number of literals.
// A filter is immutable and safe for concurrent use.
type filter struct {
	literals []string
	// shift[h] is how far the window may move when its last block hashes to h; 0 means "look".
	shift []uint8
	// heads[h] are the literals whose prefix block at position window-4 hashes to h.
	heads  [][]int32
	window int
	short  []int32 // literals below the block size; there are none in a linted catalogue
}

const (
	blockSize = 4
	hashBits  = 15 // 32 KiB of shifts stay in the first-level cache
	maxWindow = 255
)

func blockHash(a, b, c, d byte) uint32 {
	v := uint32(a) | uint32(b)<<8 | uint32(c)<<16 | uint32(d)<<24
	return (v * 0x9E3779B1) >> (32 - hashBits)
}

func newFilter(literals []string) *filter {
	f := &filter{literals: literals, window: maxWindow}
	for i, lit := range literals {
		if len(lit) < blockSize {
			f.short = append(f.short, int32(i))
			continue
		}
		f.window = min(f.window, len(lit))
	}
	f.shift = make([]uint8, 1<<hashBits)
	f.heads = make([][]int32, 1<<hashBits)
	for i := range f.shift {
		f.shift[i] = uint8(f.window - blockSize + 1)
	}
	for i, lit := range literals {
		if len(lit) < blockSize {
			continue
		}
		for end := blockSize; end <= f.window; end++ {
			h := blockHash(lit[end-4], lit[end-3], lit[end-2], lit[end-1])
			f.shift[h] = min(f.shift[h], uint8(f.window-end))
			if end == f.window {
				f.heads[h] = append(f.heads[h], int32(i))
			}
		}
	}
	return f
}

// find calls hit for every literal that occurs in s; a literal may be reported more than once.
func (f *filter) find(s string, hit func(literal int)) {
	for _, i := range f.short {
		if lit := f.literals[i]; indexShort(s, lit) {
			hit(int(i))
		}
	}
	for pos := f.window; pos <= len(s); {
		h := blockHash(s[pos-4], s[pos-3], s[pos-2], s[pos-1])
		if skip := f.shift[h]; skip > 0 {
			pos += int(skip)
			continue
		}
		start := pos - f.window
		for _, i := range f.heads[h] {
			lit := f.literals[i]
			if len(s)-start >= len(lit) && s[start:start+len(lit)] == lit {
				hit(int(i))
			}
		}
		pos++
	}
}

func indexShort(s, lit string) bool {
	for i := 0; i+len(lit) <= len(s); i++ {
		if s[i:i+len(lit)] == lit {
			return true
		}
	}
	return false
}
