// Package signature is the format of failure signatures: what a failure looks like in the logs, what it means and
// what to do. It loads them strictly, compiles them and lints them; it does not know where lines come from.
package signature

import (
	"regexp"

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

// Signature is one known failure. It is complete and validated once Load has returned it.
type Signature struct {
	APIVersion  string            `yaml:"apiVersion"`
	ID          string            `yaml:"id"`
	Revision    int               `yaml:"revision"`
	Status      Status            `yaml:"status"`
	Severity    Severity          `yaml:"severity"`
	Class       Class             `yaml:"class"`
	Family      string            `yaml:"family"`
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

	hash [32]byte
}

// Sources lists the sources of the signature's terms, in display order.
func (s *Signature) Sources() []Source {
	var out []Source
	for _, source := range Sources() {
		for _, term := range s.Terms {
			if term.Source == source {
				out = append(out, source)
				break
			}
		}
	}
	return out
}

// DetectSource is the source of the term that detection begins with: where its lines are, and whose silence holds up
// quiet time.
func (s *Signature) DetectSource() Source { return s.Terms[s.Detect.TermNames()[0]].Source }

// Term is a kind of log line, or of adjacent lines of one stream.
type Term struct {
	Source Source `yaml:"source"`
	// AnyOf are alternatives over versions and languages of the same message.
	AnyOf []Alternative `yaml:"any_of"`
	// Unless are regexes; a message that one of them matches is not this term.
	Unless []Pattern `yaml:"unless"`
	// Levels are the log levels that count; a message whose level is unknown always counts.
	// Default: warning, error.
	Levels []string `yaml:"levels"`
	// Context are adjacent lines of the same stream that add captures, are required, or exclude.
	Context []Context `yaml:"context"`
	// Vars are the captures with their types: regex groups and carrier attributes (host_ip, sub_inst_id, task_id, step).
	Vars map[string]VarType `yaml:"vars"`

	Name string `yaml:"-"`
}

// Alternative is one wording of a term. Its regex runs on the message, after the carrier and the log head are taken off.
type Alternative struct {
	Regex Pattern `yaml:"regex"`
	// Continues marks a line that follows a line of another alternative (the exception after its log record):
	// then both are one match; alone it is a match of its own.
	Continues bool `yaml:"continues"`
	// Versions of the emitting component that print this wording; for people and for the drift check.
	Versions string `yaml:"versions"`
	// ShortLiteral is the reason why a literal of 6 or 7 bytes is selective enough.
	ShortLiteral string `yaml:"short_literal"`
	// Upstream is the place in BlueKing's source that prints the text.
	Upstream *UpstreamText `yaml:"upstream"`

	// Witness are literals of which every matching message contains at least one.
	Witness []string `yaml:"-"`
}

// UpstreamText names where a text stands in BlueKing's source, for `lint --upstream`.
type UpstreamText struct {
	Repo string `yaml:"repo"`
	Path string `yaml:"path"`
	Text string `yaml:"text"`
}

// ContextRole says what an adjacent line does to a match.
type ContextRole string

// The roles of a context line.
const (
	Adds     ContextRole = "adds"
	Requires ContextRole = "requires"
	Excludes ContextRole = "excludes"
)

// Context is an adjacent line of the same stream.
type Context struct {
	// At is where the line stands: before or after the match.
	At string `yaml:"at"`
	// Within bounds the distance in time; default 1m.
	Within Duration `yaml:"within"`
	// Lines bounds the distance in lines where the store delivers all lines; default 1.
	Lines int         `yaml:"lines"`
	Role  ContextRole `yaml:"role"`
	Regex Pattern     `yaml:"regex"`

	Witness []string `yaml:"-"`
}

// VarType is the type of a capture. It decides how a value is validated before it may enter a command.
type VarType string

// The capture types.
const (
	Int   VarType = "int"
	Ident VarType = "ident"
	Host  VarType = "host"
	IP    VarType = "ip"
	URL   VarType = "url"
	Path  VarType = "path"
	Any   VarType = "text"
)

// Pattern is a regular expression (RE2) in a signature file.
type Pattern struct {
	*regexp.Regexp
	Line int
}

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
	// Versions of BlueKing ("7.0", "7.1", "7.2") the step is for; empty is all.
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

// Reference is a document, with its link per BlueKing version.
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
