package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

func explainCommand() command {
	return command{
		name: "explain", args: "--source S [--format json] LINE", short: "why a line matches or not, term by term",
		long: `
Takes the carriers off one line and shows what is left: the message, the forms that read it with their fields, the terms
that match with their captures, or else the terms that come nearest and what keeps them from matching. Exit status: 0 when
a signature's failure matches, 1 when none does.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var source sourceFlag
			var further custom
			format := formats(flags, "text", "json")
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
				x := explain(set, signature.Source(source), strings.Join(args, " "))
				if format.json() {
					err = c.writeJSON(x)
				} else {
					x.print(c)
				}
				if err == nil && !x.Matched {
					return errProblems
				}
				return err
			}
		},
	}
}

// print tells people how a line is judged.
func (x explanation) print(c console) {
	for i, e := range x.Events {
		if len(x.Events) > 1 {
			fmt.Fprintf(c.out, "event %d of %d\n", i+1, len(x.Events))
		}
		e.print(c)
	}
	if len(x.Filters) == 0 {
		fmt.Fprintf(c.out, "  filter      none: Loki hands over every line of this source\n")
	}
	for _, f := range x.Filters {
		if f.Passes == "" {
			fmt.Fprintf(c.out, "  filter      does not pass: it has none of the %d literals that Loki is asked for\n", f.Literals)
			continue
		}
		fmt.Fprintf(c.out, "  filter      passes with %q, one of the %d literals that Loki is asked for\n", f.Passes, f.Literals)
	}
	if len(x.Events) == 0 {
		fmt.Fprintln(c.out, "the line is empty")
	}
	for _, m := range x.Matches {
		m.print(c)
	}
	switch {
	case x.Matched:
	case len(x.Nearest) == 0:
		fmt.Fprintln(c.out, "\nNo signature matches, and none comes near.")
	default:
		fmt.Fprintln(c.out, "\nNo signature matches; nearest:")
		for _, n := range x.Nearest {
			fmt.Fprintf(c.out, "  %s/%s: %s\n", n.Signature, n.Term, n.Why)
		}
	}
}

func (e explainedEvent) print(c console) {
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(c.out, "  %-11s %s\n", name, value)
		}
	}
	because := ""
	if e.Why != "" {
		because = ": " + e.Why
	}
	row("envelopes", cmp.Or(strings.Join(e.Envelopes, " > "), "none"))
	row("head", e.Head)
	row("level", cmp.Or(e.Level, "not stated, so every term's level counts"))
	row("stance", e.Stance+because)
	for _, name := range event.AttrNames() {
		row(name, e.Attrs[name])
	}
	row("message", fmt.Sprintf("%q", e.Message))
	for _, f := range e.Forms {
		fmt.Fprintf(c.out, "  form        %s", f.Form)
		for _, field := range f.Fields {
			fmt.Fprintf(c.out, " %s=%q", field.Name, field.Value)
		}
		fmt.Fprintln(c.out)
	}
}

func (m explainedMatch) print(c console) {
	verdict := "YES"
	switch m.Role {
	case neighbour:
		fmt.Fprintf(c.out, "\n%s/%s: a line %s the failure, which it %s\n", m.Signature, m.Term, m.At, helps(m.Effect))
		return
	case judges:
		verdict = "yes, but the term only judges: it recovers, refutes, weighs or must follow"
	}
	fmt.Fprintf(c.out, "\n%s/%s: %s\n    is %s\n", m.Signature, m.Term, verdict, m.Wording)
	if m.Continues {
		fmt.Fprintln(c.out, "    as a line that continues the one before it, or alone")
	}
	for _, v := range m.Captures {
		valid := string(v.Type)
		if !v.Valid {
			valid = "not a valid " + valid + ", kept out of commands"
		}
		fmt.Fprintf(c.out, "    %s = %q (%s)\n", v.Name, v.Value, valid)
	}
}

// helps says what a context line does for a failure beside it.
func helps(effect string) string {
	switch signature.ContextRole(effect) {
	case signature.Requires:
		return "confirms"
	case signature.Excludes:
		return "excludes"
	}
	return "adds captures to"
}
