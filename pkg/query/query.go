// Package query is the query model of the data source: what Grafana sends for one refId.
package query

import "github.com/blueking/incidents/pkg/logs"

// Type selects the view of the incidents that answers a query.
type Type string

// The query types; each has a frame of its own in pkg/frames.
const (
	Incidents   Type = "incidents"
	Annotations Type = "annotations"
	Alert       Type = "alert"
	Count       Type = "count"
	Evidence    Type = "evidence"
	Steps       Type = "steps"
	Signatures  Type = "signatures"
	Health      Type = "health"
	Timeline    Type = "timeline"
	Unmatched   Type = "unmatched"
	Hosts       Type = "hosts"
	Context     Type = "context"
	Changes     Type = "changes"
	Explain     Type = "explain"
	Review      Type = "review"
)

// View selects the columns of an alert query (default: identity), of a health query (default: evidence) or of an
// incidents query (default: all), and the lines of an evidence query (default: all) or of a context query (default: before).
type View string

// Identity and evidence have the same rows; Evidence carries title, evidence line and links as further labels, of a
// health query the reason.
const (
	ViewIdentity View = "identity"
	ViewEvidence View = "evidence"
	// ViewBrief of an incidents query is the ten columns that people need first.
	ViewBrief View = "brief"
	// ViewAll of an incidents query is every column, as no view is. An editor stores it, because Grafana completes a query
	// that has nothing but a type with the query of a new panel, which is brief.
	ViewAll View = "all"
	// ViewDeciding of an evidence query is the lines that the verdicts rest on.
	ViewDeciding View = "deciding"
	// ViewBefore of a context query is the last lines of the range, ViewAfter its first ones.
	ViewBefore View = "before"
	ViewAfter  View = "after"
)

// Stat selects what a count query counts.
type Stat string

// The statistics of a count or timeline query, per selected signature.
const (
	StatActive  Stat = "active"  // incidents active at the end of the range
	StatStarted Stat = "started" // incidents that started in the range; of an annotations query, marks instead of regions
	StatLines   Stat = "lines"   // matching lines in the range; of an unmatched query, unexplained error lines per source
	StatHosts   Stat = "hosts"   // distinct hosts of incidents active at the end of the range
	// StatLevels of a timeline query is matching lines per log level, for the histogram above a list of logs.
	StatLevels Stat = "levels"
	// StatClusters, the default of an unmatched query, lists the kinds of error lines that no signature explains.
	StatClusters Stat = "clusters"
	// StatCoverage of an unmatched query is the share of error lines that signatures explain, per source.
	StatCoverage Stat = "coverage"
	// What a review query tells of its range: by signature (default), class, cause or week; signatures that only make noise,
	// and those that were never seen.
	StatSignatures Stat = "signatures"
	StatClasses    Stat = "classes"
	StatCauses     Stat = "causes"
	StatWeeks      Stat = "weeks"
	StatNoise      Stat = "noise"
	StatNever      Stat = "never"
)

// Query is the JSON model. Empty filters select everything.
type Query struct {
	QueryType  Type           `json:"queryType"`
	Signatures []string       `json:"signatures,omitempty"`
	Sources    []string       `json:"sources,omitempty"`
	Severities []string       `json:"severities,omitempty"`
	Hosts      []string       `json:"hosts,omitempty"`
	Clusters   []string       `json:"clusters,omitempty"`
	States     []string       `json:"states,omitempty"` // active, resolved
	Matchers   []logs.Matcher `json:"matchers,omitempty"`
	View       View           `json:"view,omitempty"`     // alert, health: identity, evidence; incidents: brief; evidence: deciding; context: before, after
	Stat       Stat           `json:"stat,omitempty"`     // count; annotations: started; timeline: active, lines, levels; unmatched: clusters, coverage, lines; review: signatures, classes, causes, weeks, noise, never
	Incident   string         `json:"incident,omitempty"` // id or fingerprint: incidents, hosts, evidence, steps, changes
	Line       string         `json:"line,omitempty"`     // of explain: the log line
	Limit      int            `json:"limit,omitempty"`    // rows of evidence, incidents
	Language   string         `json:"language,omitempty"` // zh or en; default is the data source's
	Live       bool           `json:"live,omitempty"`     // of incidents, count, evidence: the browser follows the answer
}
