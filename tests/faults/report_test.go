//go:build integration

package faults

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// words are those of the table in one language.
type words struct {
	head                           string
	answer, rows, err, right, soon string
	name                           func(f fault) string
	text                           func(v verdict) string
}

var (
	english = words{
		head:   "| fault | panels show | a rule gets | requests | lost | doubled | falsely resolved | the next query |",
		answer: "the right answer", rows: "rows", err: "an error", right: "right", soon: "right, within 5 s",
		name: func(f fault) string { return f.name }, text: func(v verdict) string { return v.text },
	}
	chinese = words{
		head:   "| 故障 | 面板显示 | 告警规则得到 | 请求数 | 丢失 | 重复 | 误判恢复 | 下一次查询 |",
		answer: "正确结果", rows: "数据行", err: "错误", right: "正确", soon: "5 秒内正确",
		name: func(f fault) string { return f.zh }, text: func(v verdict) string { return v.zh },
	}
)

// table is what the rows came to, in Markdown.
func table(rows []row, w words) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n|---|---|---|---|---|---|---|---|\n", w.head)
	for i := range rows {
		r := &rows[i]
		shown, rule, next := w.answer, w.rows, w.right
		if r.during.told != whole {
			shown, rule = "`"+headline(w.text(r.during))+"`", w.err
		}
		switch {
		case r.stays:
			next = "–"
		case r.settles > 0:
			next = w.soon
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d | %d | %d | %s |\n", w.name(r.fault), shown, rule, r.requests,
			r.during.lost+r.after.lost, r.during.doubled+r.after.doubled, r.during.resolved+r.after.resolved, next)
	}
	return b.String()
}

var (
	sentence = regexp.MustCompile(`^(.*?)(\. |。|\n|$)`)
	details  = regexp.MustCompile(` ?[(（].*$`)
)

// headline is what a message says first, without what it quotes; of a notice about a source, the reason as well.
func headline(text string) string {
	first := sentence.FindStringSubmatch(text)
	out := first[1]
	if strings.HasSuffix(out, "could not be read") || strings.HasSuffix(out, "读取失败") {
		out += strings.TrimSpace(first[2]) + " " + details.ReplaceAllString(sentence.FindStringSubmatch(text[len(first[0]):])[1], "")
		out = strings.ReplaceAll(out, "。 ", "。")
	}
	return details.ReplaceAllString(out, "")
}

// document is a page that holds the table, between two marks.
type document struct {
	path  string
	words words
}

const begin, end = "<!-- faults: written by go test -tags=integration ./tests/faults -update -->\n", "<!-- /faults -->\n"

func documents() []document {
	return []document{{"../../docs/reliability.md", english}, {"../../docs/reliability.zh.md", chinese}}
}

// parts are what stands before, between and after the marks.
func (d document) parts(t *testing.T) (before, table, after string) {
	t.Helper()
	text, err := os.ReadFile(d.path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s lacks the marks %q and %q", d.path, begin, end)
	}
	return before, table, after
}

func (d document) write(t *testing.T, table string) {
	t.Helper()
	before, _, after := d.parts(t)
	if err := os.WriteFile(d.path, []byte(before+begin+table+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheDocumentsListEveryFault(t *testing.T) {
	for _, d := range documents() {
		_, table, _ := d.parts(t)
		listed := map[string]bool{}
		for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
			listed[strings.TrimSpace(strings.Split(line, "|")[1])] = true
		}
		for _, f := range faults() {
			name := d.words.name(f)
			if !listed[name] {
				t.Errorf("%s lacks %q", d.path, name)
			}
			delete(listed, name)
		}
		for name := range listed {
			t.Errorf("%s lists %q, which no row tests", d.path, name)
		}
	}
}
