package contract

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sources joins the source text in which messages to users stand.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range []string{"pkg", "src"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			name := filepath.Base(path)
			if err != nil || strings.Contains(name, "_test.") || strings.Contains(name, ".test.") {
				return err
			}
			if ext := filepath.Ext(name); ext != ".go" && ext != ".ts" {
				return nil
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

var (
	quotedMessage = regexp.MustCompile("(?m)^\\| (`.*?) \\|")
	// variable is what a quoted message has in place of a value.
	variable = regexp.MustCompile(`\\?"?…\\?"?|\b[NM]\b`)
)

// A person searches the page for what the screen says, so what the page quotes has to be what the program says.
func TestQuotedMessagesExist(t *testing.T) {
	program := sources(t)
	for _, page := range []string{"docs/troubleshooting.md", "docs/troubleshooting.zh.md"} {
		for _, m := range quotedMessage.FindAllStringSubmatch(read(t, page), -1) {
			for _, message := range codes(m[1]) {
				message = strings.TrimPrefix(message, "nodeman: ") // the source, which the program writes in front
				if message == "$" {
					continue
				}
				var parts []string
				for _, literal := range variable.Split(message, -1) {
					parts = append(parts, regexp.QuoteMeta(strings.Trim(literal, ": ：")))
				}
				if !regexp.MustCompile(strings.Join(parts, `.{0,40}`)).MatchString(program) {
					t.Errorf("%s quotes %q, which the program does not say", page, message)
				}
			}
		}
	}
}

// Whatever Loki answers, the page has a line for it.
func TestEveryErrorOfLokiIsExplained(t *testing.T) {
	text := read(t, "pkg/loki/texts.go")
	entries := regexp.MustCompile(`(?s)(Kind\w+): \{\s*"((?:[^"\\]|\\.)*)", .*?"([^"]*\p{Han}[^"]*)"`).FindAllStringSubmatch(text, -1)
	if len(entries) < 10 {
		t.Fatalf("pkg/loki/texts.go has %d texts; this test reads it wrongly", len(entries))
	}
	for page, language := range map[string]int{"docs/troubleshooting.md": 2, "docs/troubleshooting.zh.md": 3} {
		documented := regexp.MustCompile("(?m)^\\| `([^`]*)`").FindAllStringSubmatch(read(t, page), -1)
		for _, e := range entries {
			found := e[1] == "KindCanceled" // nothing to explain
			for _, d := range documented {
				found = found || strings.HasPrefix(e[language], d[1])
			}
			if !found {
				t.Errorf("%s has no row for %q of pkg/loki/texts.go (%s)", page, e[language], e[1])
			}
		}
	}
}
