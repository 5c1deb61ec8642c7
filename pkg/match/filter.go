package match

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unsafe"
)

// filter finds which literals of a set occur in a text. It looks at one gram of four bytes in every stride bytes of
// the text: a literal of stride+3 bytes or more cannot lie between two looks, and wherever it lies, one of stride
// grams chosen from it is what a look sees. A table tells of a gram whether it is one of those. No look depends on the
// one before, so the processor works on many at a time, and their number does not depend on the number of literals.
//
// A filter is immutable and safe for concurrent use.
type filter struct {
	literals []string
	stride   int
	// known has a bit for the hash of every chosen gram.
	known *[1 << (hashBits - 6)]uint64
	// slots is an open hash table from a chosen gram to its first place; places are sorted by gram.
	slots    []slot
	slotBits uint
	places   []place
	// short are the literals below the size of a gram; a catalogue has none (signature.MinShortWitness).
	short []int32
	// longer[i] are the literals that contain literal i. They are not looked for themselves.
	longer [][]int32
}

const (
	gramSize = 4
	// hashBits sizes the table of known grams: 128 KiB, of which a text's common grams touch a few cache lines. With a
	// thousand literals one foreign gram in two hundred has a known one's hash.
	hashBits = 20
	// maxStride bounds the grams chosen from each literal where all are long.
	maxStride = 16
	// looks is how many grams the loop looks at before it branches.
	looks = 4
)

// place is where in a literal a chosen gram stands. The first and last gram of the literal tell most places apart from
// what is in the text without a look at the literal itself.
type place struct {
	gram, head, tail      uint32
	literal, offset, size int32
}

// slot is free while first is negative.
type slot struct {
	gram  uint32
	first int32
}

func hashOf(gram uint32) uint32 { return gram * 0x9E3779B1 }

func gramAt(text []byte) uint32 { return binary.LittleEndian.Uint32(text) }

// bytesOf is a view of s that must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func newFilter(literals []string) *filter {
	f := &filter{literals: literals, longer: make([][]int32, len(literals))}
	var sought []int32
	for i, lit := range literals {
		if len(lit) < gramSize {
			f.short = append(f.short, int32(i))
			continue
		}
		sought = append(sought, int32(i))
	}
	f.seek(sought)
	if kept := f.withoutLonger(sought); len(kept) < len(sought) {
		f.seek(kept)
	}
	return f
}

// seek makes the tables for some of the literals.
func (f *filter) seek(sought []int32) {
	f.stride, f.known, f.places = maxStride, new([1 << (hashBits - 6)]uint64), nil
	for _, i := range sought {
		f.stride = min(f.stride, len(f.literals[i])-gramSize+1)
	}
	f.choose(sought)
	f.index()
}

// withoutLonger returns the literals that contain no other one and notes the rest as longer.
func (f *filter) withoutLonger(sought []int32) []int32 {
	within := make(map[int32][]int32, len(sought))
	var kept []int32
	for _, i := range sought {
		f.find(f.literals[i], func(other int) {
			// Of two equal ones the first stays.
			o := int32(other)
			if len(f.literals[o]) >= gramSize && o != i && (f.literals[o] != f.literals[i] || o < i) {
				within[i] = append(within[i], o)
			}
		})
		if within[i] == nil {
			kept = append(kept, i)
		}
	}
	for _, i := range sought {
		// The shortest of those within contains none, so one of them is kept.
		if k := slices.IndexFunc(within[i], func(o int32) bool { return within[o] == nil }); k >= 0 {
			f.longer[within[i][k]] = append(f.longer[within[i][k]], i)
		}
	}
	return kept
}

// choose picks the rarest gram of each literal for each remainder of its offset by stride. A gram that stands for
// another literal already costs nothing.
func (f *filter) choose(sought []int32) {
	chosen := map[uint32]bool{}
	for _, i := range sought {
		lit := bytesOf(f.literals[i])
		for remainder := range f.stride {
			best, rarest := -1, 0
			for at := remainder; at+gramSize <= len(lit); at += f.stride {
				common := commonness(lit[at : at+gramSize])
				if chosen[gramAt(lit[at:])] {
					common = 0
				}
				if best < 0 || common < rarest {
					best, rarest = at, common
				}
			}
			gram := gramAt(lit[best:])
			chosen[gram] = true
			f.places = append(f.places, place{
				gram: gram, head: gramAt(lit), tail: gramAt(lit[len(lit)-gramSize:]),
				literal: i, offset: int32(best), size: int32(len(lit)),
			})
		}
	}
}

