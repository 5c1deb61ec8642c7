package signature

import (
	"slices"
	"strings"
	"testing"
)

// FuzzTemplate: a template is read into literals and refs that add up to it, and a value that looks like a ref is
// shown as it is, never filled in again.
func FuzzTemplate(f *testing.F) {
	for _, raw := range []string{"", "curl -v {{url}}", "{{ url.host }}:{{port}}", "{{url", "{{{url}}}", "{{a}}{{a}}", "{ {a} }", "}}{{a}}{{", "{{a.b.c}}", "{{A}}", "{{\na}}", "状{{host}}态"} {
		f.Add(raw, "{{host}}")
	}
	f.Fuzz(func(t *testing.T, raw, value string) {
		tpl, err := ParseTemplate(raw)
		if err != nil {
			if !strings.Contains(raw, "{{") || !strings.Contains(err.Error(), "{{name}}") {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		var asked []Ref
		got := tpl.Render(func(ref Ref) string {
			if !slices.Contains(asked, ref) {
				asked = append(asked, ref)
			}
			return value
		})
		if !slices.Equal(asked, tpl.Refs()) {
			t.Fatalf("%q asks for %v, lists %v", raw, asked, tpl.Refs())
		}
		if want := refPattern.ReplaceAllLiteralString(raw, value); got != want {
			t.Fatalf("%q with %q gives %q, want %q", raw, value, got, want)
		}
	})
}
