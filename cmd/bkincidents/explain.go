package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/signature"
)

func explainCommand() command {
	return command{
		name: "explain", args: "--source S [--format json] LINE", short: "why a line matches or not, term by term",
		long: `
Takes the carriers off one line and shows what is left: the message, the forms that read it with their fields, the terms
that match with their captures, or else the terms that come nearest and what keeps them from matching. With - for the line
it is read from standard input. Exit status: 0 when a signature's failure matches, 1 when none does.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var source sourceFlag
			var further custom
			var lang langFlag
			format := formats(flags, "text", "json")
			further.declare(flags)
			flags.Var(&source, "source", "`source` of the line: nodeman, agent or bk-job-gateway")
			flags.Var(&lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
			return func(_ context.Context, c console, args []string) error {
				c.lang = lang.or(c)
				if source == "" {
					return usagef("--source is missing")
				}
				line, err := lineOf(c.in, args)
				if err != nil {
					return err
				}
				set, err := further.set()
				if err != nil {
					return err
				}
				if err := knownSource(signature.Source(source), set); err != nil {
					return usagef("--source: %v", err)
				}
				x := explain(set, signature.Source(source), line, c.lang)
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

// mostExplained bounds a line that is read from standard input.
const mostExplained = 1 << 20

// lineOf is the line that the arguments give.
func lineOf(in io.Reader, args []string) (string, error) {
	if len(args) == 0 {
		return "", usagef("give the line as an argument, in quotes")
	}
	if len(args) > 1 || args[0] != "-" {
		return strings.Join(args, " "), nil
	}
	text, err := io.ReadAll(io.LimitReader(in, mostExplained+1))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	line := strings.TrimRight(string(text), "\r\n")
	switch {
	case len(text) > mostExplained:
		return "", usagef("standard input has more than %d bytes: give one line", mostExplained)
	case strings.TrimSpace(line) == "":
		return "", usagef("standard input is empty: give a line")
	}
	return line, nil
}

// print tells people how a line is judged.
func (x explanation) print(c console) {
	for i, e := range x.Events {
		if len(x.Events) > 1 {
			fmt.Fprintln(c.out, c.say("event %d of %d", i+1, len(x.Events)))
		}
		e.print(c)
	}
	if len(x.Filters) == 0 {
		c.row("filter", c.say("none: Loki hands over every line of this source"))
	}
	for _, f := range x.Filters {
		if f.Passes == "" {
			c.row("filter", c.say("does not pass: it has none of the %d literals that Loki is asked for", f.Literals))
			continue
		}
		c.row("filter", c.say("passes with %q, one of the %d literals that Loki is asked for", f.Passes, f.Literals))
	}
	if len(x.Events) == 0 {
		fmt.Fprintln(c.out, c.say("the line is empty"))
	}
	for _, m := range x.Matches {
		m.print(c)
	}
	switch {
	case x.Matched:
	case len(x.Nearest) == 0:
		fmt.Fprintf(c.out, "\n%s\n", c.say("No signature matches, and none comes near."))
	default:
		fmt.Fprintf(c.out, "\n%s\n", c.say("No signature matches; nearest:"))
		for _, n := range x.Nearest {
			fmt.Fprintf(c.out, "  %s/%s: %s\n", n.Signature, n.Term, n.Why)
		}
	}
}

func (e explainedEvent) print(c console) {
	because := ""
	if e.Why != "" {
		because = ": " + event.Reason(e.Why).Message(string(c.lang))
	}
	c.row("envelopes", cmp.Or(strings.Join(e.Envelopes, " > "), c.say("none")))
	c.row("head", e.Head)
	c.row("level", cmp.Or(e.Level, c.say("not stated, so every term's level counts")))
	c.row("stance", e.Stance+because)
	for _, name := range event.AttrNames() {
		c.row(name, e.Attrs[name])
	}
	c.row("message", fmt.Sprintf("%q", e.Message))
	for _, f := range e.Forms {
		fmt.Fprintf(c.out, "  form        %s", f.Form)
		for _, field := range f.Fields {
			fmt.Fprintf(c.out, " %s=%q", field.Name, field.Value)
		}
		fmt.Fprintln(c.out)
	}
}

func (m explainedMatch) print(c console) {
	verdict := c.say("YES")
	switch m.Role {
	case neighbour:
		fmt.Fprintf(c.out, "\n%s/%s: %s\n", m.Signature, m.Term, c.neighbour(m.At == "before", signature.ContextRole(m.Effect)))
		return
	case judges:
		verdict = c.say("yes, but the term only judges: it recovers, refutes, weighs or must follow")
	}
	fmt.Fprintf(c.out, "\n%s/%s: %s\n    %s\n", m.Signature, m.Term, verdict, c.say("is %s", m.Wording))
	if m.Continues {
		fmt.Fprintf(c.out, "    %s\n", c.say("as a line that continues the one before it, or alone"))
	}
	for _, v := range m.Captures {
		valid := string(v.Type)
		if !v.Valid {
			valid = c.say("not a valid %s, kept out of commands", valid)
		}
		fmt.Fprintf(c.out, "    %s = %q (%s)\n", v.Name, v.Value, valid)
	}
}

// row is a name, which is the key in JSON, and its value.
func (c console) row(name, value string) {
	if value != "" {
		fmt.Fprintf(c.out, "  %-11s %s\n", name, value)
	}
}

// neighbour says what a context line does for a failure beside it.
func (c console) neighbour(before bool, effect signature.ContextRole) string {
	switch {
	case before && effect == signature.Requires:
		return c.say("a line before the failure, which it confirms")
	case before && effect == signature.Excludes:
		return c.say("a line before the failure, which it excludes")
	case before:
		return c.say("a line before the failure, which it adds captures to")
	case effect == signature.Requires:
		return c.say("a line after the failure, which it confirms")
	case effect == signature.Excludes:
		return c.say("a line after the failure, which it excludes")
	}
	return c.say("a line after the failure, which it adds captures to")
}