func (f *filter) index() {
	slices.SortFunc(f.places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.gram, b.gram), cmp.Compare(a.literal, b.literal), cmp.Compare(a.offset, b.offset))
	})
	f.slotBits = uint(bits.Len(uint(4*len(f.places)) | 15))
	f.slots = make([]slot, 1<<f.slotBits)
	for i := range f.slots {
		f.slots[i].first = -1
	}
	for i, p := range f.places {
		if i > 0 && f.places[i-1].gram == p.gram {
			continue
		}
		h := hashOf(p.gram)
		f.known[h>>(32-hashBits)>>6] |= 1 << (h >> (32 - hashBits) & 63)
		*f.slot(p.gram) = slot{gram: p.gram, first: int32(i)}
	}
}

// slot returns the slot of a gram, or the free one where it would be.
func (f *filter) slot(gram uint32) *slot {
	for h := hashOf(gram) >> (32 - f.slotBits); ; h++ {
		s := &f.slots[h&uint32(len(f.slots)-1)]
		if s.first < 0 || s.gram == gram {
			return s
		}
	}
}

// find calls hit for every literal that occurs in s; a literal may be reported more than once.
func (f *filter) find(s string, hit func(literal int)) {
	for _, i := range f.short {
		if strings.Contains(s, f.literals[i]) {
			hit(int(i))
		}
	}
	text := bytesOf(s)
	for at := f.look(text, 0); at >= 0; at = f.look(text, at+f.stride) {
		for i := f.stands(text, at, f.slot(gramAt(text[at:])).first); i >= 0; i = f.stands(text, at, i+1) {
			literal := f.places[i].literal
			hit(int(literal))
			for _, l := range f.longer[literal] {
				if strings.Contains(s, f.literals[l]) {
					hit(int(l))
				}
			}
		}
	}
}

// next returns a position inside the first literal that lies in s behind from, -1 when there is none.
func (f *filter) next(s string, from int) int {
	if len(f.short) > 0 && from < len(s) {
		return from // any place may be one
	}
	text := bytesOf(s)
	for at := f.look(text, from); at >= 0; at = f.look(text, at+f.stride) {
		if f.stands(text, at, f.slot(gramAt(text[at:])).first) >= 0 {
			return at
		}
	}
	return -1
}

// look returns the first of the positions from, from+stride, … whose gram may be a chosen one, -1 when none is.
func (f *filter) look(text []byte, from int) int {
	if len(f.places) == 0 || from > len(text) {
		return -1
	}
	known, stride, size := f.known, f.stride, len(text)
	text = text[from:]
	// What is written as slices of four bytes costs one bounds check a look.
	for reach := looks*stride + gramSize; len(text) >= reach; text = text[looks*stride:] {
		a, b, c, d := text[:gramSize], text[stride:stride+gramSize], text[2*stride:2*stride+gramSize], text[3*stride:3*stride+gramSize]
		g, h, i, j := hashOf(gramAt(a))>>(32-hashBits), hashOf(gramAt(b))>>(32-hashBits), hashOf(gramAt(c))>>(32-hashBits), hashOf(gramAt(d))>>(32-hashBits)
		if (known[g>>6]>>(g&63)|known[h>>6]>>(h&63)|known[i>>6]>>(i&63)|known[j>>6]>>(j&63))&1 != 0 {
			break
		}
	}
	for ; len(text) >= gramSize; text = text[min(stride, len(text)):] {
		if h := hashOf(gramAt(text)) >> (32 - hashBits); known[h>>6]>>(h&63)&1 != 0 {
			return size - len(text)
		}
	}
	return -1
}

// stands returns the first place from i on of the gram at a position around which its literal stands, -1 when there
// is none. A negative i is no place.
func (f *filter) stands(text []byte, at int, i int32) int32 {
	if i < 0 {
		return -1
	}
	gram := gramAt(text[at:])
	for ; int(i) < len(f.places); i++ {
		p := &f.places[i]
		if p.gram != gram {
			return -1
		}
		start := at - int(p.offset)
		end := start + int(p.size)
		if start < 0 || end > len(text) || gramAt(text[start:]) != p.head || gramAt(text[end-gramSize:]) != p.tail {
			continue
		}
		if string(text[start:end]) == f.literals[p.literal] {
			return i
		}
	}
	return -1
}
