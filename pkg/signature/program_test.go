package signature

import (
	"strings"
	"testing"
)

// Expressions that are short to write and huge to compile are refused before they are compiled: compiling all of this
// text takes minutes and gigabytes.
func TestExpressionsCannotExhaustThePlugin(t *testing.T) {
	_, err := Parse("f.yaml", []byte(strings.Replace(valid, "text: '", "text: '(?:"+strings.Repeat("x", 900)+"){1000}", 1)))
	if err == nil || !strings.Contains(err.Error(), "use smaller repeats") {
		t.Errorf("%v", err)
	}
	alternatives := strings.Repeat("{text: 'curl error: (?:x{5}){200}'}, ", 20_000)
	text := valid + "---\n" + strings.Replace(strings.Replace(valid, "any_of: [", "any_of: ["+alternatives, 1), "id: ", "id: big-", 1)
	sigs, err := Parse("f.yaml", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "from here on the text is not read") {
		t.Errorf("%.300v", err)
	}
	if len(sigs) != 1 {
		t.Errorf("%d signatures, the first should be kept", len(sigs))
	}
}
