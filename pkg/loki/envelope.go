package loki

import (
	"errors"
	"fmt"
	"io"
	"strings"

	jsoniter "github.com/json-iterator/go"

	"github.com/blueking/incidents/pkg/logs"
)

// jsonBuffer is how much of an answer the JSON reader holds at a time, in bytes; lines are copied out of it.
const jsonBuffer = 64 << 10

const success = "success"

var errNoData = errors.New("the JSON answer has no data")

// jsonReader reads an answer in JSON as a stream. It is strict: null is no object, no array and no string. What takes
// nonsense for an empty answer takes an outage for the end of a failure.
type jsonReader struct {
	it *jsoniter.Iterator
}

func newJSONReader(body io.Reader) *jsonReader {
	return &jsonReader{it: jsoniter.Parse(jsoniter.ConfigDefault, body, jsonBuffer)}
}

// envelope reads {"status","warnings","error","data"}, which Loki puts around the answers of all its query endpoints.
// data reads the value of "data"; any status but success is an error, and so is an answer without data.
func (r *jsonReader) envelope(data func()) (warnings []string, err error) {
	status, text, found := "", "", false
	r.object(func(key string) {
		switch key {
		case "status":
			status = r.str()
		case "error", "message":
			text = r.str()
		case "warnings":
			if !r.null() {
				r.array(func() { warnings = addWarning(warnings, r.str()) })
			}
		case "data":
			found = true
			data()
		default:
			r.it.Skip()
		}
	})
	switch err := r.it.Error; {
	case err != nil:
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("the JSON answer: %w", err)
	case status == "":
		return nil, errors.New("the JSON answer has no status")
	case status != success:
		return nil, failedAnswer(status, text)
	case !found:
		return nil, errNoData
	}
	return warnings, nil
}

// result reads {"resultType","result"} of a query. Each reads one element of the result, which must be there, be it
// empty, and of one of the types.
func (r *jsonReader) result(each func(), types ...string) {
	kind, found := "", false
	r.object(func(key string) {
		switch key {
		case "resultType":
			kind = r.str()
			r.typed(kind, types)
		case "result":
			found = true
			r.array(each)
		default:
			r.it.Skip()
		}
	})
	r.typed(kind, types)
	if !found {
		r.fail("no result")
	}
}

func (r *jsonReader) typed(kind string, types []string) {
	for _, t := range types {
		if kind == t {
			return
		}
	}
	r.fail("resultType %.20q, want %s", kind, strings.Join(types, " or "))
}

// failedAnswer is an error that Loki, or what stands in front of it, sent with HTTP status 200.
func failedAnswer(status, text string) *Error {
	return &Error{Kind: logs.KindServer, Status: 200, Detail: quote(strings.TrimPrefix(status+": "+text, ": ")), Downstream: true}
}

// remark is how Loki's experimental engine marks each of its answers, whole or not (pkg/engine/engine.go AddWarning).
const remark = "Query was executed using the new experimental query engine"

// addWarning keeps what Loki says against the completeness of an answer.
func addWarning(warnings []string, text string) []string {
	if strings.HasPrefix(text, remark) {
		return warnings
	}
	return append(warnings, text)
}

// partial is the error for warnings where an answer is of use only when it is whole; nil without warnings.
func partial(warnings []string) error {
	if len(warnings) == 0 {
		return nil
	}
	return &Error{Kind: logs.KindPartial, Status: 200, Detail: quote(strings.Join(warnings, "; ")), Downstream: true}
}

// object calls each with every key.
func (r *jsonReader) object(each func(key string)) {
	if r.wants(jsoniter.ObjectValue, "an object") {
		r.it.ReadMapCB(func(_ *jsoniter.Iterator, key string) bool {
			each(key)
			return r.it.Error == nil
		})
	}
}

// array calls each for every element.
func (r *jsonReader) array(each func()) {
	if r.wants(jsoniter.ArrayValue, "an array") {
		r.it.ReadArrayCB(func(*jsoniter.Iterator) bool {
			each()
			return r.it.Error == nil
		})
	}
}

func (r *jsonReader) str() string {
	if r.wants(jsoniter.StringValue, "a string") {
		return r.it.ReadString()
	}
	return ""
}

// null reads a null, if one comes.
func (r *jsonReader) null() bool {
	return r.it.Error == nil && r.it.WhatIsNext() == jsoniter.NilValue && r.it.ReadNil()
}

func (r *jsonReader) wants(kind jsoniter.ValueType, name string) bool {
	if r.it.Error == nil && r.it.WhatIsNext() != kind && r.it.Error == nil {
		r.fail("%s is missing", name)
	}
	return r.it.Error == nil
}

func (r *jsonReader) fail(format string, args ...any) {
	if r.it.Error == nil {
		r.it.Error = fmt.Errorf(format, args...)
	}
}
