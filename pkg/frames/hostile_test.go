package frames

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"
	htmlparser "golang.org/x/net/html"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// hostileAnswer is one incident whose capture, message, cluster, host and stream labels are all hostile.
func hostileAnswer(t *testing.T) Answer {
	w := newWorld(t)
	set := model.LabelSet{"cluster": hostile, "pod": hostile + "1"}
	w.log(signature.Nodeman, 5*time.Minute, set, "download of <<"+hostile+">> failed")
	set["pod"] = hostile + "2"
	w.log(signature.Nodeman, 4*time.Minute, set, "download of <<"+hostile+">> failed")
	w.log(signature.Agent, 3*time.Minute, model.LabelSet{"cluster": hostile, "host": hostile}, "getaddrinfo: "+hostile)
	a := w.answer(query.Query{QueryType: query.Incidents})
	if len(a.Incidents) != 2 || len(a.Incidents[0].Evidence) != 2 {
		t.Fatalf("the fixture does not make the incidents: %+v", a.Incidents)
	}
	return a
}

func TestForeignTextIsOneLineInEveryCell(t *testing.T) {
	a := hostileAnswer(t)
	for _, f := range []*data.Frame{
		Incidents(a, "", view("en")), AlertIdentity(a, view("en")), AlertEvidence(a, view("en")),
		Count(a, view("en"), query.StatHosts), Signatures(a, view("en"), func(string) bool { return false }, func(*signature.Signature) bool { return true }),
	} {
		for _, field := range f.Fields {
			for i := range field.Len() {
				text, ok := field.At(i).(string)
				if !ok || field.Name == "why" || field.Name == "hypotheses" || field.Name == "logql" || field.Name == "next_logql" {
					continue
				}
				if bad := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }); bad >= 0 || len(text) > maxCell+len("…")+10 {
					t.Errorf("%s.%s: %d bytes, control character at %d: %q", f.Name, field.Name, len(text), bad, text)
				}
			}
		}
	}
}

func TestAnnotationsHoldOnlyTheirOwnMarkup(t *testing.T) {
	f := Annotations(hostileAnswer(t), "", view("en"))
	for _, name := range []string{"title", "text"} {
		field, _ := f.FieldByName(name)
		for i := range field.Len() {
			text := field.At(i).(string)
			if name == "text" && !strings.Contains(html.UnescapeString(text), "onerror=alert(1)") {
				t.Errorf("%s lost the hostile text, the test proves nothing: %s", name, text)
			}
			onlyOwnMarkup(t, text)
		}
	}
	tags, _ := f.FieldByName("tags")
	if got := strings.Count(tags.At(0).(string), ","); got != 5 {
		t.Errorf("a comma of the log made a tag: %s", tags.At(0))
	}
}

func onlyOwnMarkup(t *testing.T, text string) {
	t.Helper()
	tokens := htmlparser.NewTokenizer(strings.NewReader(text))
	for tokens.Next() != htmlparser.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case htmlparser.StartTagToken, htmlparser.SelfClosingTagToken:
			if !slices.Contains([]string{"b", "br", "code", "a"}, token.Data) {
				t.Errorf("foreign tag %s in %s", token, text)
			}
			for _, attr := range token.Attr {
				if attr.Key != "href" || !strings.HasPrefix(attr.Val, "d/blueking-incidents-") && !strings.HasPrefix(attr.Val, "https://bk.tencent.com/") {
					t.Errorf("foreign attribute %s=%q", attr.Key, attr.Val)
				}
			}
		case htmlparser.CommentToken, htmlparser.DoctypeToken:
			t.Errorf("foreign markup %s", token)
		}
	}
}

func TestLogQLKeepsForeignTextInItsQuotes(t *testing.T) {
	a := hostileAnswer(t)
	for i := range a.Incidents {
		text := logQL(a.Incidents[i].Evidence)
		sel, filter, found := strings.Cut(text, "} |= ")
		parsed, err := selector.Parse(sel + "}")
		if err != nil || !found {
			t.Fatalf("%s: %v", text, err)
		}
		if !parsed.Matches(a.Incidents[i].Evidence[0].Stream.Labels) {
			t.Errorf("%s does not select its own stream", text)
		}
		if literal, err := strconv.Unquote(filter); err != nil || !strings.Contains(a.Incidents[i].Evidence[0].Line.String(), literal) {
			t.Errorf("the filter of %s is not a literal of the line (%v)", text, err)
		}
	}
}

func TestLinksCarryForeignTextAsValues(t *testing.T) {
	a := hostileAnswer(t)
	v := view("en")
	v.UID = hostile
	for _, path := range []string{v.incidentPath(&a.Incidents[0]), v.runbookPath(hostile)} {
		u, err := url.Parse("https://grafana.example/" + path)
		if err != nil || u.Fragment != "" || u.Query().Get("var-datasource") != hostile {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestMarkdownEscapesWhatCouldStartAConstruct(t *testing.T) {
	a := hostileAnswer(t)
	document := markdown(runbooks(a), view("en"))
	if !strings.Contains(document, escapeMarkdown(incident.OneLine(hostile, 200))) {
		t.Errorf("the hostile text is not there, the test proves nothing:\n%s", document)
	}
	outside := true
	for _, line := range strings.Split(document, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			outside = !outside
			continue
		}
		if outside && (unescaped(line, "<img") || unescaped(line, "](javascript") || unescaped(line, "(http") || unescaped(line, "http:")) {
			t.Errorf("live markup: %s", line)
		}
	}
	if !outside {
		t.Error("a fence stays open")
	}
}

// unescaped reports whether a construct stands in a line with its first character live.
func unescaped(line, construct string) bool {
	at := strings.Index(line, construct)
	if at < 0 {
		return false
	}
	slashes := len(line[:at]) - len(strings.TrimRight(line[:at], `\`))
	return slashes%2 == 0
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for address, want := range map[string]string{
		"https://bk.tencent.com/a b<c>":      "https://bk.tencent.com/a%20b%3Cc%3E",
		"https://x.example/?q='\"":           "https://x.example/?q=%27%22",
		"javascript:alert(1)":                "",
		"data:text/html,x":                   "",
		"//evil.example":                     "",
		"https:///nowhere":                   "",
		"http://[::1":                        "",
		" https://bk.tencent.com":            "",
		"https://bk.tencent.com/docs/x.md#y": "https://bk.tencent.com/docs/x.md#y",
	} {
		if got := webAddress(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
	if got := markdownLink("[a](b)", "javascript:alert(1)"); got != `\[a\]\(b\)` {
		t.Error(got)
	}
}

func FuzzEscapeMarkdown(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, text string) {
		escaped := escapeMarkdown(text)
		if strings.ContainsAny(escaped, "\n\r") {
			t.Errorf("a line break: %q", escaped)
		}
		for i := 0; i < len(escaped); i++ {
			switch {
			case escaped[i] == '\\':
				i++ // what follows is literal
			case strings.IndexByte(markdownSpecial, escaped[i]) >= 0:
				t.Fatalf("%q is live at %d of %q", escaped[i], i, escaped)
			}
		}
	})
}

func FuzzFence(f *testing.F) {
	f.Add("```\n````x")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.TrimSuffix(fence("sh", text, ""), "\n"), "\n")
		mark := strings.TrimSuffix(lines[0], "sh")
		for _, line := range lines[1 : len(lines)-1] {
			if strings.HasPrefix(strings.TrimSpace(line), mark) {
				t.Fatalf("%q ends the fence %q early", line, mark)
			}
		}
	})
}
