package contract

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	helpCommand = regexp.MustCompile(`(?m)^ {2}(\w+) +\S`)
	helpFlag    = regexp.MustCompile(`(?m)^ {2,}--([\w-]+)`)
)

func TestCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command line")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	program := filepath.Join(t.TempDir(), "bkincidents")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/bkincidents")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	help := func(args ...string) string {
		out, err := exec.CommandContext(ctx, program, append([]string{"help"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("bkincidents help %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	all := func(re *regexp.Regexp, text string) []string {
		out := []string{}
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		return out
	}
	doc := section(t, "Command line")
	_, listed, _ := strings.Cut(help(), "\nAvailable Commands:\n")
	listed, _, _ = strings.Cut(listed, "\n\n")
	// help and completion are cobra's own.
	commands := slices.DeleteFunc(all(helpCommand, listed), func(name string) bool { return name == "help" || name == "completion" })
	sameNames(t, "Command line", doc.names(), "`bkincidents help`", commands)
	for _, name := range commands {
		row := doc.row(name)
		if row == nil {
			continue
		}
		_, flags, _ := strings.Cut(help(name), "\nFlags:\n")
		var documented []string
		for _, f := range codes(doc.cell(row, "flags")) {
			documented = append(documented, strings.TrimLeft(f, "-"))
		}
		sameNames(t, "Command line, flags of `"+name+"`", documented, "`bkincidents help "+name+"`", all(helpFlag, flags))
	}
}

var structWithTags = regexp.MustCompile(`(?s)type (\w+) struct \{\n(.*?)\n\}`)

// The report and the review are read from their source, as the review is internal to the command.
func TestJSONReport(t *testing.T) {
	jsonKeys(t, "JSON report", "pkg/report/report.go")
	jsonKeys(t, "JSON of a review", "pkg/trend/trend.go")
}

// jsonKeys compares the objects of a section with the types of a file.
func jsonKeys(t *testing.T, title, path string) {
	t.Helper()
	objects := map[string][]string{}
	for _, m := range structWithTags.FindAllStringSubmatch(read(t, path), -1) {
		for _, tag := range jsonTag.FindAllStringSubmatch(m[2], -1) {
			objects[m[1]] = append(objects[m[1]], tag[1])
		}
	}
	doc := section(t, title)
	sameNames(t, title, doc.names(), path, keys(objects))
	for _, row := range doc.rows {
		name := strings.Trim(row[0], "`")
		sameNames(t, title+", keys of `"+name+"`", codes(row[1]), name+" of "+path, objects[name])
	}
}
