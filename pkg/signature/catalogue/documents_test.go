package catalogue_test

import (
	_ "embed"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/incident"
)

//go:embed testdata/documents.txt
var documents string

const pages = "https://bk.tencent.com/docs/markdown/ZH/"

// A link leads to a page that exists, and to a place on it that exists; for a BlueKing version to a guide of that version
// or of the one whose guide it refers to.
func TestLinksLeadToDocumentsThatExist(t *testing.T) {
	known := map[string][]string{}
	for line := range strings.Lines(documents) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); !strings.HasPrefix(line, "#") {
			known[fields[0]] = fields[1:]
		}
	}
	for _, sig := range load(t).All() {
		for _, ref := range sig.References {
			for version, address := range ref.URL {
				page, anchor, _ := strings.Cut(strings.TrimPrefix(address, pages), "#")
				anchor, err := url.PathUnescape(anchor)
				anchors, exists := known[page]
				if err != nil || !exists || anchor != "" && !slices.Contains(anchors, anchor) {
					t.Errorf("%s: %s for %s: there is no %s", sig.ID, ref.ID, version, address)
				}
			}
			if got := incident.ReferenceURL(ref, "7.3"); ref.URL["7.3"] == "" && got != ref.URL["7.2"] {
				t.Errorf("%s: %s for 7.3 leads to %s, want the page of 7.2", sig.ID, ref.ID, got)
			}
		}
	}
}

// BlueKing 7.3 is set up with the tools of 7.2: what cures a failure there cures it here.
func TestStepsOf72AreThoseOf73(t *testing.T) {
	for _, sig := range load(t).All() {
		for _, step := range sig.Remediation {
			if slices.Contains(step.Versions, "7.2") != slices.Contains(step.Versions, "7.3") {
				t.Errorf("%s: step %s is for %v", sig.ID, step.ID, step.Versions)
			}
		}
	}
}
