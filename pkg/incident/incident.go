// Package incident turns matches into incidents: it joins the carriers of one failure, groups matches by key into
// episodes, judges them by evidence from other signatures, follows their life and renders their remediation.
// It is pure: the same matches, settings, liveness and time give the same incidents.
package incident

import (
	"iter"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// Verdict says how sure we are of an incident's cause.
type Verdict string

// The verdicts.
const (
	Suspected Verdict = "suspected"
	Confirmed Verdict = "confirmed"
	Refuted   Verdict = "refuted"
)

// State of an incident at a time.
type State string

// The states.
const (
	Active   State = "active"
	Resolved State = "resolved"
)

// Reason says why an incident is resolved.
type Reason string

// The reasons.
const (
	Recovered Reason = "recovered"
	Quiet     Reason = "quiet"
)

// Incident is one episode of one failure. It is built once and not changed afterwards.
type Incident struct {
	// Fingerprint is stable: signature and key values. ID is fingerprint and start.
	Fingerprint, ID string
	Signature       *signature.Signature
	Verdict         Verdict
	State           State
	// Reason is set when State is Resolved.
	Reason Reason
	// Start is the first match, Last the last one, End when the incident was over (zero while active).
	Start, Last, End time.Time
	// StartKnown is false when the failure began before the farthest look-back.
	StartKnown bool
	// Count is the number of matching lines, all carriers together.
	Count   int
	Cluster string
	// Key are the values of Signature.Key, in its order.
	Key []string
	// Hosts with the failure, sorted by name.
	Hosts []Host
	// Captures are the values of the last match, filled up from earlier ones.
	Captures map[string]string
	// Evidence are the first and last lines, at most 2*EvidenceLines.
	Evidence []match.Match
	// Cause is the incident that explains this one, Symptoms are those that this one explains.
	Cause    *Link
	Symptoms []Link
	// Why explains verdict and state: which line, which rule.
	Why []Why
	// Hypotheses are the competing causes, most likely first.
	Hypotheses []Hypothesis
	// Units are what its lines came from.
	Units []*Unit
	// Unclear tells that each of its lines may be a quotation: it is suspected at most, and proves nothing.
	Unclear bool
}

// EvidenceLines bounds the evidence kept at each end of an incident.
const EvidenceLines = 5

// Host is one host with the failure.
type Host struct {
	Name string
	// Count of lines, LastFailure and LastRecovery (zero: none).
	Count                     int
	LastFailure, LastRecovery time.Time
}

// Link names another incident.
type Link struct {
	ID, Fingerprint, Signature string
}

// Why is one reason for a verdict or a state: a rule of the signature and the line that satisfied it.
type Why struct {
	// Rule is one of the constants below.
	Rule string
	// Detail is the term or signature that the rule names.
	Detail string
	Time   time.Time
	Line   match.Text
}

// The rules of a Why.
const (
	RuleDetect     = "detect"
	RuleCause      = "cause"
	RuleRefute     = "refute"
	RuleResolve    = "resolve"
	RuleQuiet      = "quiet"
	RuleByTime     = "by-time-only"
	RuleNoEvidence = "no-cause-evidence"
	RuleUnclear    = "unclear"
)

// Hypothesis is one possible cause with its evidence.
type Hypothesis struct {
	Definition              *signature.Hypothesis
	Score                   int
	For, Against, Unchecked []string
}

// Settings are what the data source says about labels.
type Settings struct {
	HostLabels   []string
	ClusterLabel string
	// MaxQuiet cuts the quiet time of signatures, because older lines are not read; 0 is no limit.
	MaxQuiet time.Duration
}

// Input is everything that incidents are made from.
type Input struct {
	Set      *signature.Set
	Settings Settings
	// Lines yields the lines in which something was found, context lines too, and the same again when it is asked again. They
	// are not changed; their order does not count.
	Lines iter.Seq[match.Line]
	// ReadFrom is the start of what was read, per source: an episode near it may have begun before.
	ReadFrom map[signature.Source]time.Time
	// Live tells when a source shipped lines.
	Live map[signature.Source]logs.Liveness
	// Unit is what a line came from; equal units are one pointer. Quiet time runs only while it ships lines. Without it, a
	// source is one unit.
	Unit func(k *match.Kind) *Unit
	// Now is the time of judgement: min(query end, clock).
	Now time.Time
}

// Unit is what ships lines and can fail alone: the streams of a selector in one cluster, or those of one host.
type Unit struct {
	Source        signature.Source
	Cluster, Host string
	// Live is when it shipped lines.
	Live logs.Liveness
	// ReadFrom is the start of what was read of it, zero where that of the source holds.
	ReadFrom time.Time
	// ByTime tells that its lines say nothing of its health, as it logs errors only and ships nothing else: only time
	// tells that a failure is over.
	ByTime bool
}

// Title returns the title in a language, as plain text.
func (i *Incident) Title(lang signature.Lang) string {
	return i.plain(i.Signature.Title.In(lang))
}

// Summary returns the cause in one or two sentences in a language, as plain text.
func (i *Incident) Summary(lang signature.Lang) string {
	return i.plain(i.Signature.Summary.In(lang))
}

// Subject is the key, readable: `cluster/host`, without empty parts.
func (i *Incident) Subject() string {
	subject := ""
	for _, v := range i.Key {
		if v == "" {
			continue
		}
		if subject != "" {
			subject += " / "
		}
		subject += v
	}
	return subject
}

// HostNames lists the names of the hosts.
func (i *Incident) HostNames() []string {
	names := make([]string, len(i.Hosts))
	for n, h := range i.Hosts {
		names[n] = h.Name
	}
	return names
}

// EndOr returns End, or now for an active incident.
func (i *Incident) EndOr(now time.Time) time.Time {
	if i.State == Active {
		return now
	}
	return i.End
}
