package signature

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

// Schema is the JSON Schema of signature files, for editors. It is made of the types that files are decoded into.
func Schema() ([]byte, error) {
	g := schemer{defs: map[string]any{}}
	root := g.object(reflect.TypeFor[Signature]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://bk.tencent.com/bkincidents/v1/signature.schema.json"
	root["title"] = "BlueKing Incidents failure signature"
	root["description"] = "One known failure: what it looks like in the logs, what it means and what to do. Documents of one file are separated by `---`."
	root["required"] = []string{"apiVersion", "id", "revision", "status", "severity", "class", "title", "summary", "terms", "detect", "key"}
	root["$defs"] = g.defs
	return json.MarshalIndent(root, "", "  ")
}

// schemer collects definitions of types.
type schemer struct{ defs map[string]any }

type schema = map[string]any

// enums are the values of types that have few.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[Status]():      {Draft, Shadow, Active, Deprecated},
	reflect.TypeFor[Severity]():    {Critical, High, Medium, Low},
	reflect.TypeFor[Class]():       {Environment, Operation, Upstream, Unknown},
	reflect.TypeFor[Risk]():        {ReadOnly, Change, Destructive},
	reflect.TypeFor[ContextRole](): {Adds, Requires, Excludes},
}

// written are types that are written otherwise than their fields are.
var written = map[reflect.Type]schema{
	reflect.TypeFor[Duration]():  {"type": "string", "pattern": `^([0-9]+(ms|[smhdwy]))+$`, "description": "A duration as Prometheus writes it: 30s, 5m, 1h, 3d."},
	reflect.TypeFor[Template]():  {"type": "string", "description": "May use {{captures}}."},
	reflect.TypeFor[Condition](): {"type": "string", "description": "Clauses such as `url.host is ip` or `pid is not set`, joined by `and` or `or`."},
	reflect.TypeFor[Pattern]():   {"type": "string", "maxLength": maxRegex, "description": "RE2 over sub-patterns: %{int} matches, %{int:port} captures."},
	reflect.TypeFor[Ref]():       {"type": "string"},
	reflect.TypeFor[Source]():    {"type": "string", "examples": []Source{Nodeman, Agent, Gateway}},
}

func (g *schemer) of(t reflect.Type) schema {
	if values, ok := enums[t]; ok {
		return schema{"enum": values}
	}
	if s, ok := written[t]; ok {
		return s
	}
	switch t {
	case reflect.TypeFor[Where]():
		scalar := schema{"type": []string{"string", "number"}}
		values := []any{scalar, schema{"type": "array", "items": scalar}}
		return schema{"anyOf": append(values, schema{
			"type": "object", "additionalProperties": false,
			"properties": schema{"not": schema{"anyOf": values}, "like": g.of(reflect.TypeFor[Pattern]()), "set": schema{"type": "boolean"}},
		})}
	case reflect.TypeFor[FixtureLine](), reflect.TypeFor[Reference]():
		return schema{"anyOf": []any{schema{"type": "string"}, g.ref(t)}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Slice:
		return schema{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Struct:
		return g.ref(t)
	case reflect.Int:
		return schema{"type": "integer"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	}
	return schema{"type": []string{"string", "number"}}
}

// ref defines a struct once.
func (g *schemer) ref(t reflect.Type) schema {
	name := strings.ToLower(t.Name()[:1]) + t.Name()[1:]
	if _, known := g.defs[name]; !known {
		g.defs[name] = nil // it may contain itself
		g.defs[name] = g.object(t)
	}
	return schema{"$ref": "#/$defs/" + name}
}

func (g *schemer) object(t reflect.Type) schema {
	types := map[string]reflect.Type{}
	properties := schema{}
	for _, key := range keysOf(t, types) {
		property := maps.Clone(g.of(types[key]))
		if about := words[t.Name()+"."+key]; about != "" {
			property["description"] = about
		}
		properties[key] = property
	}
	return schema{"type": "object", "additionalProperties": false, "properties": properties}
}
