// Package signature is the format of failure signatures: what a failure looks like in the logs, what it means and
// what to do. It loads them strictly, compiles them and lints them; it does not know where lines come from.
package signature

import (
	"maps"
	"slices"

	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/source"
)

// APIVersion is the only value of `apiVersion` that this release reads.
const APIVersion = "bkincidents/v1"

// Source is a logical log source.
type Source = source.Name

// The sources that the program itself speaks of.
const (
	Nodeman = source.Nodeman
	Agent   = source.Agent
	Gateway = source.Gateway
)

// Sources lists the known sources in their order of display.
func Sources() []Source { return source.Names() }

// Status is the maturity of a signature. Only active ones make incidents that alert.
type Status string

// The statuses.
const (
	Draft      Status = "draft"
	Shadow     Status = "shadow"
	Active     Status = "active"
	Deprecated Status = "deprecated"
)

// Severity of the failure, a property of the signature so that an alert keeps its labels while it lives.
type Severity string

// The severities.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// Rank orders severities: 0 is critical.
func (s Severity) Rank() int {
	for i, known := range Severities() {
		if s == known {
			return i
		}
	}
	return len(Severities())
}

// Class says whose problem the failure is.
type Class string

// The classes, as BlueKing's troubleshooting guide names them: 环境问题, 操作不当, 待开发排查.
const (
	Environment Class = "environment"
	Operation   Class = "operation"
	Upstream    Class = "upstream"
	Unknown     Class = "unknown"
)

// Reach is a place in which the text of a failure appears. A source that is collected from elsewhere never shows it.
type Reach string

// The reaches.
const (
	// Worker is the output of nodeman's pods, ExecutionLog what nodeman keeps in its database, HostFile a file on the
	// failing host, and Pod the output of the other components' own pods.
	Worker       Reach = "worker"
	ExecutionLog Reach = "execution-log"
	HostFile     Reach = "host-file"
	Pod          Reach = "pod"
)

// Signature is one known failure. It is complete and validated once Load has returned it.
type Signature struct {
	APIVersion  string            `yaml:"apiVersion"`
	ID          string            `yaml:"id"`
	Revision    int               `yaml:"revision"`
	Status      Status            `yaml:"status"`
	Severity    Severity          `yaml:"severity"`
	Class       Class             `yaml:"class"`
	Family      string            `yaml:"family"`
	Reaches     []Reach           `yaml:"reaches"`
	Title       Text              `yaml:"title"`
	Summary     Text              `yaml:"summary"`
	Impact      Text              `yaml:"impact"`
	AppliesTo   map[string]string `yaml:"applies_to"`
	Terms       map[string]*Term  `yaml:"terms"`
	Detect      Detect            `yaml:"detect"`
	Derive      map[string][]Ref  `yaml:"derive"`
	Key         []string          `yaml:"key"`
	Cause       []Relation        `yaml:"cause"`
	Refute      []Recovery        `yaml:"refute"`
	Resolve     Resolve           `yaml:"resolve"`
	Hypotheses  []Hypothesis      `yaml:"hypotheses"`
	Remediation []Step            `yaml:"remediation"`
	References  []Reference       `yaml:"references"`
	Tests       []Fixture         `yaml:"tests"`

	// File is where the signature was read from, for messages to its author.
	File string `yaml:"-"`

	hash  [32]byte
	forms *form.Library
}

// Forms are those that the signature was read with.
func (s *Signature) Forms() *form.Library { return s.forms }

// Sources lists the sources of the signature's terms, in display order.
func (s *Signature) Sources() []Source {
	var out []Source
	for _, term := range s.Terms {
		out = append(out, term.Source)
	}
	return source.Sort(out)
}

// Undefined lists the terms whose source is not among those defined: their lines would never be read.
func (s *Signature) Undefined(defined []Source) []*Problem {
	var out []*Problem
	for _, name := range slices.Sorted(maps.Keys(s.Terms)) {
		if from := s.Terms[name].Source; !slices.Contains(defined, from) {
			out = append(out, &Problem{File: s.File, ID: s.ID, Path: "terms." + name + ".source", What: noSource, Args: []any{from, defined}})
		}
	}
	return out
}

// DetectSource is the source of the term that detection begins with: where its lines are, and whose silence holds up
// quiet time.
func (s *Signature) DetectSource() Source { return s.Terms[s.Detect.TermNames()[0]].Source }

// Ref names a capture or a part of one: `domain`, `url.host`, `url.port`, `url.path`.
type Ref string

