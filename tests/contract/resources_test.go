package contract

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	route   = regexp.MustCompile(`"GET /([^"]+)"`)
	listed  = regexp.MustCompile(`(?s)type (listed\w+) struct \{\n(.*?)\n\}`)
	jsonTag = regexp.MustCompile("`json:\"(\\w+)")
)

// The routes are private to pkg/plugin, so its source is read.
func TestResources(t *testing.T) {
	source := read(t, "pkg/plugin/resources.go")
	var paths []string
	for _, m := range route.FindAllStringSubmatch(source, -1) {
		paths = append(paths, m[1])
	}
	doc := section(t, "Resources")
	sameNames(t, "Resources", doc.names(), "pkg/plugin/resources.go", paths)

	entries := map[string][]string{}
	for _, m := range listed.FindAllStringSubmatch(source, -1) {
		for _, tag := range jsonTag.FindAllStringSubmatch(m[2], -1) {
			entries[m[1]] = append(entries[m[1]], tag[1])
		}
	}
	for path, kind := range map[string]string{"signatures": "listedSignature", "incidents": "listedIncident"} {
		if row := doc.row(path); row != nil {
			sameNames(t, "Resources, `"+path+"`", codes(doc.cell(row, "answer")), kind+" of pkg/plugin/resources.go", entries[kind])
		}
	}
	sameNames(t, "Resources, `signatures`", codes(doc.row("signatures")[1]), "interface Signature of src/types.ts",
		interfaceKeys(t, read(t, "src/types.ts"), "Signature"))
}

// What the frontend asks for has to be there.
func TestResourcesThatTheFrontendUses(t *testing.T) {
	source := read(t, "src/datasource.ts")
	paths := section(t, "Resources").names()
	for _, m := range regexp.MustCompile("getResource(?:<[^(]*>)?\\(['`]([^'`]+)['`]").FindAllStringSubmatch(source, -1) {
		path := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(m[1], "{name}")
		if !slices.Contains(paths, path) {
			t.Errorf("src/datasource.ts asks for %q; docs/contract.md, Resources, has only %s", path, strings.Join(paths, ", "))
		}
	}
}
