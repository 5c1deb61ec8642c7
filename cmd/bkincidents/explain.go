package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/pushdown"
	"github.com/blueking/incidents/pkg/signature"
)

func explainCommand() command {
	return command{
		name: "explain", args: "--source S LINE", short: "why a line matches or not, term by term",
		long: `
Takes the carriers off one line and tries every term of its source on the message: which literal is looked for and is
(not) in the line, whether the level counts, where the regex stops, what excludes it. Exit status: 0 when a signature's
failure matches, 1 when none does.`,
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
				if !explain(c, set, signature.Source(source), strings.Join(args, " ")) {
					return errProblems
				}
				return nil
			}
		},
	}
}

// explain prints how a line is judged and tells whether any failure matches.
func explain(c console, set *signature.Set, source signature.Source, line string) bool {
	messages := match.Unwrap(line)
	for i, m := range messages {
		explainMessage(c, i, len(messages), m)
	}
	explainFilters(c, pushdown.Filters(match.New(set).Literals(source)), line)
	if len(messages) == 0 {
		fmt.Fprintln(c.out, "the line is empty")
	}
	matched := false
	var elsewhere []string
	for _, sig := range set.All() {
		for _, name := range match.TermNames(sig) {
			term := sig.Terms[name]
			if term.Source != source {
				continue
			}
			t := tryTerm(sig, term, line, messages)
			if t.literal == "" {
				elsewhere = append(elsewhere, sig.ID+"/"+name)
				continue
			}
			t.print(c)
			matched = matched || t.matched && slices.Contains(sig.Detect.TermNames(), name) && name != sig.Detect.Absent
		}
	}
	if len(elsewhere) > 0 {
		fmt.Fprintf(c.out, "\nnone of their literals is in the line: %s\n", strings.Join(elsewhere, ", "))
	}
	return matched
}

func explainMessage(c console, i, n int, m match.Message) {
	if n > 1 {
		fmt.Fprintf(c.out, "message %d of %d\n", i+1, n)
	}
	carriers := "none"
	if len(m.Carrier) > 0 {
		carriers = strings.Join(m.Carrier, " > ")
	}
	level := string(m.Level)
	if level == "" {
		level = "not stated, so every term's level counts"
	}
	fmt.Fprintf(c.out, "  carriers  %s\n  level     %s\n", carriers, level)
	for _, name := range signature.CarrierVars() {
		if v := m.Attrs.Get(name); v != "" {
			fmt.Fprintf(c.out, "  %-9s %s\n", name, v)
		}
	}
	fmt.Fprintf(c.out, "  message   %q\n", m.Text)
}

// explainFilters tells whether Loki would hand the line over, and what it is asked for.
func explainFilters(c console, filters []logs.Filter, line string) {
	if len(filters) == 0 {
		fmt.Fprintf(c.out, "  filter    none: Loki hands over every line of this source\n")
	}
	for _, literals := range filters {
		found := slices.IndexFunc(literals, func(l string) bool { return strings.Contains(line, l) })
		if found < 0 {
			fmt.Fprintf(c.out, "  filter    does not pass: it has none of the %d literals that Loki is asked for\n", len(literals))
			return // Loki tries no further one
		}
		fmt.Fprintf(c.out, "  filter    passes with %q, one of the %d literals that Loki is asked for\n", literals[found], len(literals))
	}
}

// trial is what one term makes of a line.
type trial struct {
	sig  *signature.Signature
	term *signature.Term
	// literal is one that the term looks for and that is in the line.
	literal string
	matched bool
	notes   []string
}

func tryTerm(sig *signature.Signature, term *signature.Term, line string, messages []match.Message) trial {
	t := trial{sig: sig, term: term}
	var absent []string
	for i, alt := range term.AnyOf {
		literal := foundLiteral(line, alt.Witness)
		if literal == "" {
			absent = append(absent, strconv.Itoa(i+1))
			continue
		}
		t.literal = literal
		for _, m := range messages {
			note, ok := tryAlternative(term, alt, m)
			t.matched = t.matched || ok
			if note != "" && !slices.Contains(t.notes, fmt.Sprintf("alternative %d: %s", i+1, note)) {
				t.notes = append(t.notes, fmt.Sprintf("alternative %d: %s", i+1, note))
			}
		}
	}
	if len(absent) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("alternative %s: no, none of the literals is in the line", strings.Join(absent, ", ")))
	}
	for i, x := range term.Context {
		if foundLiteral(line, x.Witness) == "" {
			continue
		}
		for _, m := range messages {
			if x.Regex.MatchString(m.Text) {
				t.literal = foundLiteral(line, x.Witness)
				t.notes = append(t.notes, fmt.Sprintf("context %d: yes, a line %s the failure, which it %s", i+1, x.At, helps(x.Role)))
			}
		}
	}
	return t
}

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

// foundLiteral returns the first raw form of a literal that is in a line.
func foundLiteral(line string, witness []string) string {
	for _, w := range witness {
		for _, form := range signature.RawForms(w) {
			if strings.Contains(line, form) {
				return form
			}
		}
	}
	return ""
}

func tryAlternative(term *signature.Term, alt signature.Alternative, m match.Message) (note string, ok bool) {
	loc := alt.Regex.FindStringSubmatch(m.Text)
	if loc == nil {
		done, next := stops(alt.Regex.String(), m.Text)
		return fmt.Sprintf("no, the regex matches %q and stops before %s", done, next), false
	}
	for _, not := range term.Unless {
		if not.MatchString(m.Text) {
			return "no, excluded by unless: " + not.String(), false
		}
	}
	if m.Level != match.UnknownLevel && !slices.Contains(term.Levels, string(m.Level)) {
		return fmt.Sprintf("no, the regex matches but the level %s does not count (it counts: %s)", m.Level, strings.Join(term.Levels, ", ")), false
	}
	captures := map[string]string{}
	for i, name := range alt.Regex.SubexpNames() {
		if name != "" && loc[i] != "" {
			captures[name] = loc[i]
		}
	}
	note = "yes"
	if alt.Continues {
		note = "yes, as a line that continues the one before it, or alone"
	}
	for _, name := range slices.Sorted(maps.Keys(captures)) {
		note += fmt.Sprintf("\n        %s = %q (%s)", name, captures[name], validity(term.Vars[name], captures[name]))
	}
	return note, true
}

func validity(t signature.VarType, v string) string {
	if signature.Valid(t, v) {
		return string(t)
	}
	return "not a valid " + string(t) + ", kept out of commands"
}

func (t trial) print(c console) {
	verdict := "no"
	switch {
	case t.matched && !slices.Contains(t.sig.Detect.TermNames(), t.term.Name):
		verdict = "yes, but the term only judges: it recovers, refutes or weighs"
	case t.matched && t.term.Name == t.sig.Detect.Absent:
		verdict = "yes, but the term is the one that must follow"
	case t.matched:
		verdict = "YES"
	}
	fmt.Fprintf(c.out, "\n%s/%s: %s\n    literal %q is in the line\n", t.sig.ID, t.term.Name, verdict, t.literal)
	for _, n := range t.notes {
		fmt.Fprintln(c.out, "    "+n)
	}
}
