package unmatched

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Draft returns a signature of status draft for a cluster, with the sample as its fixture, as YAML. It loads and
// passes the lint of drafts; what it means and what to do is for its author to write.
func (c Cluster) Draft() string {
	id := c.draftID()
	type text struct {
		ZH string `yaml:"zh"`
		EN string `yaml:"en"`
	}
	doc := struct {
		APIVersion string            `yaml:"apiVersion"`
		ID         string            `yaml:"id"`
		Revision   int               `yaml:"revision"`
		Status     string            `yaml:"status"`
		Severity   string            `yaml:"severity"`
		Class      string            `yaml:"class"`
		Title      text              `yaml:"title"`
		Summary    text              `yaml:"summary"`
		Terms      map[string]any    `yaml:"terms"`
		Detect     map[string]string `yaml:"detect"`
		Key        []string          `yaml:"key,flow"`
		Tests      []map[string]any  `yaml:"tests"`
	}{
		APIVersion: "bkincidents/v1", ID: id, Revision: 1, Status: "draft", Severity: "medium", Class: "unknown",
		Title:   text{"待命名的报错（草稿）", "Error to be named (draft)"},
		Summary: text{"请写明原因。", "Say what causes it."},
		Terms: map[string]any{"failed": map[string]any{
			"source": string(c.Source), "any_of": []map[string]string{{"text": c.text()}},
		}},
		Detect: map[string]string{"term": "failed"},
		Key:    []string{"cluster"},
		Tests: []map[string]any{{
			"name": "as it was seen", "lines": []map[string]string{{"line": c.Sample}},
		}},
	}
	out, err := yaml.Marshal(doc)
	if err != nil { // strings only: cannot happen
		return "# " + err.Error()
	}
	return string(out)
}

func (c Cluster) draftID() string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.Template))
	return fmt.Sprintf("draft-%s-%08x", c.Source, h.Sum32())
}

var masked = regexp.MustCompile(`<(?:\*|url|uuid|time|ip|hex|path|num)>`)

// text turns the template into a pattern that is the whole message. The template has one space where the
// message may have several; only then spaces are matched loosely, because a plain space keeps the literals long.
func (c Cluster) text() string {
	space := " "
	if strings.Join(strings.Fields(c.Message), " ") != strings.TrimSpace(c.Message) {
		space = " +"
	}
	var b strings.Builder
	last := 0
	for _, loc := range masked.FindAllStringIndex(c.Template, -1) {
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(c.Template[last:loc[0]]), " ", space))
		if c.Template[loc[0]:loc[1]] == "<time>" {
			b.WriteString(`.+?`)
		} else {
			b.WriteString(`\S+?`)
		}
		last = loc[1]
	}
	b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(c.Template[last:]), " ", space))
	if len(c.Message) >= maxMessage-4 { // it was cut
		b.WriteString(`.*`)
	}
	return b.String()
}
