package signature

import (
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"
)

// Fixture is a test of a signature: log lines and what must come of them.
type Fixture struct {
	Name string `yaml:"name"`
	// Now is the time of judgement, as offset like the lines' At; default is one second after the last line.
	Now   string        `yaml:"now"`
	Lines []FixtureLine `yaml:"lines"`
	// Carriers repeats the fixture with every line in each of these carriers: plain, execution-log, worker-json,
	// report-log, host-file, cri, docker-json, ansi, crlf.
	Carriers []string    `yaml:"carriers"`
	Expect   Expectation `yaml:"expect"`
}

// FixtureLine is one log line. Source defaults to the source of the signature's detect term.
type FixtureLine struct {
	// At is the offset from the start of the fixture; default is one second per line.
	At     *Duration         `yaml:"at"`
	Source Source            `yaml:"source"`
	Stream string            `yaml:"stream"`
	Labels map[string]string `yaml:"labels"`
	OnHost bool              `yaml:"on_host"`
	Line   string            `yaml:"line"`
}

// SourceIn is the source of a line in the fixtures of a signature: its own, or else the signature's DetectSource.
func (l *FixtureLine) SourceIn(s *Signature) Source {
	if l.Source != "" {
		return l.Source
	}
	return s.DetectSource()
}

// Expectation is what the lines of a fixture must give for their signature.
type Expectation struct {
	// Incidents is how many; nil means one, or none where Matches is "none".
	Incidents *int              `yaml:"incidents"`
	Verdict   string            `yaml:"verdict"`
	State     string            `yaml:"state"`
	Count     *int              `yaml:"count"`
	Hosts     []string          `yaml:"hosts"`
	Captures  map[string]string `yaml:"captures"`
	// Also lists other signatures that may fire on these lines; any other is a cross-fire.
	Also []string `yaml:"also"`
}

// Wanted returns the number of incidents that the fixture expects.
func (e Expectation) Wanted() int {
	if e.Incidents == nil {
		return 1
	}
	return *e.Incidents
}

// Positive reports whether the fixture expects its signature to fire.
func (f Fixture) Positive() bool { return f.Expect.Wanted() > 0 }

// Offset returns when line i was logged, from the start of the fixture.
func (f Fixture) Offset(i int) time.Duration {
	if at := f.Lines[i].At; at != nil {
		return at.D()
	}
	return time.Duration(i) * time.Second
}

// UnmarshalYAML reads a line with what goes with it, or the text alone.
func (l *FixtureLine) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		l.Line = node.Value
		return nil
	}
	type plain FixtureLine
	return plainly(node, (*plain)(l))
}

// plainly decodes a mapping into a struct of its keys, strictly.
func plainly[T any](node *yaml.Node, into *T) error {
	if problems := unknownKeys(node, reflect.TypeFor[T]()); len(problems) > 0 {
		return problems[0]
	}
	return node.Decode(into)
}
