package contract

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// jsonFields lists the JSON keys of a struct with the names that the contract has for their types.
func jsonFields(t reflect.Type) (names []string, types map[string]string) {
	types = map[string]string{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		names = append(names, name)
		types[name] = typeName(t.Field(i).Type)
	}
	return names, types
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Map:
		return "map"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "list of strings"
		}
		return "list"
	}
	return t.String()
}

func TestQueryKeysAreThoseOfGo(t *testing.T) {
	for heading, goType := range map[string]reflect.Type{
		"Query":    reflect.TypeFor[query.Query](),
		"Matchers": reflect.TypeFor[logs.Matcher](),
	} {
		doc := section(t, heading)
		names, types := jsonFields(goType)
		sameNames(t, heading, doc.names(), goType.String(), names)
		for _, row := range doc.rows {
			name := strings.Trim(row[0], "`")
			if goType, ok := types[name]; ok {
				sameValue(t, heading+", type of `"+name+"`", doc.cell(row, "type"), "Go", goType)
			}
		}
	}
}

func TestQueryKeysAreThoseOfTypeScript(t *testing.T) {
	ts := read(t, "src/types.ts")
	sameNames(t, "Query", section(t, "Query").names(), "interface IncidentsQuery of src/types.ts", interfaceKeys(t, ts, "IncidentsQuery"))
	sameNames(t, "Matchers", section(t, "Matchers").names(), "interface Matcher of src/types.ts", interfaceKeys(t, ts, "Matcher"))
}

func TestQueryTypes(t *testing.T) {
	doc := section(t, "Query types")
	var names []string
	for _, kind := range query.Types() {
		names = append(names, string(kind))
		if row := doc.row(string(kind)); row != nil {
			want := "no"
			if (query.Query{QueryType: kind}).Numeric() {
				want = "yes"
			}
			sameValue(t, "Query types, for alert rules, `"+string(kind)+"`", doc.cell(row, "for alert rules"), "query.Query.Numeric without a stat", want)
		}
	}
	sameNames(t, "Query types", doc.names(), "query.Types", names)
	sameNames(t, "Query types", doc.names(), "QUERY_TYPES of src/types.ts", constants(t, read(t, "src/types.ts"), "QUERY_TYPES"))
	sameNames(t, "Dashboard variables", section(t, "Dashboard variables").names(), "VARIABLE_TYPES of src/variables/model.ts",
		constants(t, read(t, "src/variables/model.ts"), "VARIABLE_TYPES"))
}

// The values that a key may have stand in backticks behind its meaning.
func TestQueryValues(t *testing.T) {
	doc := section(t, "Query")
	ts := read(t, "src/types.ts")
	for key, c := range map[string]struct {
		goValues   []string
		typeScript string
	}{
		"view":       {strs(query.Views()), "VIEWS"},
		"stat":       {strs(query.Stats()), "STATS"},
		"sources":    {strs(signature.Sources()), "SOURCES"},
		"severities": {strs(signature.Severities()), "SEVERITIES"},
		"language":   {[]string{"zh", "en"}, "LANGUAGES"},
	} {
		documented := codes(doc.cell(doc.row(key), "meaning"))
		switch key {
		case "view":
			documented = documented[1:] // the query type that the key is for
		case "stat":
			// The query types that it is for; `hosts` is both a type and a statistic.
			types := []string{string(query.Count), string(query.Timeline), string(query.Annotations), string(query.Unmatched), string(query.Review)}
			documented = slices.DeleteFunc(documented, func(v string) bool { return slices.Contains(types, v) })
		}
		sameNames(t, "Query, values of `"+key+"`", documented, "Go", c.goValues)
		sameNames(t, "Query, values of `"+key+"`", documented, c.typeScript+" of src/types.ts", constants(t, ts, c.typeScript))
	}
	if row, most := doc.row("limit"), fmt.Sprintf("1 to %d;", query.MaxLimit); !strings.Contains(doc.cell(row, "meaning"), most) {
		t.Errorf("docs/contract.md, Query, `limit`, says %q; query.MaxLimit says %s", doc.cell(row, "meaning"), most)
	}
	ops := codes(section(t, "Matchers").row("op")[2])
	sameNames(t, "Matchers, values of `op`", ops, "Go", []string{string(logs.Equal), string(logs.NotEqual), string(logs.Regexp), string(logs.NotRegexp)})
	sameNames(t, "Matchers, values of `op`", ops, "MATCH_OPS of src/types.ts", constants(t, ts, "MATCH_OPS"))
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
