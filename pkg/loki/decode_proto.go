package loki

import (
	"errors"
	"fmt"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of an answer with log streams, by field number (Loki 3.7.8, pkg/querier/queryrange/queryrange.proto,
// queryrangebase/queryrange.proto, pkg/push/push.proto). The format is not documented and has been there since 2.9.
const (
	responseStatus  = 1 // google.rpc.Status
	responseStreams = 6 // LokiResponse

	lokiData     = 2
	lokiError    = 4
	lokiWarnings = 10

	dataType   = 1
	dataStream = 2

	streamLabels = 1
	streamEntry  = 2

	entryTime     = 1
	entryLine     = 2
	entryMetadata = 3
	entryParsed   = 4
)

var errTruncated = errors.New("the protobuf answer ends in the middle of a field")

// field is one field of a message: a number for varint and fixed types, else its bytes.
type field struct {
	number protowire.Number
	wire   protowire.Type
	varint uint64
	bytes  string
}

// message walks the fields of a message without copying. It is the one place that touches lengths.
type message struct{ rest string }

// next returns false at the end.
func (m *message) next() (f field, more bool, err error) {
	if m.rest == "" {
		return f, false, nil
	}
	tag, n := consumeVarint(m.rest)
	if n < 0 {
		return f, false, errTruncated
	}
	m.rest = m.rest[n:]
	number, wire := protowire.DecodeTag(tag)
	if number < protowire.MinValidNumber {
		return f, false, fmt.Errorf("field number %d in the protobuf answer", number)
	}
	f.number, f.wire = number, wire
	switch wire {
	case protowire.VarintType:
		f.varint, n = consumeVarint(m.rest)
	case protowire.BytesType:
		size, k := consumeVarint(m.rest)
		if k < 0 || size > uint64(len(m.rest)-k) {
			return f, false, errTruncated
		}
		n = k + int(size)
		f.bytes = m.rest[k:n]
	case protowire.Fixed32Type:
		n = 4
	case protowire.Fixed64Type:
		n = 8
	default:
		return f, false, fmt.Errorf("wire type %d in the protobuf answer", wire)
	}
	if n < 0 || n > len(m.rest) {
		return f, false, errTruncated
	}
	m.rest = m.rest[n:]
	return f, true, nil
}

// is tells whether f is field number with the wire type it has to have; a mismatch is an error, not a field to skip.
func (f field) is(number protowire.Number, wire protowire.Type) (bool, error) {
	if f.number != number {
		return false, nil
	}
	if f.wire != wire {
		return false, fmt.Errorf("field %d of the protobuf answer has wire type %d, want %d", number, f.wire, wire)
	}
	return true, nil
}

// consumeVarint is protowire.ConsumeVarint on a string, negative when cut or too long.
func consumeVarint(s string) (uint64, int) {
	var v uint64
	for i := 0; i < len(s) && i < 10; i++ {
		b := s[i]
		if i == 9 && b > 1 {
			return 0, -1
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, i + 1
		}
	}
	return 0, -1
}

// arena hands out short slices of long ones: an answer has thousands of entries with two or three labels each.
type arena struct {
	labels []logproto.LabelAdapter
}

func (a *arena) add(list []logproto.LabelAdapter, l logproto.LabelAdapter) []logproto.LabelAdapter {
	if len(a.labels) == cap(a.labels) {
		a.labels = make([]logproto.LabelAdapter, 0, max(64, min(2*cap(a.labels), 8192)))
	}
	start := len(a.labels)
	if n := len(list); n > 0 {
		// The list grows in place when it is the last one handed out, else it moves to the end.
		if n <= start && &a.labels[start-n] == &list[0] {
			a.labels = append(a.labels, l)
			return a.labels[start-n : start+1 : start+1]
		}
		return append(list, l)
	}
	a.labels = append(a.labels, l)
	return a.labels[start : start+1 : start+1]
}

// decodeProto reads a queryrange.QueryResponse. Lines and metadata point into raw.
func decodeProto(raw string, streams *interner) (*page, error) {
	p := &page{}
	m := message{raw}
	found := false
	for {
		f, more, err := m.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if ok, err := f.is(responseStatus, protowire.BytesType); err != nil {
			return nil, err
		} else if ok {
			if err := decodeStatus(f.bytes); err != nil {
				return nil, err
			}
			continue
		}
		ok, err := f.is(responseStreams, protowire.BytesType)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		found = true
		if err := decodeResponse(p, f.bytes, streams); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, errors.New("the protobuf answer holds no log streams")
	}
	return p, nil
}

// decodeStatus turns a google.rpc.Status{1 code, 2 message} into an error; Loki 3 sends errors as text instead.
func decodeStatus(raw string) error {
	var code uint64
	text := ""
	for m := (message{raw}); ; {
		f, more, err := m.next()
		switch {
		case err != nil:
			return err
		case !more && code != 0:
			return &Error{Kind: KindServer, Status: 200, Detail: quote(text), Downstream: true}
		case !more:
			return nil
		case f.number == 1:
			code = f.varint
		case f.number == 2:
			text = f.bytes
		}
	}
}

func decodeResponse(p *page, raw string, streams *interner) error {
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil || !more {
			return err
		}
		if f.wire != protowire.BytesType {
			continue
		}
		switch f.number {
		case lokiError:
			if f.bytes != "" {
				return &Error{Kind: KindServer, Status: 200, Detail: quote(f.bytes), Downstream: true}
			}
		case lokiWarnings:
			p.warnings = append(p.warnings, f.bytes)
		case lokiData:
			if err := decodeData(p, f.bytes, streams); err != nil {
				return err
			}
		}
	}
}

func decodeData(p *page, raw string, streams *interner) error {
	var labels arena
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil || !more {
			return err
		}
		switch {
		case f.number == dataType && f.bytes != "streams":
			return fmt.Errorf("the protobuf answer holds %.20q, want streams", f.bytes)
		case f.number == dataStream:
			if _, err := f.is(dataStream, protowire.BytesType); err != nil {
				return err
			}
			s, err := decodeStream(f.bytes, streams, &labels)
			if err != nil {
				return err
			}
			p.streams = append(p.streams, s)
		}
	}
}

func decodeStream(raw string, streams *interner, labels *arena) (pageStream, error) {
	var s pageStream
	text, entries := "{}", 0
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil {
			return s, err
		}
		if !more {
			break
		}
		if f.number <= streamEntry && f.wire != protowire.BytesType {
			return s, fmt.Errorf("field %d of a stream has wire type %d", f.number, f.wire)
		}
		switch f.number {
		case streamLabels:
			text = f.bytes
		case streamEntry:
			entries++
		}
	}
	var err error
	if s.stream, err = streams.parse(text); err != nil {
		return s, fmt.Errorf("labels of a stream: %w", err)
	}
	s.entries = make([]logproto.Entry, entries)
	entries = 0
	for m := (message{raw}); entries < len(s.entries); {
		f, _, _ := m.next()
		if f.number != streamEntry {
			continue
		}
		if err := decodeEntry(&s.entries[entries], f.bytes, labels); err != nil {
			return s, err
		}
		entries++
	}
	return s, nil
}
