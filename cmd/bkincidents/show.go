package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
)

func showCommand() command {
	return command{
		name: "show", args: "[--format json] [--lang zh|en] ID", short: "one signature: what it means, how it is found, what to do",
		long: "Shows one built-in signature. Values that come from log lines are written <name>.",
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var lang langFlag
			var version string
			format := formats(flags, "text", "json")
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
				if err := knownVersion(version); err != nil {
					return err
				}
				x := showing(sig, lang.or(c), version)
				if format.json() {
					return c.writeJSON(x)
				}
				x.print(c, lang.or(c))
				return nil
			}
		},
	}
}

// shown is a signature with all that it says.
type shown struct {
	listed
	Revision int           `json:"revision"`
	Summary  string        `json:"summary"`
	Impact   string        `json:"impact,omitempty"`
	Key      []string      `json:"key"`
	Detect   string        `json:"detect"`
	Causes   []joinedTo    `json:"causes"`
	Refuted  []string      `json:"refutedBy"`
	Resolved []joinedTo    `json:"resolvedBy"`
	Quiet    string        `json:"quiet"`
	Terms    []shownTerm   `json:"terms"`
	Steps    []report.Step `json:"steps"`
	Links    []shownLink   `json:"documents"`
}

// joinedTo is another signature, or a term, that belongs to an incident by some of its key.
type joinedTo struct {
	Name   string   `json:"name"`
	Within string   `json:"within,omitempty"`
	Join   []string `json:"join"`
}

type shownTerm struct {
	Name     string           `json:"name"`
	Source   signature.Source `json:"source"`
	Levels   []string         `json:"levels"`
	Wordings []string         `json:"wordings"`
	Context  []string         `json:"context"`
}

type shownLink struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// showing gathers what a signature says, in a language and for a version of BlueKing.
func showing(sig *signature.Signature, lang signature.Lang, version string) shown {
	out := shown{
		listed: listing(sig, nil, lang), Revision: sig.Revision, Summary: plain(sig.Summary, lang), Impact: plain(sig.Impact, lang),
		Key: sig.Key, Detect: detection(sig.Detect), Quiet: sig.Resolve.Quiet.String(),
		Causes: []joinedTo{}, Refuted: []string{}, Resolved: []joinedTo{}, Terms: []shownTerm{}, Links: []shownLink{},
		Steps: report.Steps(incident.Steps(sig, nil, incident.Rendering{Lang: lang, Version: version})),
	}
	for _, cause := range sig.Cause {
		out.Causes = append(out.Causes, joinedTo{cause.Signature, cause.Within.String(), cause.Join})
	}
	for _, r := range sig.Refute {
		out.Refuted = append(out.Refuted, r.Term)
	}
	for _, r := range sig.Resolve.On {
		out.Resolved = append(out.Resolved, joinedTo{Name: r.Term, Join: r.Join})
	}
	for _, name := range match.TermNames(sig) {
		term := sig.Terms[name]
		t := shownTerm{Name: name, Source: term.Source, Levels: term.Levels, Wordings: []string{}, Context: []string{}}
		for _, alt := range term.AnyOf {
			t.Wordings = append(t.Wordings, alt.String())
		}
		for _, x := range term.Context {
			t.Context = append(t.Context, fmt.Sprintf("%s %s: %s", x.Role, x.At, x.String()))
		}
		out.Terms = append(out.Terms, t)
	}
	for _, r := range sig.References {
		out.Links = append(out.Links, shownLink{plain(r.Title, lang), incident.ReferenceURL(r, version)})
	}
	return out
}

// print tells people what a signature says.
func (x shown) print(c console, lang signature.Lang) {
	line := func(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }
	word := func(zh, en string) string {
		if lang == signature.ZH {
			return zh
		}
		return en
	}
	line("%s  %s", x.ID, x.Title)
	line("%s · %s · %s · %s · revision %d", x.Severity, x.Class, x.Family, x.Status, x.Revision)
	for _, text := range []string{x.Summary, x.Impact} {
		if text != "" {
			line("\n%s", text)
		}
	}
	line("\n%s", word("如何识别", "How it is found"))
	line("  key      %s", strings.Join(x.Key, ", "))
	line("  detect   %s", x.Detect)
	for _, cause := range x.Causes {
		line("  cause    %s within %s (join %s)", cause.Name, cause.Within, strings.Join(cause.Join, ", "))
	}
	for _, term := range x.Refuted {
		line("  refuted  by %s", term)
	}
	for _, r := range x.Resolved {
		line("  resolved by %s (join %s)", r.Name, strings.Join(r.Join, ", "))
	}
	line("  quiet    %s", x.Quiet)
	for _, t := range x.Terms {
		line("  term %s: %s, %s", t.Name, t.Source, strings.Join(t.Levels, " "))
		for _, text := range append(slices.Clone(t.Wordings), t.Context...) {
			line("    %s", text)
		}
	}
	line("\n%s", word("处置步骤", "What to do"))
	for i, s := range x.Steps {
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
	for _, l := range x.Links {
		line("  %s  %s", l.Title, l.URL)
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
