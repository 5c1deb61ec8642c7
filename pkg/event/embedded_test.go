package event

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// recordsOf are the lines of programs that show themselves by a time and a level.
func recordsOf() (out []struct{ line, text string }) {
	for _, s := range said {
		if recorded(s.line) {
			out = append(out, s)
		}
	}
	return out
}

// anything makes what a tool that nobody told us of may print before a line: no words of a language.
func anything(rng *rand.Rand) string {
	name := func(letters string) string {
		b := make([]byte, 2+rng.IntN(8))
		for i := range b {
			b[i] = letters[rng.IntN(len(letters))]
		}
		return string(b)
	}
	lower, upper, digit := "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	makers := []func() string{
		func() string { return name(lower) + "-" + name(digit) + ":" },
		func() string { return "{" + name(lower) + "=" + name(lower) + "}" },
		func() string { return name(upper) + "_" + name(digit) },
		func() string { return name(lower) + "=" + name(digit) + "," },
		func() string { return "(" + name(digit) + "," },
		func() string { return "'" + name(lower) + "'," },
		func() string { return []string{"●", "❌", "▶", "│", "└─", "⚠"}[rng.IntN(6)] },
		func() string { return name(lower) + ":" + name(digit) + "\t" },
		func() string { return name(lower) + "_" + name(lower) + "." + name(lower) + "." + name(digit) },
		func() string { return "\t" + name(lower) + "\t|" },
		func() string { return "{" + name(digit) + "-" + name("abcdef0123456789") + "}" },
		func() string { return "#" + name(digit) + ";" },
	}
	var b strings.Builder
	for range 1 + rng.IntN(5) {
		b.WriteString(makers[rng.IntN(len(makers))]())
		b.WriteString([]string{" ", "  ", "\t"}[rng.IntN(3)])
	}
	return b.String()
}

func TestAnythingButASentenceBeforeARecordChangesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	records := recordsOf()
	for range 20_000 {
		s := records[rng.IntN(len(records))]
		before := anything(rng)
		if !stated(before+s.line, s.text) {
			t.Fatalf("%q is not stated by %q:%s", s.text, before+s.line, dump(before+s.line))
		}
		for _, quoted := range []string{before + `line="` + s.line + `" n=1`, before + `('` + s.line + `', 12)`, before + `[` + s.line + `]`, before + "\t| " + s.line + " | x-12 |", before + "Line{text=" + s.line + ",host=x-3}"} {
			if !stated(quoted, s.text) {
				t.Fatalf("%q is not stated by %q:%s", s.text, quoted, dump(quoted))
			}
		}
		word := []string{"see", "please check", "search", "expected", "echo", "fix this:", "user reported", "grep", "处理", "工单"}[rng.IntN(10)]
		for _, e := range Read(before + word + " " + s.line) {
			if i := strings.Index(e.Text, s.text); i >= 0 {
				if stance, _ := e.Around(i, i+len(s.text)); stance != Quoted {
					t.Fatalf("%q is %s by %q:%s", s.text, stance, before+word+" "+s.line, dump(before+word+" "+s.line))
				}
			}
		}
	}
}

// A record may stand in any field of any object, unless somebody asks or writes there.
func TestARecordIsFoundInAnyField(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(7, 8))
	records := recordsOf()
	for range 5_000 {
		s := records[rng.IntN(len(records))]
		var v any = s.line
		path := ""
		for range 1 + rng.IntN(5) {
			key := fmt.Sprintf("k%c%d", 'a'+rng.IntN(26), rng.IntN(10))
			switch path += "/" + key; rng.IntN(3) {
			case 0:
				v = []any{v}
			case 1:
				v = fields{key: v, "n": 1, "state": "running"}
			default:
				v = fields{"name": "x-1", key: v}
			}
		}
		if line := jsonOf(rng.IntN(2) == 0, fields{"v": v}); !stated(line, s.text) {
			t.Fatalf("%s: %q is not stated by %q:%s", path, s.text, line, dump(line))
		}
		asks := []string{"query", "comment", "description", "searchText", "question"}[rng.IntN(5)]
		line := jsonOf(false, fields{"v": fields{asks: v}})
		for _, e := range Read(line) {
			if e.Text == s.text && e.Stance != Quoted {
				t.Fatalf("%q is %s by %q:%s", s.text, e.Stance, line, dump(line))
			}
		}
	}
}

func TestTransportsOfBytesAreUndone(t *testing.T) {
	for _, s := range recordsOf() {
		units := utf16.Encode([]rune(s.line + "\n"))
		little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
		for _, u := range units {
			little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		}
		latin, _ := charmap.ISO8859_1.NewDecoder().String(string(little))
		once, _ := charmap.ISO8859_1.NewDecoder().String(s.line)
		twice, _ := charmap.ISO8859_1.NewDecoder().String(once)
		for name, line := range map[string]string{
			"UTF-16, little end first": "\xff\xfe" + string(little), "UTF-16, big end first": string(big), "read as Latin-1": "ÿþ" + latin,
			"cut behind a line break": "\x00" + string(little), "UTF-8 read as Latin-1 twice": twice,
			"typeset": strings.ReplaceAll(s.line, " ", "\u00a0"), "of a shell's output": "[root@x-1 ~]# cat x\n" + s.line, "pushed": `1.5 [0 10.0.0.1:5] "LPUSH" "x" ` + jsonOf(true, jsonOf(true, fields{"message": s.line})), "marked": strings.ReplaceAll(s.line, "ERROR", "<mark>ERROR</mark>"), "between borders": "│ " + s.line + "   │", "of a shell": "$'" + strings.ReplaceAll(s.line, "'", `\'`) + "'",
			"counted": fmt.Sprintf("%d <11>1 2024-10-22T09:01:02.003Z node-3 nodeman - - - %s", len(s.line)+50, s.line),
		} {
			if !stated(line, s.text) {
				t.Errorf("%s: %q is not stated by %q:%s", name, s.text, line, dump(line))
			}
		}
	}
}

// A field that nobody told us of may carry messages, or what somebody wrote.
func TestALineInAnUnknownFieldIsUnclear(t *testing.T) {
	for field, want := range map[string]Stance{"zeile": Unclear, "container_output": Unclear, "logMessage": Stated, "rawEvent": Stated, "description": "", "search_text": "", "query": "", "request_body": ""} {
		stance := Stance("")
		for _, e := range Read(jsonOf(false, fields{"app": "bk", field: said[0].line})) {
			if e.Text == said[0].text {
				stance = e.Stance
			}
		}
		if stance != want {
			t.Errorf("%s: %q, want %q", field, stance, want)
		}
	}
}
