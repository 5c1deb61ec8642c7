// Package trend says how a stretch of time went: what failed how often, how long it took, what nobody recognised, and what
// only made noise.
package trend

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// Trend is the review of a range; its JSON keys are those of docs/contract.md.
type Trend struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Partial says why the numbers are not complete.
	Partial    string      `json:"partial,omitempty"`
	Incidents  int         `json:"incidents"`
	Active     int         `json:"active"`
	Classes    []Class     `json:"classes"`
	Signatures []Signature `json:"signatures"`
	Causes     []Cause     `json:"causes"`
	Weeks      []Week      `json:"weeks"`
	Never      []Unseen    `json:"never_seen"`
	Noisy      []Noise     `json:"noisy"`

	lang signature.Lang
}

// Class counts the incidents of a class.
type Class struct {
	Class     string `json:"class"`
	Incidents int    `json:"incidents"`
}

// Signature is what one signature found.
type Signature struct {
	Signature string    `json:"signature"`
	Title     string    `json:"title"`
	Severity  string    `json:"severity"`
	Class     string    `json:"class"`
	Status    string    `json:"status"`
	Incidents int       `json:"incidents"`
	Active    int       `json:"active"`
	Confirmed int       `json:"confirmed"`
	Hosts     int       `json:"hosts"`
	Lines     int       `json:"lines"`
	Last      time.Time `json:"last"`
}

// Cause is how long it took until the failures of a cause were over, those that it explains included.
type Cause struct {
	Signature string `json:"signature"`
	Title     string `json:"title"`
	Incidents int    `json:"incidents"`
	// Measured are those that are over and whose start is known; the means are of these.
	Measured int `json:"measured"`
	// MeanSeconds is the mean time from the first line to the recovery, or to the last line where none is logged.
	MeanSeconds    float64 `json:"mean_seconds,omitempty"`
	LongestSeconds float64 `json:"longest_seconds,omitempty"`
}

// Week is a part of the range of at most seven days.
type Week struct {
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	Incidents int       `json:"incidents"`
	// Errors are the error lines looked at, Explained those that a signature explains.
	Errors    int `json:"errors"`
	Explained int `json:"explained"`
	// Share is explained/errors; it is absent where there were no errors.
	Share *float64 `json:"share,omitempty"`
	// Partial says why not every error line was looked at.
	Partial string `json:"partial,omitempty"`
}

// Unseen is an active signature without an incident.
type Unseen struct {
	Signature string `json:"signature"`
	Title     string `json:"title"`
	// Reachable is false when no log that is read can ever show it.
	Reachable bool `json:"reachable"`
}

// Noise is a signature whose incidents came and went by themselves.
type Noise struct {
	Signature string `json:"signature"`
	Title     string `json:"title"`
	Incidents int    `json:"incidents"`
	// Share of the incidents that were noise.
	Share    float64 `json:"share"`
	Custom   bool    `json:"custom"`
	Proposal string  `json:"proposal"`
}

// A signature is noisy from this many incidents on, when this share of them was noise.
const (
	noisyFrom  = 10
	noisyShare = 0.8
	// brief is how long the lines of an incident that nobody had to act on last at most.
	brief = time.Minute
)

// Input is what a trend is made of.
type Input struct {
	Start, End time.Time
	Partial    string
	Incidents  []incident.Incident
	Weeks      []Week
	Set        *signature.Set
	// Reachable reports whether a log that is read can ever show a signature, Custom whether it is the user's own.
	Reachable, Custom func(*signature.Signature) bool
	Lang              signature.Lang
}

