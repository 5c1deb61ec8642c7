package collectors

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
)

// File is a log file as it lies on a node or a host.
type File struct {
	Path string
	// Discovered are the labels of the pod that it belongs to, as service discovery gives them; nil on a host.
	Discovered map[string]string
	Lines      []string
	// At is when the collector reads it: the time of lines that carry none.
	At time.Time
}

// Stage is a pipeline stage, with exactly one of its keys.
type Stage struct {
	CRI       *struct{} `yaml:"cri"`
	LabelDrop []string  `yaml:"labeldrop"`
	Match     *Match    `yaml:"match"`
	// JSON and Labels are of Alloy's files only: fields by name, and labels by the field that they take.
	JSON   map[string]string `yaml:"-"`
	Labels map[string]string `yaml:"-"`
}

// Match runs stages on the streams of a selector only.
type Match struct {
	Selector string       `yaml:"selector"`
	Stages   []MatchStage `yaml:"stages"`
}

// MatchStage is a stage within a match, with exactly one of its keys.
type MatchStage struct {
	Multiline *Multiline `yaml:"multiline"`
	LabelDrop []string   `yaml:"labeldrop"`
	// StaticLabels are of Alloy's files only.
	StaticLabels map[string]string `yaml:"-"`
}

// Multiline joins the lines of a record.
type Multiline struct {
	FirstLine string `yaml:"firstline"`
	MaxWait   string `yaml:"max_wait_time"`
	MaxLines  int    `yaml:"max_lines"`
}

// entry is a line on its way through the pipeline.
type entry struct {
	at     time.Time
	labels map[string]string
	line   string
	fields map[string]string
}

// Collect returns what is pushed of the files.
func (p Config) Collect(files ...File) ([]logproto.Stream, error) {
	streams := map[string]*logproto.Stream{}
	var order []string
	for _, scrape := range p.ScrapeConfigs {
		for _, f := range files {
			targets, err := scrape.targets(f)
			if err != nil {
				return nil, err
			}
			for _, labels := range targets {
				for name, value := range p.Clients[0].ExternalLabels {
					labels[name] = value
				}
				entries := make([]entry, len(f.Lines))
				for i, line := range f.Lines {
					entries[i] = entry{at: f.At.Add(time.Duration(i) * time.Millisecond), labels: clone(labels), line: line}
				}
				for _, stage := range scrape.Stages {
					if entries, err = stage.run(entries); err != nil {
						return nil, err
					}
				}
				for _, e := range entries {
					key := labelSet(e.labels).String()
					if streams[key] == nil {
						streams[key] = &logproto.Stream{Labels: key}
						order = append(order, key)
					}
					streams[key].Entries = append(streams[key].Entries, logproto.Entry{Timestamp: e.at, Line: e.line})
				}
			}
		}
	}
	out := make([]logproto.Stream, len(order))
	for i, key := range order {
		out[i] = *streams[key]
	}
	return out, nil
}

// fields reads what dotted paths name in a line of JSON; what is not there is left out.
func fields(line string, paths map[string]string) map[string]string {
	var doc any
	if json.Unmarshal([]byte(line), &doc) != nil {
		return nil
	}
	out := map[string]string{}
	for name, dotted := range paths {
		value := doc
		for _, key := range strings.Split(dotted, ".") {
			object, _ := value.(map[string]any)
			value = object[key]
		}
		if value != nil {
			out[name] = fmt.Sprint(value)
		}
	}
	return out
}

func labelSet(labels map[string]string) model.LabelSet {
	out := model.LabelSet{}
	for name, value := range labels {
		out[model.LabelName(name)] = model.LabelValue(value)
	}
	return out
}

