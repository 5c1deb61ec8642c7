package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// formatFlag is the flag of an output's format: one of those that a command writes.
type formatFlag struct {
	is    string
	known []string
}

// formats declares --format with those that a command writes; the first is the default.
func formats(flags *flag.FlagSet, known ...string) *formatFlag {
	f := &formatFlag{is: known[0], known: known}
	flags.Var(f, "format", "`format` of the output: "+strings.Join(known, ", "))
	return f
}

// String implements flag.Value.
func (f *formatFlag) String() string { return f.is }

// Set implements flag.Value.
func (f *formatFlag) Set(text string) error {
	if !slices.Contains(f.known, text) {
		return usagef("unknown format, use %s", strings.Join(f.known, ", "))
	}
	f.is = text
	return nil
}

// json reports whether the output is for programs.
func (f *formatFlag) json() bool { return f.is == "json" }

// writeJSON writes a value for programs.
func (c console) writeJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}
