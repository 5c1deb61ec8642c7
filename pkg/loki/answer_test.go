package loki

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"google.golang.org/protobuf/encoding/protowire"
)

// protoAnswer wraps streams, marshalled by logproto itself, in the messages around them.
// protoAnswer is what Loki sends for streams, without a word about the limit and the lines.
func protoAnswer(streams []logproto.Stream, warnings ...string) []byte {
	return protoAnswerOf(streams, 0, warnings...)
}

// protoAnswerOf is protoAnswer with the limit that Loki applied and how many lines it sent.
func protoAnswerOf(streams []logproto.Stream, limit int, warnings ...string) []byte {
	lines := 0
	for _, s := range streams {
		lines += len(s.Entries)
	}

	data := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "streams")
	for _, s := range streams {
		raw, err := s.Marshal()
		if err != nil {
			panic(err)
		}
		data = protowire.AppendBytes(protowire.AppendTag(data, 2, protowire.BytesType), raw)
	}
	response := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "success")
	response = protowire.AppendBytes(protowire.AppendTag(response, 2, protowire.BytesType), data)
	stats := bytes.Repeat([]byte{0x09, 1, 2, 3, 4, 5, 6, 7, 8}, 20)
	if limit > 0 {
		response = protowire.AppendVarint(protowire.AppendTag(response, 6, protowire.VarintType), uint64(limit))
		summary := protowire.AppendVarint(protowire.AppendTag(nil, 8, protowire.VarintType), uint64(lines))
		stats = protowire.AppendBytes(protowire.AppendTag(stats, 1, protowire.BytesType), summary)
	}
	response = protowire.AppendBytes(protowire.AppendTag(response, 8, protowire.BytesType), stats)
	for _, w := range warnings {
		response = protowire.AppendString(protowire.AppendTag(response, 10, protowire.BytesType), w)
	}
	out := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), nil)
	return protowire.AppendBytes(protowire.AppendTag(out, 6, protowire.BytesType), response)
}

func jsonAnswer(streams []logproto.Stream, categorize bool, warnings ...string) []byte {
	type object = map[string]any
	result := []object{}
	for _, s := range streams {
		lbls, err := syntax.ParseLabels(s.Labels)
		if err != nil {
			panic(err)
		}
		values := [][]any{}
		for _, e := range s.Entries {
			value := []any{strconv.FormatInt(e.Timestamp.UnixNano(), 10), e.Line}
			if categorize {
				third := object{}
				if len(e.StructuredMetadata) > 0 {
					third["structuredMetadata"] = e.StructuredMetadata
				}
				if len(e.Parsed) > 0 {
					third["parsed"] = e.Parsed
				}
				value = append(value, third)
			}
			values = append(values, value)
		}
		result = append(result, object{"stream": lbls.Map(), "values": values})
	}
	data := object{"resultType": "streams", "result": result, "stats": object{"summary": object{"splits": 3}, "x": []any{1, nil, "y"}}}
	if categorize {
		data["encodingFlags"] = []string{"categorize-labels"}
	}
	raw, err := json.Marshal(object{"status": "success", "warnings": warnings, "data": data})
	if err != nil {
		panic(err)
	}
	return raw
}
