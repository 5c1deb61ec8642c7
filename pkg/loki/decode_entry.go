package loki

import (
	"errors"
	"fmt"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"
)

var errUntimed = errors.New("an entry without a timestamp")

// entry adds a logproto.Entry to its stream, or only counts it when the sieve leaves its line out.
func (d *protoDecoder) entry(s *pageStream, m message) error {
	if d.sieve != nil {
		ns, from, to, err := glance(m)
		if err != nil {
			return err
		}
		if d.found >= 0 && d.found < from {
			d.found = d.sieve.Next(d.raw, from)
		}
		if d.found < 0 || d.found >= to {
			d.page.sifted.add(ns)
			return nil
		}
	}
	s.entries = append(s.entries, logproto.Entry{})
	return d.whole(&s.entries[len(s.entries)-1], m)
}

// whole reads a logproto.Entry{1 time, 2 line, 3 metadata, 4 parsed}. As protobuf wants it, the last of a repeated
// single field wins and unknown fields are skipped; an entry without a time cannot be paged over.
func (d *protoDecoder) whole(e *logproto.Entry, m message) error {
	timed := false
	for m.next() {
		if m.number > entryParsed {
			continue
		}
		if !m.want(protowire.BytesType, "an entry") {
			break
		}
		switch m.number {
		case entryTime:
			seconds, nanos, err := timeOf(m.inner())
			if err != nil {
				return err
			}
			e.Timestamp, timed = time.Unix(seconds, nanos).UTC(), true
		case entryLine:
			e.Line = m.raw[m.from:m.to]
		case entryMetadata, entryParsed:
			l, err := labelOf(m.inner())
			if err != nil {
				return err
			}
			if m.number == entryMetadata {
				e.StructuredMetadata = d.labels.add(e.StructuredMetadata, l)
			} else {
				e.Parsed = d.labels.add(e.Parsed, l)
			}
		}
	}
	if m.err == nil && !timed {
		return errUntimed
	}
	return m.err
}

// glance reads of an entry only its time in ns since 1970 and where its line stands.
func glance(m message) (ns int64, from, to int, err error) {
	timed := false
	for m.next() {
		if m.number > entryParsed {
			continue
		}
		if !m.want(protowire.BytesType, "an entry") {
			break
		}
		switch m.number {
		case entryTime:
			seconds, nanos, err := timeOf(m.inner())
			if err != nil {
				return 0, 0, 0, err
			}
			ns, timed = seconds*int64(time.Second)+nanos, true
		case entryLine:
			from, to = m.from, m.to
		}
	}
	if m.err == nil && !timed {
		return 0, 0, 0, errUntimed
	}
	return ns, from, to, m.err
}

// timeOf reads a google.protobuf.Timestamp{1 seconds, 2 nanos}.
func timeOf(m message) (seconds, nanos int64, err error) {
	for m.next() {
		if m.number > 2 {
			continue
		}
		if !m.want(protowire.VarintType, "a timestamp") {
			break
		}
		if m.number == 1 {
			seconds = int64(m.varint)
		} else {
			nanos = int64(int32(m.varint))
		}
	}
	if m.err != nil {
		return 0, 0, m.err
	}
	// Nanoseconds since 1970 fit in an int64 from 1678 to 2262; the paging counts in them.
	if seconds < -9_000_000_000 || seconds > 9_000_000_000 || nanos < 0 || nanos >= 1_000_000_000 {
		return 0, 0, fmt.Errorf("a timestamp of %d s %d ns", seconds, nanos)
	}
	return seconds, nanos, nil
}

// labelOf reads a LabelPairAdapter{1 name, 2 value}.
func labelOf(m message) (l logproto.LabelAdapter, err error) {
	for m.next() {
		if m.number > 2 {
			continue
		}
		if !m.want(protowire.BytesType, "a label") {
			break
		}
		if m.number == 1 {
			l.Name = m.raw[m.from:m.to]
		} else {
			l.Value = m.raw[m.from:m.to]
		}
	}
	return l, m.err
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
