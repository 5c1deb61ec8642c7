package main

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/form"
	"github.com/blueking/incidents/pkg/signature"
)

func newCommand() command {
	return command{
		name: "new", args: "[--source S] [--line LINE] ID", short: "a skeleton of a signature, for a line or for any",
		long: `
Writes the skeleton of a signature to standard output. With --line its term reads that line: by the form and the fields
that the line has, or by its text. What it means and what to do is for you to write; then run lint, test and backtest.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			source := sourceFlag(signature.Nodeman)
			line := flags.String("line", "", "a `line` of the failure, as it stands in the log")
			flags.Var(&source, "source", "`source` of the line: nodeman, agent or bk-job-gateway")
			return func(_ context.Context, c console, args []string) error {
				if len(args) != 1 {
					return usagef("name the new signature: letters, digits and dashes, such as disk-full")
				}
				lib, err := signature.Shipped()
				if err != nil {
					return err
				}
				sample := *line
				if sample == "" {
					sample = "2024-10-22 17:01:02 ERROR the text of the failure"
				}
				fmt.Fprintf(c.out, skeleton, args[0], source, what(lib.Forms, sample), quoted(sample))
				return nil
			}
		},
	}
}

// what is the term of a line in YAML: a form with its fields, or a text.
func what(lib *form.Library, line string) string {
	events := event.Read(line)
	if len(events) == 0 {
		return "text: ''"
	}
	reader := lib.NewReader(events[0].Text)
	for _, f := range lib.Forms() {
		for _, r := range reader.Of(f) {
			if f.Broad() || r.Outer == nil && f.Wraps() {
				continue
			}
			var where []string
			r.Each(func(name, value string) { where = append(where, fmt.Sprintf("%s: %s", name, quoted(value))) })
			return fmt.Sprintf("form: %s\n    where: {%s} # keep what makes the failure", f.Name, strings.Join(where, ", "))
		}
	}
	text, _, _ := strings.Cut(events[0].Text, "\n")
	return "text: " + quoted(regexp.QuoteMeta(text))
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

const skeleton = `apiVersion: bkincidents/v1
id: %s
revision: 1
status: draft
severity: medium
class: unknown
title: {zh: 待命名, en: To be named}
summary: {zh: 请写明原因。, en: Say what causes it.}
terms:
  failed:
    source: %s
    %s
detect: {term: failed}
key: [cluster, host]
resolve: {quiet: 1h}
remediation:
  - id: look
    run_on: {zh: 目的主机, en: target host}
    risk: read-only
    text: {zh: 请写明第一步查什么。, en: Say what to look at first.}
tests:
  - name: as it was seen
    lines: [%s]
  - name: what comes closest and is another thing
    lines: ['a question about the failure?']
    expect: {incidents: 0}
`
