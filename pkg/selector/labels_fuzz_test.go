package selector

import (
	"testing"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/common/model"
	prom "github.com/prometheus/prometheus/model/labels"
)

// FuzzParseLabels: the labels of a stream, as Loki or a samples file writes them, are read as Loki's own parser reads
// them, and what Exactly makes of them selects that stream and leaves its quotes nowhere.
func FuzzParseLabels(f *testing.F) {
	for _, seed := range []string{`{}`, `{a="b"}`, `{a="b", c="d\"e\xff"}`, `{"k8s.pod"="x", b=""}`, `{a="}"}`, "{a=`x`}", `{a="b",}`, `{a="1", a="2"}`, `{a="\u2028"}`, `{__name__="x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := ParseLabels(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		if theirs, err := syntax.ParseLabels(text); err == nil {
			theirs.Range(func(l prom.Label) {
				if got := labels[model.LabelName(l.Name)]; string(got) != l.Value {
					t.Fatalf("%q: label %s is %q, Loki reads %q", text, l.Name, got, l.Value)
				}
			})
		}
		s, ok := Exactly(labels, []string{"absent"})
		if !ok {
			return
		}
		if !s.Matches(labels) {
			t.Fatalf("%s does not select %v", s, labels)
		}
		again, err := Parse(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%v → %s → %s, %v", labels, s, again, err)
		}
	})
}
