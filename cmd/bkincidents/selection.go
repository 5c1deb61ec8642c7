package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
)

// selection are the flags that narrow a report, and the one that says of which incidents the exit status speaks.
type selection struct {
	states, severities, signatures, hosts, clusters listFlag
	incident                                        string
	failOn                                          string
}

// What --fail-on takes.
const (
	failOnActive = "active"
	failOnAny    = "any"
	failOnNever  = "never"
)

func (s *selection) declare(flags *flag.FlagSet) {
	flags.Var(&s.states, "state", "only incidents in a `state`: active, resolved")
	flags.Var(&s.severities, "severity", "only incidents of a `severity`: critical, high, medium, low")
	flags.Var(&s.signatures, "signature", "only incidents of a signature `id`, such as curl-dns")
	flags.Var(&s.hosts, "host", "only incidents with a `host`")
	flags.StringVar(&s.incident, "incident", "", "only the incident with this `id` or fingerprint, to hand it over: with --format markdown or json")
	flags.StringVar(&s.failOn, "fail-on", failOnActive, "exit with 1 for `incidents` that are active, for any, or never")
}

// declareCluster declares the filter of clusters, for commands that have no other meaning of the word.
func (s *selection) declareCluster(flags *flag.FlagSet) {
	flags.Var(&s.clusters, "cluster", "only incidents of a `cluster`")
}

// check looks for values that no incident has.
func (s *selection) check(set *signature.Set) error {
	if !slices.Contains([]string{failOnActive, failOnAny, failOnNever}, s.failOn) {
		return usagef("unknown --fail-on %q: use active, any or never", s.failOn)
	}
	for _, state := range s.states {
		if state != string(incident.Active) && state != string(incident.Resolved) {
			return usagef("unknown --state %q: use active or resolved", state)
		}
	}
	for _, severity := range s.severities {
		if !slices.Contains(signature.Severities(), signature.Severity(severity)) {
			return usagef("unknown --severity %q: use critical, high, medium or low", severity)
		}
	}
	for _, id := range s.signatures {
		if _, ok := set.Get(id); !ok {
			return usagef("unknown --signature %q%s", id, suggestion(set, id))
		}
	}
	return nil
}

// keep returns the report with the incidents that fit all filters.
func (s *selection) keep(r report.Report) report.Report {
	r.Incidents = slices.DeleteFunc(r.Incidents, func(inc report.Incident) bool {
		return s.incident != "" && s.incident != inc.ID && s.incident != inc.Fingerprint || !s.states.has(inc.State) || !s.severities.has(inc.Severity) || !s.signatures.has(inc.Signature) || !s.clusters.has(inc.Cluster) ||
			len(s.hosts) > 0 && !slices.ContainsFunc(inc.Hosts, func(h report.Host) bool { return slices.Contains(s.hosts, h.Name) })
	})
	return r
}

// found returns an error when an incident was named and is not there.
func (s *selection) found(r report.Report) error {
	if s.incident == "" || len(r.Incidents) > 0 {
		return nil
	}
	return usagef("--incident: no incident %q in what was read; without --incident all are listed with their ids", s.incident)
}

// fails reports whether the exit status is that of a failure.
func (s *selection) fails(r report.Report) bool {
	switch s.failOn {
	case failOnNever:
		return false
	case failOnAny:
		return len(r.Incidents) > 0
	}
	return slices.ContainsFunc(r.Incidents, func(inc report.Incident) bool { return inc.State == string(incident.Active) })
}

// listFlag collects values, given one by one or with commas between.
type listFlag []string

// String implements flag.Value.
func (l *listFlag) String() string { return "" }

// Set implements flag.Value.
func (l *listFlag) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}

// has reports whether a value is wanted: every one when none was named.
func (l listFlag) has(value string) bool { return len(l) == 0 || slices.Contains(l, value) }

// suggestion names the signatures whose ids are like one that does not exist.
func suggestion(set *signature.Set, id string) string {
	var near []string
	for _, sig := range set.All() {
		if strings.Contains(sig.ID, id) || strings.Contains(id, sig.ID) {
			near = append(near, sig.ID)
		}
	}
	if len(near) == 0 {
		return "; `bkincidents list` shows all"
	}
	return "; did you mean " + strings.Join(near[:min(len(near), 5)], ", ") + "?"
}
