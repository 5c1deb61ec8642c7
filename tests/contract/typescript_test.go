package contract

import (
	"regexp"
	"strings"
	"testing"
)

var interfaceKey = regexp.MustCompile(`(?m)^ {2}(?:readonly )?(\w+)\??: `)

// interfaceKeys lists the keys of an interface; src/types.ts is formatted by prettier, so a regex can read it.
func interfaceKeys(t *testing.T, text, name string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?s)export interface ` + name + `(?: extends [^{]+)? \{\n(.*?)\n\}`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("src/types.ts has no interface %s", name)
	}
	var out []string
	for _, key := range interfaceKey.FindAllStringSubmatch(m[1], -1) {
		out = append(out, key[1])
	}
	return out
}

var quoted = regexp.MustCompile(`'([^']*)'`)

// constants lists the strings of `export const NAME = ['a', 'b'] as const`.
func constants(t *testing.T, text, name string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?s)export const ` + name + ` = \[(.*?)\] as const`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no constant %s", name)
	}
	var out []string
	for _, v := range quoted.FindAllStringSubmatch(m[1], -1) {
		out = append(out, v[1])
	}
	return out
}

var (
	defaultKey  = regexp.MustCompile(`(?m)^ {2}(\w+): (.*),$`)
	sourceEntry = regexp.MustCompile(`\{ source: '([^']*)', selector: '((?:[^'\\]|\\.)*)', onHost: (true|false) \}`)
)

// defaultSettings reads DEFAULT_SETTINGS of src/types.ts: scalars as text, lists joined by ", ".
func defaultSettings(t *testing.T, text string) (values map[string]string, sources [][3]string) {
	t.Helper()
	m := regexp.MustCompile(`(?s)export const DEFAULT_SETTINGS: Settings = \{\n(.*?)\n\};`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("src/types.ts has no DEFAULT_SETTINGS")
	}
	values = map[string]string{}
	for _, kv := range defaultKey.FindAllStringSubmatch(m[1], -1) {
		value := kv[2]
		if all := quoted.FindAllStringSubmatch(value, -1); all != nil {
			parts := make([]string, len(all))
			for i, v := range all {
				parts[i] = v[1]
			}
			value = strings.Join(parts, ", ")
		}
		values[kv[1]] = value
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\'`, `'`)
	for _, e := range sourceEntry.FindAllStringSubmatch(m[1], -1) {
		sources = append(sources, [3]string{e[1], unescape.Replace(e[2]), e[3]})
	}
	return values, sources
}

var bound = regexp.MustCompile(`(?m)^ {2}(\w+): \['?([\w.]+)'?, '?([\w.]+)'?\],$`)

// typescriptBounds reads DURATION_BOUNDS and COUNT_BOUNDS: "least to greatest" by key.
func typescriptBounds(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"DURATION_BOUNDS", "COUNT_BOUNDS"} {
		m := regexp.MustCompile(`(?s)export const ` + name + ` = \{\n(.*?)\n\}`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("there is no constant %s", name)
		}
		for _, b := range bound.FindAllStringSubmatch(m[1], -1) {
			out[b[1]] = b[2] + " to " + b[3]
		}
	}
	return out
}
