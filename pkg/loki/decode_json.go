package loki

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	jsoniter "github.com/json-iterator/go"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// jsonBuffer is how much of an answer the JSON reader holds at a time, in bytes; lines are copied out of it.
const jsonBuffer = 64 << 10

// jsonDecoder reads {"status","warnings","data":{"resultType","encodingFlags","result":[{"stream","values"}],"stats"}}
// as a stream. Without the flag categorize-labels (Loki before 2.9.3) an entry has two elements instead of three,
// and structured metadata stands among the stream labels.
type jsonDecoder struct {
	it      *jsoniter.Iterator
	streams *interner
	sieve   logs.Sieve
	page    *page
	status  string
	found   bool
}

// decodeJSON reads the JSON answer of query_range. With a sieve, lines that it leaves out are only counted.
func decodeJSON(body io.Reader, streams *interner, sieve logs.Sieve) (*page, error) {
	d := &jsonDecoder{it: jsoniter.Parse(jsoniter.ConfigDefault, body, jsonBuffer), streams: streams, sieve: sieve, page: &page{}}
	text := ""
	d.object(func(key string) {
		switch key {
		case "status":
			d.status = d.str()
		case "error", "message":
			text = d.str()
		case "warnings":
			d.array(func() { d.page.warnings = append(d.page.warnings, d.str()) })
		case "data":
			d.data()
		default:
			d.it.Skip()
		}
	})
	switch err := d.it.Error; {
	case err != nil:
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("the JSON answer: %w", err)
	case d.status != "success":
		return nil, &Error{Kind: KindServer, Status: 200, Detail: quote(d.status + ": " + text), Downstream: true}
	case !d.found:
		return nil, errors.New("the JSON answer holds no log streams")
	}
	return d.page, nil
}

func (d *jsonDecoder) data() {
	kind := "streams"
	d.object(func(key string) {
		switch key {
		case "resultType":
			if kind = d.str(); kind != "streams" {
				d.fail("resultType %.20q, want streams", kind)
			}
		case "result":
			d.found = true
			d.array(d.stream)
		default:
			d.it.Skip()
		}
	})
}

func (d *jsonDecoder) stream() {
	labels := model.LabelSet{}
	var entries []logproto.Entry
	d.object(func(key string) {
		switch key {
		case "stream":
			d.object(func(name string) { labels[model.LabelName(name)] = model.LabelValue(d.str()) })
		case "values":
			d.array(func() {
				e := d.entry()
				if d.sieve != nil && d.sieve.Next(e.Line, 0) < 0 {
					d.page.sifted.add(e.Timestamp.UnixNano())
					return
				}
				entries = append(entries, e)
			})
		default:
			d.it.Skip()
		}
	})
	if d.it.Error == nil {
		d.page.streams = append(d.page.streams, pageStream{stream: d.streams.of(labels), entries: entries})
	}
}

// entry reads ["<ns>", "<line>", {"structuredMetadata": {…}, "parsed": {…}}]; the third element may be missing.
func (d *jsonDecoder) entry() (e logproto.Entry) {
	n := 0
	d.array(func() {
		switch n++; n {
		case 1:
			ns, err := strconv.ParseInt(d.str(), 10, 64)
			if err != nil && d.it.Error == nil {
				d.fail("a timestamp: %v", err)
			}
			e.Timestamp = time.Unix(0, ns).UTC()
		case 2:
			e.Line = d.str()
		case 3:
			d.categories(&e)
		default:
			d.it.Skip()
		}
	})
	if n < 2 {
		d.fail("an entry of %d elements", n)
	}
	return e
}

func (d *jsonDecoder) categories(e *logproto.Entry) {
	d.object(func(key string) {
		var list []logproto.LabelAdapter
		switch key {
		case "structuredMetadata", "parsed":
			d.object(func(name string) { list = append(list, logproto.LabelAdapter{Name: name, Value: d.str()}) })
		default:
			d.it.Skip()
			return
		}
		if key == "parsed" {
			e.Parsed = list
		} else {
			e.StructuredMetadata = list
		}
	})
}

// object calls each with every key; null is an empty object.
func (d *jsonDecoder) object(each func(key string)) {
	if d.it.Error != nil {
		return
	}
	d.it.ReadMapCB(func(_ *jsoniter.Iterator, key string) bool {
		each(key)
		return d.it.Error == nil
	})
}

// array calls each for every element; null is an empty array.
func (d *jsonDecoder) array(each func()) {
	if d.it.Error != nil {
		return
	}
	d.it.ReadArrayCB(func(*jsoniter.Iterator) bool {
		each()
		return d.it.Error == nil
	})
}

// str reads a string and nothing else: jsoniter's ReadString takes null for "".
func (d *jsonDecoder) str() string {
	if d.it.Error == nil && d.it.WhatIsNext() != jsoniter.StringValue {
		d.fail("a string is missing")
		return ""
	}
	return d.it.ReadString()
}

func (d *jsonDecoder) fail(format string, args ...any) {
	if d.it.Error == nil {
		d.it.ReportError("decode", fmt.Sprintf(format, args...))
	}
}
