package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

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
			format := formats(flags, "table", "json")
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
				all := slices.Clone(set.All())
				slices.SortStableFunc(all, func(a, b *signature.Signature) int { return a.Severity.Rank() - b.Severity.Rank() })
				if format.json() {
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
		out[i] = listing(sig, selectors, lang)
	}
	return c.writeJSON(out)
}

func listing(sig *signature.Signature, selectors selectorFlag, lang signature.Lang) listed {
	return listed{
		ID: sig.ID, Severity: string(sig.Severity), Class: string(sig.Class), Status: string(sig.Status), Family: sig.Family,
		Sources: sig.Sources(), Reaches: sig.Reaches, Seen: scan.Sees(selectors.all(), sig), Title: plain(sig.Title, lang),
	}
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
