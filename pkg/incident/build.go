package incident

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// Line is one line that detection looks at, with what it is evidence of.
type Line struct {
	match.Match
	*Place
}

// Place is what a line is evidence of. Lines share places, so a Place must not be changed.
type Place struct {
	// Incident and Fingerprint are "" for a line that makes no incident, such as the first of a burst that stayed small.
	Incident, Fingerprint string
	Cluster               string
	// Host is the failing host, or a name for an unknown one.
	Host string
}

// Build makes the incidents of an input: active ones first, then by severity, newest first.
func Build(in Input) []Incident {
	incidents, _, _ := BuildWithLines(context.Background(), in) // which does not end
	return incidents
}

// BuildWithLines makes the incidents and returns, beside them, every line that detection looked at, in order of time. The
// error is that of a context that ends.
func BuildWithLines(ctx context.Context, in Input) ([]Incident, []Line, error) {
	b := builder{
		in: in, places: map[Place]*Place{},
		clock: quietClock{max: in.Settings.MaxQuiet, unit: in.units()},
	}
	in.Lines = until(ctx, in.Lines)
	hits := counts(in.Lines)
	for _, sig := range in.Set.All() {
		if n := hits[sig]; n.detects > 0 && ctx.Err() == nil { // every success is a recovery of dozens of signatures
			b.add(matchesOf(sig, in.Lines, in.Now, n.all))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("make incidents of lines: %w", err)
	}
	// An incident's symptoms are listed in this order.
	slices.SortFunc(b.drafts, func(x, y draft) int {
		return cmp.Or(strings.Compare(x.Fingerprint, y.Fingerprint), x.Start.Compare(y.Start))
	})
	relate(b.drafts)
	out := make([]Incident, len(b.drafts))
	for i := range b.drafts {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("weigh the causes of incidents: %w", err)
		}
		out[i] = b.drafts[i].Incident
		out[i].Hypotheses = weigh(&b.drafts[i], b.drafts, in)
	}
	slices.SortFunc(out, compare)
	slices.SortStableFunc(b.lines, func(x, y Line) int { return match.Compare(&x.Match, &y.Match) })
	return out, b.lines, nil
}

// checkEvery is how many lines pass between two looks at the context.
const checkEvery = 4096

// until yields lines until a context ends.
func until(ctx context.Context, lines iter.Seq[match.Line]) iter.Seq[match.Line] {
	return func(yield func(match.Line) bool) {
		n := 0
		for l := range lines {
			if n++; n%checkEvery == 1 && ctx.Err() != nil || !yield(l) {
				return
			}
		}
	}
}

// units returns what finds the unit of a line.
func (in Input) units() func(k *match.Kind) *Unit {
	if in.Unit != nil {
		return in.Unit
	}
	whole := map[signature.Source]*Unit{}
	return func(k *match.Kind) *Unit {
		if whole[k.Term.Source] == nil {
			whole[k.Term.Source] = &Unit{Source: k.Term.Source, Live: in.Live[k.Term.Source]}
		}
		return whole[k.Term.Source]
	}
}

// count is how many hits of a signature there are.
type count struct{ all, detects int }

// counts counts the hits of lines by signature.
func counts(lines iter.Seq[match.Line]) map[*signature.Signature]count {
	alike := map[*match.Finding]int{}
	for l := range lines {
		alike[l.Finding]++
	}
	out := map[*signature.Signature]count{}
	for f, n := range alike {
		for _, kind := range f.Kinds {
			c := out[kind.Signature]
			c.all += n
			if kind.Role == match.Detects {
				c.detects += n
			}
			out[kind.Signature] = c
		}
	}
	return out
}

// matchesOf returns the hits of a signature up to now, n at most.
func matchesOf(sig *signature.Signature, lines iter.Seq[match.Line], now time.Time, n int) []*match.Match {
	matches := make([]match.Match, 0, n)
	for l := range lines {
		if l.Time.After(now) {
			continue
		}
		for m := range l.Matches() {
			if m.Signature == sig {
				matches = append(matches, m)
			}
		}
	}
	out := make([]*match.Match, len(matches))
	for i := range matches {
		out[i] = &matches[i]
	}
	return out
}

// builder makes the incidents of one signature after the other, so that what is known of each line is kept of few
// lines at a time.
type builder struct {
	in     Input
	clock  quietClock
	places map[Place]*Place
	lines  []Line
	drafts []draft
}

