package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// sourceFlag is a flag of a log source; "" is not given. Whether signatures know the source is checked when they are read.
type sourceFlag signature.Source

// String implements flag.Value.
func (s *sourceFlag) String() string { return string(*s) }

// Set implements flag.Value.
func (s *sourceFlag) Set(text string) error {
	if !source.WellFormed(text) {
		return unknownSource(signature.Source(text), signature.Sources())
	}
	*s = sourceFlag(text)
	return nil
}

// knownSource returns an error for a source that no signature of a set reads and that is none of BlueKing's.
func knownSource(s signature.Source, set *signature.Set) error {
	if known := set.Sources(); !slices.Contains(known, s) {
		return unknownSource(s, known)
	}
	return nil
}

func unknownSource(s signature.Source, known []signature.Source) error {
	names := make([]string, len(known))
	for i, name := range known {
		names[i] = string(name)
	}
	return fmt.Errorf("unknown source %q: use %s, or one that --signatures read", s, strings.Join(names, ", "))
}

// check compares selectors with the signatures of a set: each is for a source that is known, and a source that only
// signatures of the user's name has one, as nothing else says where its lines are.
func (s selectorFlag) check(set *signature.Set) error {
	defined := signature.Sources()
	for _, sel := range s {
		if err := knownSource(sel.Source, set); err != nil {
			return usagef("--selector: %v", err)
		}
		defined = append(defined, sel.Source)
	}
	for _, sig := range set.All() {
		for _, p := range sig.Undefined(defined) {
			return usagef("%s reads the source %q, and nothing says where it is: add --selector '%[2]s={…}'", sig.ID, p.Args[0])
		}
	}
	return nil
}

// unread notes the sources of a set that no file was read as, of those that only the user's signatures name.
func unread(c console, set *signature.Set, read []signature.Source) {
	defined := append(signature.Sources(), read...)
	for _, sig := range set.All() {
		for _, p := range sig.Undefined(defined) {
			c.note("%s reads the source %q, which is none of these files: --source %[2]s says which are", sig.ID, p.Args[0])
		}
	}
}