// New counts. It is pure: the same incidents give the same numbers.
func New(in Input) *Trend {
	t := &Trend{
		Start: in.Start, End: in.End, Partial: in.Partial, Incidents: len(in.Incidents), Weeks: in.Weeks, lang: in.Lang,
		Classes: []Class{}, Signatures: []Signature{}, Causes: []Cause{}, Never: []Unseen{}, Noisy: []Noise{},
	}
	if t.Weeks == nil {
		t.Weeks = []Week{}
	}
	bySignature := map[string][]*incident.Incident{}
	byClass := map[signature.Class]int{}
	for i := range in.Incidents {
		inc := &in.Incidents[i]
		bySignature[inc.Signature.ID] = append(bySignature[inc.Signature.ID], inc)
		byClass[inc.Signature.Class]++
		if inc.State == incident.Active {
			t.Active++
		}
		for w := range t.Weeks {
			if !inc.Start.Before(t.Weeks[w].Start) && inc.Start.Before(t.Weeks[w].End) {
				t.Weeks[w].Incidents++
			}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		t.Classes = append(t.Classes, Class{string(class), byClass[class]})
	}
	slices.SortStableFunc(t.Classes, func(a, b Class) int { return b.Incidents - a.Incidents })
	for _, sig := range in.Set.All() {
		found := bySignature[sig.ID]
		switch {
		case len(found) > 0:
			t.Signatures = append(t.Signatures, count(sig, found, in.Lang))
			if n, ok := noise(sig, found, in); ok {
				t.Noisy = append(t.Noisy, n)
			}
		case sig.Status == signature.Active:
			t.Never = append(t.Never, Unseen{sig.ID, title(sig, in.Lang), in.Reachable(sig)})
		}
	}
	slices.SortStableFunc(t.Signatures, func(a, b Signature) int { return cmp.Or(b.Incidents-a.Incidents, b.Lines-a.Lines) })
	t.Causes = causes(in)
	return t
}

// title is a signature's, by itself.
func title(sig *signature.Signature, lang signature.Lang) string {
	return sig.Title.In(lang).Placeholders()
}

func count(sig *signature.Signature, found []*incident.Incident, lang signature.Lang) Signature {
	out := Signature{
		Signature: sig.ID, Title: title(sig, lang), Severity: string(sig.Severity), Class: string(sig.Class), Status: string(sig.Status), Incidents: len(found),
	}
	hosts := map[string]bool{}
	for _, inc := range found {
		out.Lines += inc.Count
		if inc.State == incident.Active {
			out.Active++
		}
		if inc.Verdict == incident.Confirmed {
			out.Confirmed++
		}
		if inc.Last.After(out.Last) {
			out.Last = inc.Last
		}
		for _, h := range inc.Hosts {
			hosts[h.Name] = true
		}
	}
	out.Hosts = len(hosts)
	return out
}

// causes groups incidents by what caused them: a symptom whose cause is in the logs belongs to its cause.
func causes(in Input) []Cause {
	byID := map[string]*Cause{}
	for i := range in.Incidents {
		inc := &in.Incidents[i]
		id := inc.Signature.ID
		if inc.Cause != nil {
			id = inc.Cause.Signature
		}
		c := byID[id]
		if c == nil {
			c = &Cause{Signature: id}
			if sig, ok := in.Set.Get(id); ok {
				c.Title = title(sig, in.Lang)
			}
			byID[id] = c
		}
		c.Incidents++
		if took, ok := lasted(inc); ok {
			c.MeanSeconds += took.Seconds() // the sum, until all are in
			c.LongestSeconds = max(c.LongestSeconds, took.Seconds())
			c.Measured++
		}
	}
	out := []Cause{}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		c := byID[id]
		if c.Measured > 0 {
			c.MeanSeconds /= float64(c.Measured)
		}
		out = append(out, *c)
	}
	slices.SortStableFunc(out, func(a, b Cause) int {
		return cmp.Compare(b.MeanSeconds*float64(b.Measured), a.MeanSeconds*float64(a.Measured))
	})
	return out
}

// lasted is how long a failure lasted. Where no recovery is logged it ended with its last line, not with the quiet time after it.
func lasted(inc *incident.Incident) (time.Duration, bool) {
	if inc.State != incident.Resolved || !inc.StartKnown {
		return 0, false
	}
	if inc.Reason == incident.Recovered {
		return inc.End.Sub(inc.Start), true
	}
	return inc.Last.Sub(inc.Start), true
}

// noise proposes to put a signature on trial when most of its incidents were suspected only, short, and over by themselves.
func noise(sig *signature.Signature, found []*incident.Incident, in Input) (Noise, bool) {
	if sig.Status != signature.Active || len(found) < noisyFrom {
		return Noise{}, false
	}
	quiet := 0
	for _, inc := range found {
		if inc.State == incident.Resolved && inc.Reason != incident.Recovered && inc.Verdict != incident.Confirmed && inc.Last.Sub(inc.Start) <= brief {
			quiet++
		}
	}
	share := float64(quiet) / float64(len(found))
	if share < noisyShare {
		return Noise{}, false
	}
	custom := in.Custom(sig)
	return Noise{Signature: sig.ID, Title: title(sig, in.Lang), Incidents: len(found), Share: share, Custom: custom, Proposal: proposal(custom, in.Lang)}, true
}