func (s Stage) run(entries []entry) ([]entry, error) {
	switch {
	case s.CRI != nil:
		return cri(entries)
	case s.LabelDrop != nil:
		for _, e := range entries {
			for _, name := range s.LabelDrop {
				delete(e.labels, name)
			}
		}
		return entries, nil
	case s.Match != nil:
		sel, lines, err := matching(s.Match.Selector)
		if err != nil {
			return nil, err
		}
		for _, inner := range s.Match.Stages {
			for _, e := range entries {
				if sel.Matches(labelSet(e.labels)) && lines(e.line) {
					maps.Copy(e.labels, inner.StaticLabels)
					for _, name := range inner.LabelDrop {
						delete(e.labels, name)
					}
				}
			}
			if inner.Multiline == nil {
				continue
			}
			if entries, err = inner.Multiline.join(entries, sel); err != nil {
				return nil, err
			}
		}
		return entries, nil
	case s.JSON != nil:
		for i := range entries {
			entries[i].fields = fields(entries[i].line, s.JSON)
		}
		return entries, nil
	case s.Labels != nil:
		for _, e := range entries {
			for name, field := range s.Labels {
				if value := e.fields[field]; value != "" {
					e.labels[name] = value
				}
			}
		}
		return entries, nil
	}
	return nil, fmt.Errorf("a stage without a key")
}

// matching reads the selector of a match: one of streams, and filters of lines as Alloy's own grammar knows them.
func matching(text string) (selector.Selector, func(line string) bool, error) {
	end := strings.LastIndexByte(text, '}') + 1
	if at := strings.Index(text, "} |~ "); at >= 0 {
		end = at + 1
	}
	sel, err := selector.Parse(text[:end])
	if err != nil {
		return selector.Selector{}, nil, err
	}
	var filters []*regexp.Regexp
	for rest := strings.TrimSpace(text[end:]); rest != ""; rest = strings.TrimSpace(rest) {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, "|~ "); !ok {
			return selector.Selector{}, nil, fmt.Errorf("a filter that the test does not know: %.80s", rest)
		}
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return selector.Selector{}, nil, err
		}
		expr, err := strconv.Unquote(quoted)
		if err != nil {
			return selector.Selector{}, nil, err
		}
		filter, err := regexp.Compile(expr)
		if err != nil {
			return selector.Selector{}, nil, err
		}
		filters, rest = append(filters, filter), rest[len(quoted):]
	}
	return sel, func(line string) bool {
		return !slices.ContainsFunc(filters, func(f *regexp.Regexp) bool { return !f.MatchString(line) })
	}, nil
}

// criLine is what containerd and CRI-O put around a line.
var criLine = regexp.MustCompile(`^(\S+) (stdout|stderr) ([FP]) (.*)$`)

// cri takes the wrapper off and joins partial lines.
func cri(entries []entry) ([]entry, error) {
	var out []entry
	partial := ""
	for _, e := range entries {
		m := criLine.FindStringSubmatch(e.line)
		if m == nil {
			return nil, fmt.Errorf("not a line of the container runtime: %q", e.line)
		}
		at, err := time.Parse(time.RFC3339Nano, m[1])
		if err != nil {
			return nil, err
		}
		if partial += m[4]; m[3] == "P" {
			continue
		}
		e.at, e.line, e.labels["stream"] = at, partial, m[2]
		partial = ""
		out = append(out, e)
	}
	return out, nil
}

// join makes one entry of a first line and what follows it; it has the time of the first.
func (m Multiline) join(entries []entry, sel selector.Selector) ([]entry, error) {
	first, err := regexp.Compile(m.FirstLine)
	if err != nil {
		return nil, err
	}
	var out []entry
	open := map[string]int{} // the record of a stream, and how many lines it has
	lines := map[int]int{}
	for _, e := range entries {
		set := labelSet(e.labels)
		if !sel.Matches(set) {
			out = append(out, e)
			continue
		}
		at, started := open[set.String()]
		if !started || first.MatchString(e.line) || lines[at] >= m.MaxLines {
			out = append(out, e)
			open[set.String()] = len(out) - 1
			lines[len(out)-1] = 1
			continue
		}
		out[at].line += "\n" + e.line
		lines[at]++
	}
	return slices.Clip(out), nil
}

// InContainer wraps lines as containerd does, one a millisecond.
func InContainer(at time.Time, stream string, lines ...string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = at.Add(time.Duration(i)*time.Millisecond).UTC().Format(time.RFC3339Nano) + " " + stream + " F " + strings.TrimSuffix(line, "\n")
	}
	return out
}
