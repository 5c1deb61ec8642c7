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
func protoAnswer(streams []logproto.Stream, warnings ...string) []byte {
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
	response = protowire.AppendVarint(protowire.AppendTag(response, 6, protowire.VarintType), 1000)
	response = protowire.AppendBytes(protowire.AppendTag(response, 8, protowire.BytesType), bytes.Repeat([]byte{0x09, 1, 2, 3, 4, 5, 6, 7, 8}, 20))
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
