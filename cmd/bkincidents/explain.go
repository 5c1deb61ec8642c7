package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
)

func explainCommand() command {
	return command{
		name: "explain", args: "--source S LINE", short: "why a line matches or not, term by term",
		long: `
Takes the carriers off one line and shows what is left: the message, the forms that read it with their fields, the terms
that match with their captures, or else the terms that come nearest and what keeps them from matching. Exit status: 0 when
a signature's failure matches, 1 when none does.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var source sourceFlag
			var further custom
			further.declare(flags)
			flags.Var(&source, "source", "`source` of the line: nodeman, agent or bk-job-gateway")
			return func(_ context.Context, c console, args []string) error {
				if source == "" {
					return usagef("--source is missing")
				}
				if len(args) == 0 {
					return usagef("give the line as an argument, in quotes")
				}
				set, err := further.set()
				if err != nil {
					return err
				}
				if err := knownSource(signature.Source(source), set); err != nil {
					return usagef("--source: %v", err)
				}
				if !explain(c, set, signature.Source(source), strings.Join(args, " ")) {
					return errProblems
				}
				return nil
			}
		},
	}
}

// explain prints how a line is judged and reports whether any failure matches.
func explain(c console, set *signature.Set, source signature.Source, line string) bool {
	events := event.Read(line)
	for i := range events {
		explainEvent(c, i, len(events), &events[i])
		explainForms(c, set.Forms(), &events[i])
	}
	matcher := match.New(set)
	explainFilters(c, pushdown.Filters(matcher.Literals(source)), line)
	if len(events) == 0 {
		fmt.Fprintln(c.out, "the line is empty")
	}
	matched := false
	for _, hit := range matcher.Line(source, line) {
		if hit.Role == match.Neighbour {
			x := hit.Term.Context[hit.Alternative]
			fmt.Fprintf(c.out, "\n%s/%s: a line %s the failure, which it %s\n", hit.Signature.ID, hit.Term.Name, x.At, helps(x.Role))
			continue
		}
		detects := hit.Role == match.Detects && hit.Term.Name != hit.Signature.Detect.Absent
		matched = matched || detects
		explainHit(c, hit, detects)
	}
	if matched {
		return true
	}
	near := matcher.Nearest(source, line)
	if len(near) == 0 {
		fmt.Fprintln(c.out, "\nNo signature matches, and none comes near.")
		return false
	}
	fmt.Fprintln(c.out, "\nNo signature matches; nearest:")
	for _, n := range near[:min(len(near), maxNearest)] {
		fmt.Fprintf(c.out, "  %s/%s: %s\n", n.Signature.ID, n.Term.Name, n.Why)
	}
	return false
}

// maxNearest is how many terms are named that nearly match.
const maxNearest = 5

// helps says what a context line does for a failure beside it.
func helps(role signature.ContextRole) string {
	switch role {
	case signature.Requires:
		return "confirms"
	case signature.Excludes:
		return "excludes"
	}
	return "adds captures to"
}

func explainHit(c console, hit match.Hit, detects bool) {
	verdict := "YES"
	if !detects {
		verdict = "yes, but the term only judges: it recovers, refutes, weighs or must follow"
	}
	alt := hit.Term.AnyOf[hit.Alternative]
	fmt.Fprintf(c.out, "\n%s/%s: %s\n    is %s\n", hit.Signature.ID, hit.Term.Name, verdict, alt.String())
	if alt.Continues {
		fmt.Fprintln(c.out, "    as a line that continues the one before it, or alone")
	}
	for _, name := range slices.Sorted(maps.Keys(hit.Captures)) {
		v := hit.Captures[name]
		fmt.Fprintf(c.out, "    %s = %q (%s)\n", name, v, validity(hit.Term.Vars[name], v))
	}
}

// explainForms prints what the forms made of a message.
func explainForms(c console, forms *form.Library, e *event.Event) {
	if forms == nil {
		return
	}
	reader := forms.NewReader(e.Text)
	reader.Garbled = e.Garbled
	for _, f := range forms.Forms() {
		for _, r := range reader.Of(f) {
			if f.Broad() {
				continue
			}
			fmt.Fprintf(c.out, "  form        %s", f.Name)
			r.Each(func(name, value string) { fmt.Fprintf(c.out, " %s=%q", name, value) })
			fmt.Fprintln(c.out)
		}
	}
}

func explainEvent(c console, i, n int, e *event.Event) {
	if n > 1 {
		fmt.Fprintf(c.out, "event %d of %d\n", i+1, n)
	}
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(c.out, "  %-11s %s\n", name, value)
		}
	}
	row("envelopes", cmp.Or(strings.Join(e.Envelopes, " > "), "none"))
	row("head", e.Head)
	row("level", cmp.Or(string(e.Level), "not stated, so every term's level counts"))
	row("stance", string(e.Stance)+because(string(e.Why)))
	for _, name := range event.AttrNames() {
		row(name, e.Attrs.Get(name))
	}
	row("message", fmt.Sprintf("%q", e.Text))
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// explainFilters reports whether Loki would hand the line over, and what it is asked for.
func explainFilters(c console, filters []logs.Filter, line string) {
	if len(filters) == 0 {
		fmt.Fprintf(c.out, "  filter      none: Loki hands over every line of this source\n")
	}
	for _, literals := range filters {
		found := slices.IndexFunc(literals, func(l string) bool { return strings.Contains(line, l) })
		if found < 0 {
			fmt.Fprintf(c.out, "  filter      does not pass: it has none of the %d literals that Loki is asked for\n", len(literals))
			return // Loki tries no further one
		}
		fmt.Fprintf(c.out, "  filter      passes with %q, one of the %d literals that Loki is asked for\n", literals[found], len(literals))
	}
}

func validity(t signature.VarType, v string) string {
	if signature.Valid(t, v) {
		return string(t)
	}
	return "not a valid " + string(t) + ", kept out of commands"
}
