package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// token is a word or an operator as a POSIX shell reads it. active are the characters in it that the shell acts on:
// expansions, globs, braces, history.
type token struct {
	text   string
	op     bool
	active string
}

// words splits a command as a POSIX shell does, and bash's braces and history with it.
func words(s string) ([]token, error) {
	var out []token
	var cur strings.Builder
	active, inWord := "", false
	flush := func() {
		if inWord {
			out = append(out, token{text: cur.String(), active: active})
		}
		cur.Reset()
		active, inWord = "", false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t':
			flush()
		case '\n', '\r', ';', '&', '|', '<', '>', '(', ')':
			flush()
			out = append(out, token{text: string(c), op: true})
		case '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, fmt.Errorf("a single quote is not closed in %q", s)
			}
			cur.WriteString(s[i+1 : i+1+end])
			inWord = true
			i += end + 1
		case '"':
			inWord = true
			for i++; ; i++ {
				if i >= len(s) {
					return nil, fmt.Errorf("a double quote is not closed in %q", s)
				}
				if s[i] == '"' {
					break
				}
				if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("$`\"\\\n", s[i+1]) >= 0 {
					i++
				} else if strings.IndexByte("$`!", s[i]) >= 0 {
					active += string(s[i])
				}
				cur.WriteByte(s[i])
			}
		case '\\':
			if i++; i >= len(s) {
				return nil, fmt.Errorf("a backslash at the end of %q", s)
			}
			cur.WriteByte(s[i])
			inWord = true
		default:
			if c == '#' && !inWord {
				return nil, fmt.Errorf("a comment in %q", s)
			}
			if strings.IndexByte("$`*?[]{}~!", c) >= 0 {
				active += string(c)
			}
			cur.WriteByte(c)
			inWord = true
		}
	}
	flush()
	return out, nil
}

const markStart, markEnd = "\uE000", "\uE001"

// heldInWords tells why a rendered command is not its template with every value as one literal word, or part of one,
// or as a placeholder. values nil only checks that nothing changed the structure of the command.
func heldInWords(def *signature.Step, command string, values map[string]string) error {
	template, err := words(def.Command.Render(func(ref signature.Ref) string { return markStart + string(ref) + markEnd }))
	if err != nil {
		return fmt.Errorf("template: %w", err)
	}
	got, err := words(command)
	if err != nil {
		return err
	}
	if len(got) != len(template) {
		return fmt.Errorf("%d words and operators instead of %d: %q", len(got), len(template), command)
	}
	for i := range template {
		want, is := template[i], got[i]
		if want.op != is.op || want.active != is.active {
			return fmt.Errorf("%q (active %q) stands for %q (active %q) in %q", is.text, is.active, want.text, want.active, command)
		}
		if err := holds(want.text, is.text, values); err != nil {
			return fmt.Errorf("%w in %q", err, command)
		}
	}
	return nil
}

