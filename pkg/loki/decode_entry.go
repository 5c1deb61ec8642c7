package loki

import (
	"errors"
	"fmt"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"
)

// decodeEntry reads a logproto.Entry{1 time, 2 line, 3 metadata, 4 parsed}. As protobuf wants it, the last of a
// repeated single field wins and unknown fields are skipped; an entry without a time cannot be paged over.
func decodeEntry(e *logproto.Entry, raw string, labels *arena) error {
	timed := false
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if f.number > entryParsed {
			continue
		}
		if f.wire != protowire.BytesType {
			return fmt.Errorf("field %d of an entry has wire type %d", f.number, f.wire)
		}
		switch f.number {
		case entryTime:
			if e.Timestamp, err = decodeTime(f.bytes); err != nil {
				return err
			}
			timed = true
		case entryLine:
			e.Line = f.bytes
		case entryMetadata, entryParsed:
			l, err := decodeLabel(f.bytes)
			if err != nil {
				return err
			}
			if f.number == entryMetadata {
				e.StructuredMetadata = labels.add(e.StructuredMetadata, l)
			} else {
				e.Parsed = labels.add(e.Parsed, l)
			}
		}
	}
	if !timed {
		return errors.New("an entry without a timestamp")
	}
	return nil
}

// decodeTime reads a google.protobuf.Timestamp{1 seconds, 2 nanos}.
func decodeTime(raw string) (time.Time, error) {
	var seconds, nanos uint64
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil {
			return time.Time{}, err
		}
		if !more {
			break
		}
		if f.number <= 2 && f.wire != protowire.VarintType {
			return time.Time{}, fmt.Errorf("field %d of a timestamp has wire type %d", f.number, f.wire)
		}
		switch f.number {
		case 1:
			seconds = f.varint
		case 2:
			nanos = f.varint
		}
	}
	s, n := int64(seconds), int64(int32(nanos))
	// Nanoseconds since 1970 fit in an int64 from 1678 to 2262; the paging counts in them.
	if s < -9_000_000_000 || s > 9_000_000_000 || n < 0 || n >= 1_000_000_000 {
		return time.Time{}, fmt.Errorf("a timestamp of %d s %d ns", s, n)
	}
	return time.Unix(s, n).UTC(), nil
}

// decodeLabel reads a LabelPairAdapter{1 name, 2 value}.
func decodeLabel(raw string) (l logproto.LabelAdapter, err error) {
	for m := (message{raw}); ; {
		f, more, err := m.next()
		if err != nil || !more {
			return l, err
		}
		if f.number <= 2 && f.wire != protowire.BytesType {
			return l, fmt.Errorf("field %d of a label has wire type %d", f.number, f.wire)
		}
		switch f.number {
		case 1:
			l.Name = f.bytes
		case 2:
			l.Value = f.bytes
		}
	}
}
