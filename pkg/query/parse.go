package query

import (
	"encoding/json"
	"errors"
)

// lists are the keys that take several values. A rule or a panel that is written by hand may leave the brackets out
// around a single one; Grafana sends alert rules to the backend as they are stored.
var lists = []string{"signatures", "sources", "severities", "hosts", "clusters", "states"}

// Parse reads and validates the JSON that Grafana sends for one refId. Keys of Grafana's own (refId, intervalMs, …)
// are ignored. A query without a type asks for incidents, as the editor does.
func Parse(raw []byte) (Query, error) { return parse(raw, Incidents) }

// ParseRule is Parse for an alert rule, where a query without a type is an alert: the rule's page shows the defaults of
// the editor, but stores nothing until somebody changes a field.
func ParseRule(raw []byte) (Query, error) { return parse(raw, Alert) }

func parse(raw []byte, untyped Type) (Query, error) {
	var q Query
	keys := map[string]json.RawMessage{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &keys); err != nil {
			return Query{}, invalid("the query is not a JSON object (%v): write it as the query editor does", "查询不是 JSON 对象（%v）：请参照查询编辑器的写法", err)
		}
	}
	for _, key := range lists {
		var one string
		if json.Unmarshal(keys[key], &one) != nil {
			continue
		}
		if one == "" {
			delete(keys, key)
			continue
		}
		keys[key], _ = json.Marshal([]string{one})
	}
	whole, err := json.Marshal(keys)
	if err != nil {
		return Query{}, err
	}
	if err := json.Unmarshal(whole, &q); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return Query{}, invalid("%q cannot be a %s: write it as the query editor does", "%q 的值不能是 %s：请参照查询编辑器的写法", wrong.Field, wrong.Value)
		}
		return Query{}, invalid("the query cannot be read (%v): write it as the query editor does", "无法读取查询（%v）：请参照查询编辑器的写法", err)
	}
	if q.QueryType == "" {
		q.QueryType = untyped
	}
	return q, q.validate()
}