// Detect says which matches make an incident. Exactly one of Term, Sequence, All or Absent is set.
type Detect struct {
	// Term with at least AtLeast matches (default 1), or distinct values of Distinct, within Within.
	Term     string `yaml:"term"`
	AtLeast  int    `yaml:"at_least"`
	Distinct Ref    `yaml:"distinct"`
	// Sequence are terms in this order; All are terms in any order.
	Sequence []string `yaml:"sequence"`
	All      []string `yaml:"all"`
	// Absent is a term that should have followed After within Within and did not, while its source shipped lines.
	Absent string   `yaml:"absent"`
	After  string   `yaml:"after"`
	Within Duration `yaml:"within"`
}

// TermNames lists the terms that detection looks at.
func (d Detect) TermNames() []string {
	switch {
	case d.Term != "":
		return []string{d.Term}
	case len(d.Sequence) > 0:
		return d.Sequence
	case len(d.All) > 0:
		return d.All
	case d.Absent != "":
		return []string{d.After, d.Absent}
	}
	return nil
}

// Relation is evidence from another signature: its incident near in time with equal Join values.
type Relation struct {
	Signature string   `yaml:"signature"`
	Within    Duration `yaml:"within"`
	Join      []string `yaml:"join"`
}

// Recovery is a term of this signature that ends (resolve) or disproves (refute) an incident.
type Recovery struct {
	Term string   `yaml:"term"`
	Join []string `yaml:"join"`
}

// Resolve says how an incident ends.
type Resolve struct {
	On []Recovery `yaml:"on"`
	// Quiet is how long the source must ship lines without a further match until the incident is over.
	Quiet Duration `yaml:"quiet"`
}

// Step is one step of a remediation.
type Step struct {
	ID string `yaml:"id"`
	// When is a condition such as `url.host is ip`; empty is always.
	When Condition `yaml:"when"`
	// For are the hypotheses that the step cures. Once another one is proven, the step is not shown.
	For []string `yaml:"for"`
	// Decides marks a step that tells the hypotheses apart. Once one is proven, it is not shown.
	Decides bool `yaml:"decides"`
	// Versions of BlueKing ("7.0" to "7.3") the step is for; empty is all.
	Versions []string `yaml:"versions"`
	// RunOn says where: target host, control node, browser, …
	RunOn Text `yaml:"run_on"`
	// Risk is read-only, change or destructive.
	Risk    Risk     `yaml:"risk"`
	Text    Text     `yaml:"text"`
	Command Template `yaml:"command"`
	// Verify says how to see that the step worked.
	Verify Text `yaml:"verify"`
	// Reference is the id of a reference whose link belongs to this step.
	Reference string `yaml:"reference"`
}

// Risk of a remediation step.
type Risk string

// The risks. A destructive step is shown last and asks for confirmation.
const (
	ReadOnly    Risk = "read-only"
	Change      Risk = "change"
	Destructive Risk = "destructive"
)

// Reference is a document, with its link per BlueKing version. One that signatures share is written as its id alone.
type Reference struct {
	ID    string            `yaml:"id"`
	Title Text              `yaml:"title"`
	URL   map[string]string `yaml:"url"`
}

// Hypothesis is one of several causes that a failure may have.
type Hypothesis struct {
	ID    string `yaml:"id"`
	Text  Text   `yaml:"text"`
	Prior int    `yaml:"prior"`
	// For and Against are evidence: what it weighs in small integers, positive.
	For     []Weight `yaml:"for"`
	Against []Weight `yaml:"against"`
	// Next says what to look at to tell this cause from the others.
	Next *NextQuery `yaml:"next"`
}

// Weight is a piece of evidence for or against a hypothesis. Exactly one of Signature, Term, When is set.
type Weight struct {
	Signature string    `yaml:"signature"`
	Term      string    `yaml:"term"`
	When      Condition `yaml:"when"`
	Within    Duration  `yaml:"within"`
	Join      []string  `yaml:"join"`
	Weight    int       `yaml:"weight"`
}

// NextQuery is the log query that would tell one hypothesis from the others.
type NextQuery struct {
	Source Source `yaml:"source"`
	// Filter is a literal that the lines contain; it may use {{captures}}.
	Filter Template `yaml:"filter"`
	Text   Text     `yaml:"text"`
}

// Name says in a word what a weight looks at.
func (w Weight) Name() string {
	switch {
	case w.Signature != "":
		return w.Signature
	case w.Term != "":
		return w.Term
	}
	return w.When.Raw
}
