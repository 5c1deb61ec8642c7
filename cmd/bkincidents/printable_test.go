package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode"
)

// What steers a terminal or turns text around comes out as text, however it is cut into writes, and JSON keeps its meaning.
func TestNothingForeignSteersTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb\x1b]0;title\x07":  `a\u001b[31mb\u001b]0;title\u0007`,
		"\u009b31m \u0085":            `\u009b31m \u0085`,
		"\u202egnp.exe\u2066 \u200bx": `\u202egnp.exe\u2066 \u200bx`,
		"\U000e0041":                  `\udb40\udc41`,
		"a\xffb":                      `a\ufffdb`,
		"over\rwritten":               `over\u000dwritten`,
		"蓝鲸 安装失败\n\t😀 é":              "蓝鲸 安装失败\n\t😀 é",
	} {
		for _, step := range []int{1, 2, 1000} {
			var out bytes.Buffer
			p := &printable{to: &out}
			for rest := []byte(in); len(rest) > 0; rest = rest[min(step, len(rest)):] {
				if n, err := p.Write(rest[:min(step, len(rest))]); err != nil || n != min(step, len(rest)) {
					t.Fatal(n, err)
				}
			}
			if out.String() != want {
				t.Errorf("%q in writes of %d bytes: %q, want %q", in, step, out.String(), want)
			}
		}
	}
	var out bytes.Buffer
	text := "host \u202e\u0085\U000e0041 ok"
	if err := json.NewEncoder(&printable{to: &out}).Encode(text); err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
		t.Errorf("%q came back as %q: %v", text, back, err)
	}
}

func TestAHostileFileNameIsShownAsText(t *testing.T) {
	name := t.TempDir() + "/nodeman\x1b]0;owned\x07\u202e.log"
	if err := os.WriteFile(name, []byte("no times here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"scan", name}, {"scan", "--format", "json", name}, {"scan", name + "-missing"}, {"show", "x\x1b[2J\u009b"}} {
		var out, errs bytes.Buffer
		run(t.Context(), args, console{in: strings.NewReader(""), out: &out, err: &errs, env: func(string) string { return "" }})
		for _, r := range out.String() + errs.String() {
			if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf) {
				t.Errorf("%q prints %q:\n%s%s", args, r, out.String(), errs.String())
				break
			}
		}
	}
}
