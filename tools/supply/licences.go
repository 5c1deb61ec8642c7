package supply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ErrLicence means that something the plugin ships has a licence that is unknown or not on the list of allowed ones.
var ErrLicence = errors.New("licences that the plugin may not ship, or nobody has read")

// allowed are the licences that may be combined into an AGPL-3.0-only work. Apache-2.0 and MPL-2.0 are compatible with
// version 3 of the GNU licences.
var allowed = []string{
	"0BSD", "AGPL-3.0-only", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "Python-2.0", "Unlicense", "Zlib",
}

// excused are components that state no licence, and why they may stay.
var excused = map[string]string{
	"npm:get-document": "comes with @grafana/ui, which Grafana provides at run time: it is not in our bundle",
}

// marks are what tells a licence text, in the order in which they are tried: a text that contains all of a row is it.
var marks = []struct {
	licence string
	phrases []string
}{
	{"AGPL-3.0-only", []string{"gnu affero general public license", "version 3"}},
	{"LGPL", []string{"gnu lesser general public license"}},
	{"GPL", []string{"gnu general public license"}},
	{"MPL-2.0", []string{"mozilla public license", "2.0"}},
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"Apache-2.0", []string{"licensed under the apache license, version 2.0"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "may not be used to endorse"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose"}},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose"}},
	{"MIT", []string{"permission is hereby granted, free of charge"}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
	{"Zlib", []string{"this software is provided 'as-is'", "altered source versions must be plainly marked"}},
	{"CC0-1.0", []string{"cc0 1.0 universal"}},
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)

// licenceIn recognises the licence texts of a folder; several are joined by AND. It is "" when there is none, or one
// that is not recognised.
func licenceIn(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	found := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return ""
		}
		licence := recognise(string(text))
		if licence == "" {
			return ""
		}
		found[licence] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), " AND ")
}

// recognise names the licence of a text.
func recognise(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	// Texts of one licence mention others further down, as GNU's do each other: what counts first is how one begins.
	for _, part := range []string{text[:min(len(text), 600)], text} {
		for _, m := range marks {
			if !slices.ContainsFunc(m.phrases, func(p string) bool { return !strings.Contains(part, p) }) {
				return m.licence
			}
		}
	}
	return ""
}

var word = regexp.MustCompile(`[A-Za-z0-9.+-]+`)

// permitted reports whether an SPDX expression allows shipping: every licence of it, or of one side of an OR.
func permitted(expression string) bool {
	if expression == "" {
		return false
	}
	for _, side := range strings.Split(expression, " OR ") {
		names := slices.DeleteFunc(word.FindAllString(side, -1), func(w string) bool { return w == "AND" })
		if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(allowed, n) }) {
			return true
		}
	}
	return false
}

// Licences prints how many components have which licence, and those that the plugin may not ship.
func Licences(ctx context.Context, out io.Writer, root string) error {
	all, err := Components(ctx, root)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	var bad []Component
	for _, c := range all {
		if why := excused[c.Ecosystem+":"+c.Name]; why != "" && c.Licence == "" {
			fmt.Fprintf(out, "%s states no licence, but %s\n", c, why)
			continue
		}
		counts[c.Licence]++
		if !permitted(c.Licence) {
			bad = append(bad, c)
		}
	}
	for _, licence := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, "%5d  %s\n", counts[licence], licence)
	}
	for _, c := range bad {
		fmt.Fprintf(out, "%s %s: %q, see %s\n", c.Ecosystem, c, c.Licence, c.folder)
	}
	if len(bad) > 0 {
		return fmt.Errorf("%d components: %w", len(bad), ErrLicence)
	}
	return nil
}
