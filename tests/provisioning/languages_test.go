package provisioning

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Dashboards and rules come in Chinese and in English. The sets differ in words and in nothing else, and no page mixes
// the languages.
func TestTheLanguagesDifferInWordsOnly(t *testing.T) {
	n := 0
	for _, pattern := range []string{"dashboards/zh/*.json", "provisioning/alerting/zh/rules.yaml", "provisioning/alerting-optional/zh/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", pattern, paths, err)
		}
		for _, path := range paths {
			n++
			other := filepath.Join(filepath.Dir(filepath.Dir(path)), "en", filepath.Base(path))
			zh, en := document(t, path), document(t, other)
			sameButForWords(t, filepath.Base(path), "", zh, en)
		}
	}
	english, err := filepath.Glob(filepath.Join(root, "dashboards", "en", "*"))
	if err != nil || len(english)+2 != n {
		t.Errorf("%d English dashboards, %d files compared, %v", len(english), n, err)
	}
}

// document reads JSON or YAML.
func document(t *testing.T, path string) any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if filepath.Ext(path) == ".json" {
		err = json.Unmarshal(text, &out)
	} else {
		err = yaml.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// words are the keys whose values people read on every page.
var words = map[string]bool{"title": true, "description": true, "label": true, "summary": true, "noValue": true, "content": true}

func sameButForWords(t *testing.T, where, key string, zh, en any) {
	t.Helper()
	switch zh := zh.(type) {
	case map[string]any:
		other, ok := en.(map[string]any)
		if !ok || len(zh) != len(other) {
			t.Errorf("%s: %v in Chinese, %v in English", where, zh, en)
			return
		}
		for k, v := range zh {
			if key == "indexByName" && chinese(k) {
				continue // a column by the name that people see
			}
			sameButForWords(t, where+"."+k, k, v, other[k])
		}
		for k := range other {
			if chinese(k) {
				t.Errorf("%s: %q among the English", where, k)
			}
		}
	case []any:
		other, ok := en.([]any)
		if !ok || len(zh) != len(other) {
			t.Errorf("%s: %v in Chinese, %v in English", where, zh, en)
			return
		}
		for i := range zh {
			sameButForWords(t, fmt.Sprintf("%s[%d]", where, i), key, zh[i], other[i])
		}
	case string:
		other, ok := en.(string)
		switch {
		case !ok || chinese(other):
			t.Errorf("%s: %v among the English", where, en)
		case key == "language" && zh != "plaintext":
			if zh != "zh" || other != "en" {
				t.Errorf("%s: %s and %s", where, zh, other)
			}
		case words[key] && zh == other && zh != "" && zh != "—" && !strings.HasPrefix(zh, "${") && !strings.HasPrefix(zh, "{{"):
			t.Errorf("%s: %q in both languages", where, zh)
		case key == "url" && strings.ReplaceAll(zh, "language=zh", "language=en") == other: // an address that says in which language it answers
		case zh != other && !chinese(zh):
			t.Errorf("%s: %q in Chinese, %q in English: no words", where, zh, other)
		}
	default:
		if !reflect.DeepEqual(zh, en) {
			t.Errorf("%s: %v in Chinese, %v in English", where, zh, en)
		}
	}
}