// holds compares one word with its template.
func holds(template, word string, values map[string]string) error {
	before, rest, marked := strings.Cut(template, markStart)
	if !strings.HasPrefix(word, before) {
		return fmt.Errorf("word %q is not %q", word, template)
	}
	word = word[len(before):]
	if !marked {
		if word != "" {
			return fmt.Errorf("word ends in %q", word)
		}
		return nil
	}
	ref, after, _ := strings.Cut(rest, markEnd)
	if before == "" && strings.HasPrefix(word, "-") {
		return fmt.Errorf("%s became an option: %q", ref, word)
	}
	if values == nil {
		if literal, _, _ := strings.Cut(after, markStart); !strings.Contains(word, literal) {
			return fmt.Errorf("%q misses %q", word, literal)
		}
		return nil
	}
	value := signature.Lookup(signature.Ref(ref), values)
	var err error
	// An IPv6 address stands in brackets within a URL.
	for _, may := range []string{"<" + ref + ">", value, "[" + value + "]"} {
		if may != "" && strings.HasPrefix(word, may) {
			if err = holds(after, word[len(may):], values); err == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("word %q holds neither the value %q nor a placeholder", word, value)
}

// commands checks all commands of an incident in every language and for every version of BlueKing.
func commandsHold(t testing.TB, inc *incident.Incident) {
	t.Helper()
	for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
		for _, version := range []string{"", "7.0", "7.1", "7.2", "7.3"} {
			for _, step := range inc.Steps(incident.Rendering{Lang: lang, Version: version}) {
				n := slices.IndexFunc(inc.Signature.Remediation, func(d signature.Step) bool { return d.ID == step.ID })
				if err := heldInWords(&inc.Signature.Remediation[n], step.Command, nil); err != nil {
					t.Errorf("%s, step %s: %v", inc.Signature.ID, step.ID, err)
				}
				for _, text := range []string{step.Command, step.Text, step.RunOn, step.Verify, step.LinkTitle} {
					plain(t, text, 4<<10)
				}
			}
		}
		plain(t, inc.Title(lang), 1<<10)
		plain(t, inc.Summary(lang), 2<<10)
	}
}

// plain wants a text of one bounded line of valid UTF-8.
func plain(t testing.TB, s string, limit int) {
	t.Helper()
	if s != incident.OneLine(s, limit) {
		t.Errorf("not one plain line of at most %d bytes: %q", limit, s[:min(len(s), 300)])
	}
}

func TestWordsAreSplitAsAShellDoes(t *testing.T) {
	for command, want := range map[string]string{
		`curl -v 'a b' "c d" e\ f`: `curl|-v|a b|c d|e f`,
		`a'b'"c"d;e&&f`:            `abcd|OP;|e|OP&|OP&|f`,
		`x 'it'\''s' "q\"q" ''`:    `x|it's|q"q|`,
		`ps | grep [g]se`:          `ps|OP||grep|[g]se!`,
		`echo "$HOME" $(id)`:       `echo|$HOME!|$!|OP(|id|OP)`,
	} {
		tokens, err := words(command)
		var got []string
		for _, tok := range tokens {
			switch {
			case tok.op:
				got = append(got, "OP"+tok.text)
			case tok.active != "":
				got = append(got, tok.text+"!")
			default:
				got = append(got, tok.text)
			}
		}
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: %q, %v", command, got, err)
		}
	}
	for _, open := range []string{`a 'b`, `a "b`, `a \`} {
		if tokens, err := words(open); err == nil {
			t.Errorf("%s: %v", open, tokens)
		}
	}
}

func TestABreakOutIsSeen(t *testing.T) {
	template, err := signature.ParseTemplate("curl -v {{url}} http://{{host}}/ | grep [x]y")
	if err != nil {
		t.Fatal(err)
	}
	def := &signature.Step{Command: template}
	for _, good := range []string{`curl -v 'a b' http://h/ | grep [x]y`, `curl -v '<url>' http://'<host>'/ | grep [x]y`, `curl -v '$(id)' 'http://[::1]/' | grep [x]y`} {
		values := map[string]string{"url": "a b", "host": "h"}
		switch {
		case strings.Contains(good, "$"):
			values = map[string]string{"url": "$(id)", "host": "::1"}
		case strings.Contains(good, "<"):
			values = map[string]string{}
		}
		if err := heldInWords(def, good, values); err != nil {
			t.Error(err)
		}
		if err := heldInWords(def, good, nil); err != nil {
			t.Error(err)
		}
	}
	for _, value := range []string{"$(reboot)", "`reboot`", "$HOME", ";reboot", "|sh", "&& reboot", "a\nreboot", "'", `"`, "*", "{a,b}", "~root", "#", ">/etc/passwd", "-rf", "a b", `\`} {
		command := "curl -v " + value + " http://h/ | grep [x]y"
		if heldInWords(def, command, map[string]string{"url": value, "host": "h"}) == nil {
			t.Errorf("not seen: %q", command)
		}
		if value != `\` && heldInWords(def, command, nil) == nil {
			t.Errorf("not seen without the value: %q", command)
		}
	}
}