// draft is an incident with what the lines of its own signature say of it.
type draft struct {
	Incident
	// refuted is the first refuting line, nil without one.
	refuted *Why
	// weighed is the evidence for and against hypotheses.
	weighed map[*signature.Weight]evidenceOf
}

// add joins adjacent lines of a signature, whose order does not count, and makes the signature's incidents.
func (b *builder) add(found []*match.Match) {
	obs := observe(match.Join(found, false), b.in.Settings)
	joinCarriers(obs)
	var detects, judges []*observation
	for i := range obs {
		if o := &obs[i]; o.Role == match.Detects {
			o.index = len(b.lines)
			b.lines = append(b.lines, Line{})
			b.put(o, "", "")
			detects = append(detects, o)
		} else {
			judges = append(judges, o)
		}
	}
	recoveries := newJudgements(judges)
	for _, g := range groups(detects) {
		for n, e := range episodes(g, detect(g, b.in.Live, b.in.Now), b.clock) {
			d := draft{Incident: newIncident(e, b.in, b.clock, recoveries, n == 0)}
			for _, o := range e.obs {
				b.put(o, d.ID, d.Fingerprint)
			}
			d.refuted = refutation(&d.Incident, recoveries)
			d.weighed = weighTerms(&d.Incident, recoveries, b.in)
			b.drafts = append(b.drafts, d)
		}
	}
}

// put notes what a line is evidence of.
func (b *builder) put(o *observation, id, fingerprint string) {
	p := Place{id, fingerprint, o.cluster, o.hostOr()}
	if b.places[p] == nil {
		b.places[p] = &p
	}
	b.lines[o.index] = Line{*o.Match, b.places[p]}
}

func compare(a, b Incident) int {
	if a.State != b.State {
		return strings.Compare(string(a.State), string(b.State)) // active < resolved
	}
	if c := a.Signature.Severity.Rank() - b.Signature.Severity.Rank(); c != 0 {
		return c
	}
	if c := b.Start.Compare(a.Start); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

func newIncident(e episode, in Input, clock quietClock, recoveries judgements, first bool) Incident {
	start, last := e.obs[0].Time, e.obs[len(e.obs)-1].Time
	inc := Incident{
		Fingerprint: e.fingerprint, Signature: e.sig, Cluster: e.cluster, Key: e.key,
		Start: start, Last: last, Count: len(e.obs), StartKnown: true, Verdict: Confirmed,
	}
	unit := clock.unit(e.obs[0].of)
	from, ok := in.ReadFrom[e.obs[0].Term.Source]
	if !unit.ReadFrom.IsZero() {
		from, ok = unit.ReadFrom, true
	}
	if first && ok && unit.Live.Within(from, start) <= clock.quiet(e.group, unit) {
		inc.StartKnown = false
	}
	inc.ID = fmt.Sprintf("%s-%d", e.fingerprint, start.UnixMilli())
	if !inc.StartKnown {
		inc.ID = e.fingerprint + "~"
	}
	inc.Evidence = evidence(e.obs)
	inc.Captures = captures(e.obs)
	inc.Why = append(inc.Why, Why{Rule: RuleDetect, Detail: e.obs[0].Term.Name, Time: start, Line: e.obs[0].Line})
	if inc.Unclear = !slices.ContainsFunc(e.obs, func(o *observation) bool { return o.of.Stance != event.Unclear }); inc.Unclear {
		inc.Verdict = Suspected
		inc.Why = append(inc.Why, Why{Rule: RuleUnclear, Time: start, Line: e.obs[0].Line})
	}
	inc.Hosts = hosts(e, recoveries)
	inc.close(e, in.Now, clock, recoveries)
	return inc
}

// evidence keeps the first and the last lines.
func evidence(obs []*observation) []match.Match {
	var out []match.Match
	for i := range obs {
		if i < EvidenceLines || i >= len(obs)-EvidenceLines {
			m := *obs[i].Match
			m.Kind = obs[i].kind()
			out = append(out, m)
		}
	}
	return out
}

// captures takes every value from the latest line that has it.
func captures(obs []*observation) map[string]string {
	out := map[string]string{}
	seen := map[*subject]bool{}
	for i := len(obs) - 1; i >= 0; i-- {
		if seen[obs[i].subject] {
			continue
		}
		seen[obs[i].subject] = true
		for name, v := range obs[i].Captures {
			if out[name] == "" {
				out[name] = v
			}
		}
	}
	return out
}
