package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
)

// explanation is how a line is judged, from its carriers to the terms.
type explanation struct {
	Events  []explainedEvent  `json:"events"`
	Filters []explainedFilter `json:"filters"`
	// Matches are the terms that match; Matched tells that one of them is a failure.
	Matches []explainedMatch `json:"matches"`
	Matched bool             `json:"matched"`
	// Nearest are the terms that nearly match, where no failure does.
	Nearest []nearTerm `json:"nearest"`
}

type explainedEvent struct {
	Envelopes []string          `json:"envelopes"`
	Head      string            `json:"head"`
	Level     string            `json:"level"`
	Stance    string            `json:"stance"`
	Why       string            `json:"why"`
	Attrs     map[string]string `json:"attributes"`
	Message   string            `json:"message"`
	Forms     []readForm        `json:"forms"`
}

// readForm is what a form made of a message.
type readForm struct {
	Form   string  `json:"form"`
	Fields []field `json:"fields"`
}

type field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// explainedFilter is a filter of Loki's and what lets the line pass: "" is nothing.
type explainedFilter struct {
	Literals int    `json:"literals"`
	Passes   string `json:"passes"`
}

type explainedMatch struct {
	Signature string `json:"signature"`
	Term      string `json:"term"`
	// Role is what the line does: it detects, judges, or is a neighbour of a failure, At its place and with an Effect.
	Role    string `json:"role"`
	At      string `json:"at,omitempty"`
	Effect  string `json:"effect,omitempty"`
	Wording string `json:"wording"`
	// Continues: the line continues the one before it, or stands alone.
	Continues bool           `json:"continues"`
	Captures  []explainedVar `json:"captures"`
}

type explainedVar struct {
	field
	Type  signature.VarType `json:"type"`
	Valid bool              `json:"valid"`
}

type nearTerm struct {
	Signature string `json:"signature"`
	Term      string `json:"term"`
	Why       string `json:"why"`
}

// maxNearest is how many terms are named that nearly match.
const maxNearest = 5

func explain(set *signature.Set, source signature.Source, line string, lang signature.Lang) explanation {
	out := explanation{Events: []explainedEvent{}, Filters: []explainedFilter{}, Matches: []explainedMatch{}, Nearest: []nearTerm{}}
	for _, e := range event.Read(line) {
		out.Events = append(out.Events, explainEvent(set.Forms(), &e))
	}
	matcher := match.New(set)
	for _, literals := range pushdown.Filters(matcher.Literals(source)) {
		f := explainedFilter{Literals: len(literals)}
		if i := slices.IndexFunc(literals, func(l string) bool { return strings.Contains(line, l) }); i >= 0 {
			f.Passes = literals[i]
		}
		if out.Filters = append(out.Filters, f); f.Passes == "" {
			break // Loki tries no further one
		}
	}
	for _, hit := range matcher.Line(source, line) {
		m := explainHit(hit)
		out.Matches = append(out.Matches, m)
		out.Matched = out.Matched || m.Role == detects
	}
	if out.Matched {
		return out
	}
	near := matcher.Nearest(source, line)
	for _, n := range near[:min(len(near), maxNearest)] {
		out.Nearest = append(out.Nearest, nearTerm{n.Signature.ID, n.Term.Name, n.Message(lang)})
	}
	return out
}

func explainEvent(forms *form.Library, e *event.Event) explainedEvent {
	out := explainedEvent{
		Envelopes: append([]string{}, e.Envelopes...), Head: e.Head, Level: string(e.Level), Stance: string(e.Stance), Why: string(e.Why),
		Attrs: map[string]string{}, Message: e.Text, Forms: []readForm{},
	}
	for _, name := range event.AttrNames() {
		if v := e.Attrs.Get(name); v != "" {
			out.Attrs[name] = v
		}
	}
	if forms == nil {
		return out
	}
	reader := forms.NewReader(e.Text)
	reader.Garbled = e.Garbled
	for _, f := range forms.Forms() {
		if f.Broad() {
			continue
		}
		for _, r := range reader.Of(f) {
			read := readForm{Form: f.Name, Fields: []field{}}
			r.Each(func(name, value string) { read.Fields = append(read.Fields, field{name, value}) })
			out.Forms = append(out.Forms, read)
		}
	}
	return out
}

// What a line of a term does.
const (
	detects   = "detects"
	judges    = "judges" // it recovers, refutes, weighs or must follow
	neighbour = "neighbour"
)

func explainHit(hit match.Hit) explainedMatch {
	out := explainedMatch{Signature: hit.Signature.ID, Term: hit.Term.Name, Role: judges, Captures: []explainedVar{}}
	if hit.Role == match.Neighbour {
		x := hit.Term.Context[hit.Alternative]
		out.Role, out.At, out.Effect, out.Wording = neighbour, x.At, string(x.Role), x.String()
		return out
	}
	if hit.Fails() {
		out.Role = detects
	}
	alt := hit.Term.AnyOf[hit.Alternative]
	out.Wording, out.Continues = alt.String(), alt.Continues
	for _, name := range slices.Sorted(maps.Keys(hit.Captures)) {
		t, v := hit.Term.Vars[name], hit.Captures[name]
		out.Captures = append(out.Captures, explainedVar{field{name, v}, t, signature.Valid(t, v)})
	}
	return out
}
