package loki

import (
	"errors"
	"fmt"
	"math"

	"github.com/grafana/loki/v3/pkg/logproto"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/blueking/incidents/pkg/logs"
)

// The messages of an answer with log streams, by field number (Loki 3.7.8, pkg/querier/queryrange/queryrange.proto,
// queryrangebase/queryrange.proto, pkg/push/push.proto). The format is not documented and has been there since 2.9.
const (
	responseStatus  = 1 // google.rpc.Status
	responseStreams = 6 // LokiResponse

	lokiStatus   = 1
	lokiData     = 2
	lokiError    = 4
	lokiLimit    = 6
	lokiStats    = 8
	lokiWarnings = 10

	statsSummary    = 1
	summaryReturned = 8

	dataType   = 1
	dataStream = 2

	streamLabels = 1
	streamEntry  = 2

	entryTime     = 1
	entryLine     = 2
	entryMetadata = 3
	entryParsed   = 4
)

// protoDecoder reads one protobuf answer.
type protoDecoder struct {
	raw     string
	page    *page
	streams *interner
	sieve   logs.Sieve
	// status, text and kind are what the answer says of itself.
	status, text, kind string
	// found is where the sieve found something last, or -1 when there is nothing behind.
	found  int
	labels arena
	// usual is how many entries the last stream had: the next one is likely to have about as many.
	usual int
}

// decodeProto reads a queryrange.QueryResponse. Lines and metadata point into raw. With a sieve, lines that it leaves
// out are only counted.
func decodeProto(raw string, streams *interner, sieve logs.Sieve) (*page, error) {
	d := &protoDecoder{raw: raw, page: &page{}, streams: streams, sieve: sieve}
	m := message{raw: raw}
	for m.next() {
		switch m.number {
		case responseStatus:
			if m.want(protowire.BytesType, "the protobuf answer") {
				m.err = decodeStatus(m.inner())
			}
		case responseStreams:
			if m.want(protowire.BytesType, "the protobuf answer") {
				m.err = d.response(m.inner())
			}
		}
		if m.err != nil {
			break
		}
	}
	switch {
	case m.err != nil:
		return nil, m.err
	case d.status+d.text == "":
		return nil, errors.New("the protobuf answer has no status")
	case d.status != success, d.text != "":
		return nil, failedAnswer(d.status, d.text)
	case d.kind != "streams":
		return nil, fmt.Errorf("the protobuf answer holds %.20q, want streams", d.kind)
	}
	return d.page, nil
}

// decodeStatus turns a google.rpc.Status{1 code, 2 message} into an error; Loki 3 sends errors as text instead.
func decodeStatus(m message) error {
	var code uint64
	text := ""
	for m.next() {
		switch {
		case m.number == 1 && m.wire == protowire.VarintType:
			code = m.varint
		case m.number == 2:
			text = m.text()
		}
	}
	if m.err == nil && code != 0 {
		return &Error{Kind: logs.KindServer, Status: 200, Detail: quote(text), Downstream: true}
	}
	return m.err
}

func (d *protoDecoder) response(m message) error {
	for m.err == nil && m.next() {
		if m.number == lokiLimit && m.wire == protowire.VarintType {
			d.page.limit = int(min(m.varint, math.MaxInt32))
		}
		if m.wire != protowire.BytesType {
			continue
		}
		switch m.number {
		case lokiStats:
			d.page.returned = returned(m.inner())
		case lokiStatus:
			d.status = m.text()
		case lokiError:
			d.text = m.text()
		case lokiWarnings:
			d.page.warnings = addWarning(d.page.warnings, m.text())
		case lokiData:
			m.err = d.data(m.inner())
		}
	}
	return m.err
}

// returned reads stats.Result{1 summary}, Summary{8 totalEntriesReturned}: how many lines Loki says the answer has. Statistics
// decide nothing but whether to ask on, so what cannot be read of them is 0.
func returned(m message) (lines int) {
	for m.next() {
		if m.number != statsSummary || m.wire != protowire.BytesType {
			continue
		}
		for s := m.inner(); s.next(); {
			if s.number == summaryReturned && s.wire == protowire.VarintType {
				lines = int(min(s.varint, math.MaxInt32))
			}
		}
	}
	return lines
}

func (d *protoDecoder) data(m message) error {
	for m.err == nil && m.next() {
		switch m.number {
		case dataType:
			d.kind = m.text()
		case dataStream:
			if m.want(protowire.BytesType, "the protobuf answer") {
				m.err = d.stream(m.inner())
			}
		}
	}
	return m.err
}

// stream reads a logproto.StreamAdapter{1 labels, 2 entries}. Its labels may stand behind its entries.
func (d *protoDecoder) stream(m message) error {
	s, text := pageStream{}, "{}"
	if d.sieve == nil {
		s.entries = make([]logproto.Entry, 0, d.usual)
	}
	for m.err == nil && m.next() {
		if m.number > streamEntry || !m.want(protowire.BytesType, "a stream") {
			continue
		}
		if m.number == streamLabels {
			text = m.text()
		} else {
			m.err = d.entry(&s, m.inner())
		}
	}
	if m.err != nil {
		return m.err
	}
	var err error
	if s.stream, err = d.streams.parse(text); err != nil {
		return fmt.Errorf("labels of a stream: %w", err)
	}
	d.page.streams = append(d.page.streams, s)
	d.usual = len(s.entries)
	return nil
}
