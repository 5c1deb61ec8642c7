package event

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const curlError = "[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com"

// asJSON encodes as python-json-logger does: ASCII only.
func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	for _, r := range string(raw) {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// pythonBytes writes what Python's repr of bytes shows.
func pythonBytes(s string) string {
	var b strings.Builder
	b.WriteString(`b'`)
	for _, c := range []byte(s) {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\\' || c == '\'':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `'`
}

// TestDump shows what becomes of the lines of a file, for people.
func TestDump(t *testing.T) {
	name := os.Getenv("EVENT_LINES")
	if name == "" {
		t.Skip("EVENT_LINES names no file")
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var s string
		if json.Unmarshal([]byte(line), &s) != nil {
			s = strings.TrimSuffix(line, "\n")
		}
		fmt.Printf("\n%.300q\n", s)
		for _, e := range Read(s) {
			fmt.Printf("  %v %q lvl=%s at=%s c=%v cut=%v g=%v f=%v %s(%s) %+v\n    => %.250q\n", e.Envelopes, e.Head, e.Level, e.At, e.Continues, e.Cut, e.Garbled, e.Folded, e.Stance, e.Why, e.Attrs, e.Text)
		}
	}
}
