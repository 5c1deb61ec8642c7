package files

import (
	"regexp"
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
	re     *regexp.Regexp
}{
	{signature.Agent, regexp.MustCompile(`:ZOO_(?:ERROR|WARN|INFO|DEBUG)@\w+@\d+: `)},
	{signature.Gateway, regexp.MustCompile(`\bc\.t\.b\.j\.|com\.tencent\.bk\.job|\[job-gateway,|EsbJwtServiceImpl|OpenApiJwtServiceImpl|\|respStatus:\d|\baccessType=`)},
	{signature.Nodeman, regexp.MustCompile(`\[task_engine\]|\[report_log\]|scripts_error|"levelname"|\\"levelname\\"|exit_status ?(?:->|:)|` +
		`\] \[?(?:\d{7}\]|script\]|job\])|(?:执行命令|Execute command): |` +
		`(?:INFO|WARN|ERROR|FAIL) \w+ (?:-|START|DONE|SUCCESS|DOWNLOADING|INFO|FAILED) |cmd-return-err|is not connect to gse server`)},
}

// enough is how many lines with a trait decide.
const enough = 200

// tally counts lines with the traits of each source.
type tally struct {
	counts map[signature.Source]int
	total  int
	// records are JSON lines: what pods print, and no file on a host has.
	records int
}

func (t *tally) add(line string) {
	if strings.HasPrefix(line, "{") {
		t.records++
	}
	if t.total >= enough {
		return
	}
	if t.counts == nil {
		t.counts = map[signature.Source]int{}
	}
	for _, trait := range traits {
		if trait.re.MatchString(line) {
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
