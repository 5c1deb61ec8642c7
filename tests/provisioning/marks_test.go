package provisioning

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/match"
	alloy "github.com/blueking/incidents/pkg/rules"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
	"github.com/blueking/incidents/tests/collectors"
)

// TestAlloyMarksWhatSignaturesLookFor puts the component that `rules --format alloy` writes behind the shipped collector of
// pods, and sends through both every fixture of the catalogue, and healthy lines.
func TestAlloyMarksWhatSignaturesLookFor(t *testing.T) {
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	var selectors []scan.Selector
	for _, s := range settings.Default().Sources {
		selectors = append(selectors, scan.Selector{Source: signature.Source(s.Source), Selector: s.Selector, OnHost: s.OnHost})
	}
	shipped, err := os.ReadFile(filepath.Join(root, "provisioning", "collectors", "alloy-kubernetes.alloy"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString(strings.ReplaceAll(string(shipped), "[loki.write.loki.receiver]", "["+alloy.AlloyComponent+".receiver]"))
	if err := alloy.Alloy(&text, set, selectors); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "marking.alloy")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := collectors.LoadAlloy(file, map[string]string{"LOKI_URL": "http://loki:3100", "CLUSTER_NAME": "prod"})
	if err != nil {
		t.Fatal(err)
	}
	matcher := match.New(set)
	wanted, lines := 0, []string{"2026-11-22 10:00:00 INFO all is well", "\xff\xfe bytes that are no text"}
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			for _, l := range f.Lines {
				if !strings.Contains(l.Line, "\n") { // of several lines the runtime makes several
					lines = append(lines, l.Line)
				}
			}
		}
	}
	mark := scan.Prepare(set).Sought(signature.Nodeman).Revision
	streams, err := c.Collect(collectors.File{
		Path: "/var/log/pods/blueking_bk-nodeman-backend-bworker-6f-x_0a1b/main/0.log",
		Discovered: map[string]string{
			"__meta_kubernetes_namespace": "blueking", "__meta_kubernetes_pod_name": "bk-nodeman-backend-bworker-6f-x",
			"__meta_kubernetes_pod_uid": "0a1b", "__meta_kubernetes_pod_container_name": "main",
		},
		Lines: collectors.InContainer(time.Now(), "stdout", lines...),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range streams {
		marked := strings.Contains(s.Labels, scan.MarkLabel+`="`+mark+`"`)
		if !marked && !strings.Contains(s.Labels, scan.MarkLabel+`="`+scan.Unwanted+mark+`"`) {
			t.Errorf("%s has no mark", s.Labels)
		}
		for _, e := range s.Entries {
			if marked {
				wanted++
			} else if hits := matcher.Line(signature.Nodeman, e.Line); len(hits) > 0 {
				t.Errorf("%s looks for %q, which is marked as unwanted", hits[0].Signature.ID, e.Line)
			}
		}
	}
	if wanted < 100 || wanted == len(lines) {
		t.Errorf("%d of %d lines are marked as wanted", wanted, len(lines))
	}
}
