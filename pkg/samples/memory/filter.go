package memory

import (
	"strings"

	"github.com/blueking/incidents/pkg/logs"
)

// filter finds lines with at least one of many literals in one pass over the line: a plain search for each of the some
// hundred raw forms of a catalogue would take most of the time of a scan.
type filter struct {
	any bool // every line will do
	// heads has a bit for the hash of the first four bytes of every literal, byHead those literals.
	heads  [1 << 16 / 64]uint64
	byHead map[uint32][]string
	short  []string // literals of less than four bytes
}

func newFilter(literals logs.Filter) *filter {
	f := &filter{any: len(literals) == 0, byHead: map[uint32][]string{}}
	for _, l := range literals {
		if len(l) < 4 {
			f.short = append(f.short, l)
			continue
		}
		head := headAt(l, 0)
		f.byHead[head] = append(f.byHead[head], l)
		h := hash(head)
		f.heads[h/64] |= 1 << (h % 64)
	}
	return f
}

// passes reports whether a line has one of the literals.
func (f *filter) passes(line string) bool {
	if f.any {
		return true
	}
	for _, l := range f.short {
		if strings.Contains(line, l) {
			return true
		}
	}
	for i := 0; i+4 <= len(line); i++ {
		head := headAt(line, i)
		if h := hash(head); f.heads[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for _, l := range f.byHead[head] {
			if strings.HasPrefix(line[i:], l) {
				return true
			}
		}
	}
	return false
}

func headAt(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func hash(head uint32) uint32 { return head * 0x9E3779B1 >> 16 }
