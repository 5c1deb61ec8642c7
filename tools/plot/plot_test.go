package plot

import (
	"strings"
	"testing"
)

func TestAPlotHasEveryPoint(t *testing.T) {
	p := Plot{Title: "t", Unit: "s", X: []string{"a", "b"}, Series: []Series{{"one", []float64{1, 100}}, {"gap", []float64{0, 5}}}}
	if got := p.SVG(); strings.Count(got, "<circle") != 3 || !strings.Contains(got, ">gap<") {
		t.Error(got)
	}
}
