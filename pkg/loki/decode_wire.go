package loki

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

var errTruncated = errors.New("the protobuf answer ends in the middle of a field")

// message walks the fields of one message of an answer without copying; it is the one place that touches lengths.
// Positions count from the start of the answer.
type message struct {
	raw string // the answer up to the end of the message
	at  int    // where the next field begins

	// The field that next read: its number and type, the value of a varint, the bounds of bytes.
	number   protowire.Number
	wire     protowire.Type
	varint   uint64
	from, to int
	err      error
}

// inner walks the message in a field of bytes.
func (m *message) inner() message { return message{raw: m.raw[:m.to], at: m.from} }

// text is the value of a field of bytes, "" of any other.
func (m *message) text() string {
	if m.wire != protowire.BytesType {
		return ""
	}
	return m.raw[m.from:m.to]
}

// next reads a field; false at the end of the message and at an error.
func (m *message) next() bool {
	s, at := m.raw, m.at
	if at >= len(s) {
		return false
	}
	tag := uint64(s[at])
	if at++; tag >= 0x80 {
		if tag, at = varintAt(s, at-1); at < 0 {
			return m.truncated()
		}
	}
	if tag < 1<<3 || tag>>3 > math.MaxInt32 {
		m.err = fmt.Errorf("field number %d in the protobuf answer", tag>>3)
		return false
	}
	m.number, m.wire = protowire.Number(tag>>3), protowire.Type(tag&7)
	switch m.wire {
	case protowire.BytesType:
		if at >= len(s) {
			return m.truncated()
		}
		size := uint64(s[at])
		if at++; size >= 0x80 {
			if size, at = varintAt(s, at-1); at < 0 {
				return m.truncated()
			}
		}
		if size > uint64(len(s)-at) {
			return m.truncated()
		}
		m.from = at
		at += int(size)
		m.to = at
	case protowire.VarintType:
		if m.varint, at = varintAt(s, at); at < 0 {
			return m.truncated()
		}
	case protowire.Fixed32Type:
		at += 4
	case protowire.Fixed64Type:
		at += 8
	default:
		m.err = fmt.Errorf("wire type %d in the protobuf answer", m.wire)
		return false
	}
	if at > len(s) {
		return m.truncated()
	}
	m.at = at
	return true
}

func (m *message) truncated() bool {
	m.err = errTruncated
	return false
}

// want makes an error of a field that has another wire type than its number demands.
func (m *message) want(wire protowire.Type, of string) bool {
	if m.wire != wire {
		m.err = fmt.Errorf("field %d of %s has wire type %d, want %d", m.number, of, m.wire, wire)
	}
	return m.err == nil
}

// varintAt reads a varint at a position and returns the one behind it, -1 when it is cut or too long.
func varintAt(s string, at int) (v uint64, behind int) {
	for shift := uint(0); at < len(s); shift += 7 {
		b := s[at]
		if at++; b < 0x80 {
			if shift == 63 && b > 1 {
				return 0, -1
			}
			return v | uint64(b)<<shift, at
		}
		if shift == 63 {
			return 0, -1
		}
		v |= uint64(b&0x7f) << shift
	}
	return 0, -1
}
