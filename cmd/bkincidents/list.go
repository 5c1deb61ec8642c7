package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/blueking/incidents/cmd/bkincidents/internal/report"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

func listCommand() command {
	return command{
		name: "list", args: "[--format json] [--lang zh|en]", short: "the signatures of the catalogue",
		long: `
Lists the built-in signatures, worst severity first. REACHES says where the text of a failure appears: in the output of
nodeman's workers, in nodeman's execution log, in a file on the host, or in the output of another pod. SEEN says whether
the default selectors, or those given with --selector, can ever show it.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var lang langFlag
			var selectors selectorFlag
			var format string
			flags.StringVar(&format, "format", "table", "`format` of the output: table or json")
			flags.Var(&lang, "lang", "`language` of the titles: zh or en (default: that of LANG)")
			flags.Var(&selectors, "selector", "`SOURCE=SELECTOR` that is collected, as for query; decides what SEEN says")
			return func(_ context.Context, c console, args []string) error {
				if len(args) > 0 {
					return usagef("it takes no arguments; `show ID` shows one signature")
				}
				set, err := shipped()
				if err != nil {
					return err
				}
				if err := selectors.check(set); err != nil {
					return err
				}
				if format != "table" && format != "json" {
					return usagef("unknown format %q: use table or json", format)
				}
				all := slices.Clone(set.All())
				slices.SortStableFunc(all, func(a, b *signature.Signature) int { return a.Severity.Rank() - b.Severity.Rank() })
				if format == "json" {
					return listJSON(c, all, selectors, lang.or(c))
				}
				w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tSEVERITY\tCLASS\tSTATUS\tSOURCES\tREACHES\tSEEN\tTITLE")
				for _, sig := range all {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", sig.ID, sig.Severity, sig.Class, sig.Status, joined(sig.Sources()), joined(sig.Reaches), seen(selectors, sig), plain(sig.Title, lang.or(c)))
				}
				return w.Flush()
			}
		},
	}
}

// listed is a signature for scripts.
type listed struct {
	ID       string             `json:"id"`
	Severity string             `json:"severity"`
	Class    string             `json:"class"`
	Status   string             `json:"status"`
	Family   string             `json:"family"`
	Sources  []signature.Source `json:"sources"`
	Reaches  []signature.Reach  `json:"reaches"`
	Seen     bool               `json:"seen"`
	Title    string             `json:"title"`
}

func listJSON(c console, all []*signature.Signature, selectors selectorFlag, lang signature.Lang) error {
	out := make([]listed, len(all))
	for i, sig := range all {
		out[i] = listed{
			ID: sig.ID, Severity: string(sig.Severity), Class: string(sig.Class), Status: string(sig.Status), Family: sig.Family,
			Sources: sig.Sources(), Reaches: sig.Reaches, Seen: scan.Sees(selectors.all(), sig), Title: plain(sig.Title, lang),
		}
	}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func seen(given selectorFlag, sig *signature.Signature) string {
	if scan.Sees(given.all(), sig) {
		return "yes"
	}
	return "no"
}

func joined[T ~string](values []T) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, ",")
}

// plain writes a text of the catalogue with <name> for the values of an incident.
func plain(t signature.Text, lang signature.Lang) string {
	return t.In(lang).Placeholders()
}

func showCommand() command {
	return command{
		name: "show", args: "[--lang zh|en] ID", short: "one signature: what it means, how it is found, what to do",
		long: "Shows one built-in signature. Values that come from log lines are written <name>.",
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var lang langFlag
			var version string
			flags.Var(&lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
			flags.StringVar(&version, "bk-version", defaults.BlueKingVersion, "BlueKing `version` whose steps and documents are shown: 7.0, 7.1, 7.2 or 7.3")
			return func(_ context.Context, c console, args []string) error {
				if len(args) != 1 {
					return usagef("name one signature; `list` lists them")
				}
				set, err := shipped()
				if err != nil {
					return err
				}
				sig, ok := set.Get(args[0])
				if !ok {
					return usagef("there is no signature %q; `list` lists them", args[0])
				}
				show(c, sig, lang.or(c), version)
				return nil
			}
		},
	}
}

func show(c console, sig *signature.Signature, lang signature.Lang, version string) {
	line := func(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }
	word := func(zh, en string) string {
		if lang == signature.ZH {
			return zh
		}
		return en
	}
	line("%s  %s", sig.ID, plain(sig.Title, lang))
	line("%s · %s · %s · %s · revision %d", sig.Severity, sig.Class, sig.Family, sig.Status, sig.Revision)
	for _, t := range []signature.Text{sig.Summary, sig.Impact} {
		if !t.Empty() {
			line("\n%s", plain(t, lang))
		}
	}
	line("\n%s", word("如何识别", "How it is found"))
	line("  key      %s", strings.Join(sig.Key, ", "))
	line("  detect   %s", detection(sig.Detect))
	for _, cause := range sig.Cause {
		line("  cause    %s within %s (join %s)", cause.Signature, cause.Within, strings.Join(cause.Join, ", "))
	}
	for _, r := range sig.Refute {
		line("  refuted  by %s", r.Term)
	}
	for _, r := range sig.Resolve.On {
		line("  resolved by %s (join %s)", r.Term, strings.Join(r.Join, ", "))
	}
	line("  quiet    %s", sig.Resolve.Quiet)
	for _, name := range match.TermNames(sig) {
		term := sig.Terms[name]
		line("  term %s: %s, %s", name, term.Source, strings.Join(term.Levels, " "))
		for _, alt := range term.AnyOf {
			line("    %s", alt.String())
		}
		for _, x := range term.Context {
			line("    %s %s: %s", x.Role, x.At, x.String())
		}
	}
	line("\n%s", word("处置步骤", "What to do"))
	for i, s := range report.Steps(incident.Steps(sig, nil, incident.Rendering{Lang: lang, Version: version})) {
		line("  %d. [%s · %s] %s", i+1, s.Risk, s.RunOn, s.Text)
		if s.Command != "" {
			line("     $ %s", s.Command)
		}
		if s.Verify != "" {
			line("     %s%s", word("验证：", "Verify: "), s.Verify)
		}
		if s.Link != "" {
			line("     %s", s.Link)
		}
	}
	line("\n%s", word("文档", "Documents"))
	for _, r := range sig.References {
		line("  %s  %s", plain(r.Title, lang), incident.ReferenceURL(r, version))
	}
}

func detection(d signature.Detect) string {
	within := ""
	if d.Within > 0 {
		within = " within " + d.Within.String()
	}
	switch {
	case d.Term != "" && d.Distinct != "":
		return fmt.Sprintf("%d different %s of %s%s", d.AtLeast, d.Distinct, d.Term, within)
	case d.Term != "":
		return fmt.Sprintf("%s, at least %d%s", d.Term, d.AtLeast, within)
	case len(d.Sequence) > 0:
		return strings.Join(d.Sequence, " then ") + within
	case len(d.All) > 0:
		return strings.Join(d.All, " and ") + within
	}
	return fmt.Sprintf("no %s after %s%s", d.Absent, d.After, within)
}
