// Package changes tells what was different when an incident began: pods of its workloads that were new in the hour before,
// labels that name another version, and whether the week before knew the failure. It reads the same logs and labels as
// detection does, and gives facts with their times; it concludes nothing.
package changes

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	// lately is how long before an incident a change counts, and the time before that which it is compared with.
	lately = time.Hour
	// earlier is how long before an incident its failure is looked for.
	earlier = 7 * 24 * time.Hour
	// instant is added to the start of an incident: a new pod may fail with its first line.
	instant = time.Second
	// maxWorkloads, and maxValues of a label, bound what one incident asks of the store, and its rows.
	maxWorkloads, maxValues = 5, 10
)

// Kind says what a fact is about.
type Kind string

// The kinds of facts.
const (
	NewPod  Kind = "pod"     // Value shipped lines in the hour before, and none in the hour before that
	Version Kind = "version" // a label has a Value that it did not have before
	First   Kind = "first"   // the week before has no incident of the signature
	Again   Kind = "again"   // it has Count, the last of them at Time with Value as its subject
	Unknown Kind = "unknown" // what could not be looked at, because of Err
)

// ErrStartUnknown tells that an incident began before what was read, so nobody knows what was before it.
var ErrStartUnknown = errors.New("the incident began before the logs that were read")

// Fact is one thing that was different, or not. Its texts are foreign.
type Fact struct {
	Kind Kind
	// Time is zero where it is not known.
	Time time.Time
	// Label is the label whose Value is new, and Was are its values in the hour before, none where nothing was shipped.
	Label, Value string
	Was          []string
	// Line is how a new pod introduced itself: the line that names its version, or else its first.
	Line string
	// Labels are those of the workload.
	Labels model.LabelSet
	// Count is how many incidents the week before has.
	Count int
	// Short tells that the logs do not reach back a week.
	Short bool
	Err   error
}

// Result is what is known of the time before an incident.
type Result struct {
	Facts []Fact
	// Partial says what limits left out of the week before.
	Partial string
}

// Failed reports whether something could not be looked at, so that asking again may help.
func (r *Result) Failed() bool {
	return slices.ContainsFunc(r.Facts, func(f Fact) bool { return f.Kind == Unknown })
}

// Held is how many facts the result keeps in memory.
func (r *Result) Held() int { return len(r.Facts) }

// Streams tells which streams there were.
type Streams interface {
	// Series returns the label sets of the streams that a selector and matchers select in a range.
	Series(ctx context.Context, selector string, matchers []logs.Matcher, start, end time.Time) ([]model.LabelSet, error)
}

// Finder looks at the time before incidents. It is safe for concurrent use.
type Finder struct {
	streams   Streams
	scanner   *scan.Scanner
	selectors []scan.Selector
	cluster   string
}

// NewFinder returns a Finder. The selectors are those of the scanner, cluster is the label that names the cluster.
func NewFinder(streams Streams, scanner *scan.Scanner, selectors []scan.Selector, cluster string) *Finder {
	return &Finder{streams: streams, scanner: scanner, selectors: selectors, cluster: cluster}
}

// Find returns what was different before an incident, in order of time. What cannot be read is a fact of its own; the
// error is that of a context that ended.
func (f *Finder) Find(ctx context.Context, inc *incident.Incident) (*Result, error) {
	r := &Result{}
	if !inc.StartKnown {
		r.Facts = []Fact{{Kind: Unknown, Err: ErrStartUnknown}}
		return r, nil
	}
	loads := f.workloads(inc)
	for _, w := range loads[:min(len(loads), maxWorkloads)] {
		facts, err := f.different(ctx, w, inc.Start)
		if err != nil {
			facts = append(facts, Fact{Kind: Unknown, Labels: w.labels, Err: err})
		}
		r.Facts = append(r.Facts, facts...)
	}
	known, err := f.known(ctx, inc, r)
	if err != nil {
		known = Fact{Kind: Unknown, Err: err}
	}
	r.Facts = append(r.Facts, known)
	slices.SortStableFunc(r.Facts, func(a, b Fact) int { return a.Time.Compare(b.Time) })
	return r, ctx.Err()
}

// known tells whether the week before an incident has others of its signature.
func (f *Finder) known(ctx context.Context, inc *incident.Incident, r *Result) (Fact, error) {
	scanner, err := f.scanner.Alone(inc.Signature)
	if err != nil {
		return Fact{}, err
	}
	from := inc.Start.Add(-earlier)
	var matchers []logs.Matcher
	if inc.Cluster != "" && f.cluster != "" {
		matchers = []logs.Matcher{{Name: f.cluster, Op: logs.Equal, Value: inc.Cluster}}
	}
	res, err := scanner.Scan(ctx, scan.Request{Start: from, End: inc.Start, Matchers: matchers})
	if err != nil {
		return Fact{}, err
	}
	for _, source := range res.Sources() {
		if err := res.Errors[source]; err != nil {
			return Fact{}, err
		}
	}
	r.Partial = res.Partial()
	fact := Fact{Kind: First, Time: inc.Start}
	var last time.Time
	for i := range res.Incidents {
		if one := &res.Incidents[i]; one.Signature.ID == inc.Signature.ID {
			fact.Kind = Again
			fact.Count++
			if one.Last.After(last) {
				last, fact.Time, fact.Value = one.Last, one.Last, one.Subject()
			}
		}
	}
	if fact.Kind == First {
		fact.Short, err = f.short(ctx, inc.Signature, matchers, from)
	}
	return fact, err
}

// short reports whether the logs that show a signature begin later than a day after a time.
func (f *Finder) short(ctx context.Context, sig *signature.Signature, matchers []logs.Matcher, from time.Time) (bool, error) {
	for _, sel := range f.selectors {
		if !slices.Contains(sig.Sources(), sel.Source) {
			continue
		}
		sets, err := f.streams.Series(ctx, sel.Selector, matchers, from, from.Add(24*time.Hour))
		if err != nil || len(sets) > 0 {
			return false, err
		}
	}
	return true, nil
}
