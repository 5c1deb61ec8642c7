package ship

import (
	"cmp"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
	"time"
)

// rowState is how much of a row's log is shipped.
type rowState struct {
	// end is in bytes, sum the checksum of these.
	end, sum uint32
	// at is the row's mark in seconds since 1970.
	at int64
}

// shipped are the rows that were shipped lately. An older row that changes again is shipped from its beginning.
type shipped map[uint64]rowState

const (
	// rowsAge and rowsMost bound what is remembered: steps end within hours, and a row takes about 60 bytes.
	rowsAge  = 24 * time.Hour
	rowsMost = 200_000
)

func sum(text string) uint32 { return crc32.ChecksumIEEE([]byte(text)) }

// prune forgets rows that are long over, and the oldest ones where there are too many.
func (s shipped) prune(latest time.Time) {
	oldest := latest.Add(-rowsAge).Unix()
	maps.DeleteFunc(s, func(_ uint64, st rowState) bool { return st.at < oldest && st.at > 0 })
	if len(s) <= rowsMost {
		return
	}
	ids := slices.SortedFunc(maps.Keys(s), func(a, b uint64) int { return cmp.Or(cmp.Compare(s[a].at, s[b].at), cmp.Compare(a, b)) })
	for _, id := range ids[:len(ids)-rowsMost*9/10] {
		delete(s, id)
	}
}

// encode writes the rows as differences, a few bytes each.
func (s shipped) encode() []byte {
	out := make([]byte, 0, 16*len(s))
	lastID, lastAt := uint64(0), int64(0)
	for _, id := range slices.Sorted(maps.Keys(s)) {
		st := s[id]
		out = binary.AppendUvarint(out, id-lastID)
		out = binary.AppendVarint(out, st.at-lastAt)
		out = binary.AppendUvarint(out, uint64(st.end))
		out = binary.LittleEndian.AppendUint32(out, st.sum)
		lastID, lastAt = id, st.at
	}
	return out
}

var errRows = errors.New("its rows are damaged")

func decodeRows(raw []byte) (shipped, error) {
	out := shipped{}
	id, at := uint64(0), int64(0)
	for len(raw) > 0 {
		dID, n := binary.Uvarint(raw)
		if n <= 0 {
			return nil, errRows
		}
		raw = raw[n:]
		dAt, n := binary.Varint(raw)
		if n <= 0 {
			return nil, errRows
		}
		raw = raw[n:]
		end, n := binary.Uvarint(raw)
		if n <= 0 || end > 1<<31 || len(raw) < n+4 {
			return nil, errRows
		}
		id, at = id+dID, at+dAt
		out[id] = rowState{end: uint32(end), sum: binary.LittleEndian.Uint32(raw[n:]), at: at}
		raw = raw[n+4:]
	}
	return out, nil
}
