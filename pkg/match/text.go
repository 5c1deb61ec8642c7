package match

import (
	"cmp"
	"hash/crc32"
	"math"
	"slices"
	"strings"

	"github.com/golang/snappy"
)

// packSize is how much text is packed together, in bytes: much smaller and lines share little, much larger and reading
// one line costs more than it should.
const packSize = 16 << 10

// Text is a log line. The lines of many matches may be packed together, as a hundred thousand of them must fit; what
// is read of them is a few. The zero value is the empty line.
type Text struct {
	block *block
	// from and to are the place in a packed block.
	from, to uint16
	sum      uint32
}

// block is the text of one line, or the packed text of many. It is immutable.
type block struct {
	plain  string
	packed []byte
	length int // of the packed text, in bytes
}

// PlainText returns a line by itself. It keeps the string.
func PlainText(line string) Text {
	return Text{block: &block{plain: line}, sum: crc32.ChecksumIEEE([]byte(line))}
}

// String returns the line. Of packed lines it unpacks all that lie beside it, some 10 µs of work.
func (t Text) String() string {
	if t.block == nil || t.block.packed == nil {
		return t.plain()
	}
	var room [packSize + packSize/4]byte // on the stack, as long as what is returned is a copy
	text, err := snappy.Decode(room[:], t.block.packed)
	if err != nil || len(text) < int(t.to) {
		return "" // Pack made the block, so this is memory that broke
	}
	return string(text[t.from:t.to])
}

func (t Text) plain() string {
	if t.block == nil {
		return ""
	}
	return t.block.plain
}

// Compare is an order of lines by their content alone: the same for equal lines, however they are packed.
func (t Text) Compare(other Text) int {
	if t == other {
		return 0
	}
	if c := cmp.Compare(t.sum, other.sum); c != 0 { // unpacking costs more
		return c
	}
	return strings.Compare(t.String(), other.String())
}

// Size is what the line holds in memory, in bytes: of lines that are packed together, its share.
func (t Text) Size() int64 {
	switch {
	case t.block == nil:
		return 0
	case t.block.packed == nil:
		return int64(len(t.block.plain))
	}
	return int64(t.to-t.from) * int64(len(t.block.packed)) / max(1, int64(t.block.length))
}

// Pack packs lines together in their order. They must not be shared with anybody yet.
func Pack(entries []*Entry) {
	var text, scratch []byte
	var waiting []*Entry
	flush := func() {
		scratch = snappy.Encode(scratch[:cap(scratch)], text)
		b := &block{packed: slices.Clone(scratch), length: len(text)}
		for _, e := range waiting {
			e.Line.block = b
		}
		text, waiting = text[:0], waiting[:0]
	}
	for _, e := range entries {
		line := e.Line.plain()
		if len(text)+len(line) > math.MaxUint16 {
			continue // as good as a block by itself
		}
		e.Line.from, e.Line.to = uint16(len(text)), uint16(len(text)+len(line)) //nolint:gosec // checked above
		text = append(text, line...)
		waiting = append(waiting, e)
		if len(text) >= packSize {
			flush()
		}
	}
	if len(waiting) > 0 {
		flush()
	}
}
