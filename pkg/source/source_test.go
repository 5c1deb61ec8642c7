package source_test

import (
	"slices"
	"testing"

	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/source"
)

func TestEveryRowIsWhole(t *testing.T) {
	for _, row := range source.Rows() {
		if !source.WellFormed(string(row.Name)) {
			t.Errorf("%q is no name of a source", row.Name)
		}
		if row.Title.ZH == "" || row.Title.EN == "" {
			t.Errorf("%s: give the title in both languages", row.Name)
		}
		if len(row.Selectors) == 0 || len(row.Files) == 0 {
			t.Errorf("%s: give its default selectors and parts of its file names", row.Name)
		}
		for _, s := range row.Selectors {
			if _, err := selector.Parse(s.Selector); err != nil {
				t.Errorf("%s: selector %s: %v", row.Name, s.Selector, err)
			}
		}
	}
	if names := source.Names(); len(source.Sort(names)) != len(names) {
		t.Errorf("a source has two rows: %v", names)
	}
}

func TestSourcesThatOnlySettingsDefineComeLast(t *testing.T) {
	got := source.Sort([]source.Name{"my-app", source.Gateway, "an-app", source.Nodeman, source.Gateway})
	if want := []source.Name{source.Nodeman, source.Gateway, "an-app", "my-app"}; !slices.Equal(got, want) {
		t.Errorf("order of display is %v, want %v", got, want)
	}
}

func TestWhatNamesASource(t *testing.T) {
	for name, want := range map[string]bool{"my-app": true, "a1": true, "": false, "My": false, "a--b": false, "a_b": false, "-a": false, `a"`: false} {
		if source.WellFormed(name) != want {
			t.Errorf("WellFormed(%q) is %v", name, !want)
		}
	}
}
