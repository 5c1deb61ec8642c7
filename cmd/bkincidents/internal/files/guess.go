package files

import (
	"regexp"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// byName guesses from the name of a file or of its folders. The longest hint counts: bk-nodeman is a part of many names.
func byName(name string) (from signature.Source, onHost bool, hint string) {
	for _, row := range source.Rows() {
		for _, h := range row.Files {
			if len(h.Part) > len(hint) && strings.Contains(name, h.Part) {
				from, onHost, hint = row.Name, h.OnHost, h.Part
			}
		}
	}
	return from, onHost, hint
}

// untold are the sources that a file of unknown source is read as.
func untold() []signature.Source { return source.Defaults() }

// traits are what only lines of a source look like. They say nothing about failures, so healthy files are told apart, too.
var traits = []struct {
	source signature.Source
	// parts are texts of which a line must have one to be looked at with the expression; without one they decide.
	parts []string
	re    *regexp.Regexp
}{
	{signature.Agent, []string{":ZOO_"}, regexp.MustCompile(`:ZOO_(?:ERROR|WARN|INFO|DEBUG)@\w+@\d+: `)},
	{signature.Gateway, []string{"c.t.b.j.", "com.tencent.bk.job", "[job-gateway,", "EsbJwtServiceImpl", "OpenApiJwtServiceImpl", "|respStatus:", "accessType="}, nil},
	{signature.Nodeman, []string{
		"[task_engine]", "[report_log]", "scripts_error", `"levelname"`, `\"levelname\"`, "exit_status", "] [script]", "] [job]", "执行命令: ", "Execute command: ",
		"cmd-return-err", "is not connect to gse server",
	}, nil},
	{signature.Nodeman, []string{"] [38", "] [13", " DONE ", " START ", " SUCCESS ", " FAILED ", " DOWNLOADING ", " - "}, regexp.MustCompile(
		`\] \[\d{7}\]|(?:INFO|WARN|ERROR|FAIL) \w+ (?:-|START|DONE|SUCCESS|DOWNLOADING|INFO|FAILED) `)},
}

const (
	// enough is how many lines with a trait decide.
	enough = 200
	// maxGuessed is how many lines are looked at for further sources once there is one.
	maxGuessed = 20_000
)

// tally counts lines with the traits of each source.
type tally struct {
	counts       map[signature.Source]int
	total, lines int
	// records are JSON lines: what pods print, and no file on a host has.
	records int
}

// add looks at a line, for traits only where the source is to be guessed.
func (t *tally) add(line string, guess bool) {
	if strings.HasPrefix(line, "{") {
		t.records++
	}
	t.lines++
	if !guess || t.total >= enough || t.total > 0 && t.lines > maxGuessed {
		return
	}
	for _, trait := range traits {
		if slices.ContainsFunc(trait.parts, func(part string) bool { return strings.Contains(line, part) }) && (trait.re == nil || trait.re.MatchString(line)) {
			if t.counts == nil {
				t.counts = map[signature.Source]int{}
			}
			t.counts[trait.source]++
			t.total++
			return
		}
	}
}

// sources returns those that the content shows, in display order. A file pasted together shows several.
func (t *tally) sources() []signature.Source {
	var out []signature.Source
	for _, source := range signature.Sources() {
		if t.counts[source] > 0 {
			out = append(out, source)
		}
	}
	return out
}
