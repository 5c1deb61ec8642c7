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

// The answers of what the settings page asks for.
func TestCheckResources(t *testing.T) {
	doc := read(t, "docs/contract.md")
	doc = doc[strings.Index(doc, "\n## Resources\n"):strings.Index(doc, "\n## Dashboard uids\n")]
	for file, kinds := range map[string][]string{
		"pkg/plugin/resource_streams.go": {"seenStreams", "seenLabel", "selectorProblem"},
		"pkg/plugin/resource_lint.go":    {"linted", "lintedProblem"},
	} {
		source := read(t, file)
		for _, kind := range kinds {
			m := regexp.MustCompile(`(?s)type ` + kind + ` struct \{\n(.*?)\n\}`).FindStringSubmatch(source)
			if m == nil {
				t.Fatalf("%s has no %s", file, kind)
			}
			var tags []string
			for _, tag := range jsonTag.FindAllStringSubmatch(m[1], -1) {
				tags = append(tags, tag[1])
				if !strings.Contains(doc, "`"+tag[1]+"`") {
					t.Errorf("%s of %s has `%s`; docs/contract.md, Resources, has not", kind, file, tag[1])
				}
			}
			name := strings.ToUpper(kind[:1]) + kind[1:]
			sameNames(t, "Resources", tags, "interface "+name+" of src/settings/checkup.ts", interfaceKeys(t, read(t, "src/settings/checkup.ts"), name))
		}
	}
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

func TestPlanResource(t *testing.T) {
	_, doc, found := strings.Cut(read(t, "docs/contract.md"), "\nPOST `plan` ")
	doc, _, _ = strings.Cut("`plan` "+doc, "\n\n")
	if !found {
		t.Fatal("docs/contract.md, Resources, says nothing of POST `plan`")
	}
	m := regexp.MustCompile(`(?s)type plannedRead struct \{\n(.*?)\n\}`).FindStringSubmatch(read(t, "pkg/plugin/resource_plan.go"))
	if m == nil {
		t.Fatal("pkg/plugin/resource_plan.go has no plannedRead")
	}
	var tags []string
	for _, tag := range jsonTag.FindAllStringSubmatch(m[1], -1) {
		tags = append(tags, tag[1])
	}
	sameNames(t, "Resources, `plan`", codes(doc)[1:], "plannedRead of pkg/plugin/resource_plan.go", tags)
	sameNames(t, "Resources, `plan`", tags, "interface PlannedRead of src/types.ts", interfaceKeys(t, read(t, "src/types.ts"), "PlannedRead"))
}
