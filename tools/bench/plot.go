package bench

import (
	"fmt"

	"github.com/blueking/incidents/tools/plot"
)

// plots writes the scaling curves into a folder.
func plots(folder string, r Results) error {
	get := func(name, unit string) float64 { v, _ := r.Get(name, unit); return v }
	sizes := []string{"34", "100", "1000"}
	matching := plot.Plot{File: "performance-matching.svg", Title: "Healthy lines, by number of signatures", Unit: "MB/s", X: sizes}
	for _, s := range []struct{ name, benchmark string }{{"one pass over a block", "Clean/%s_generated/block"}, {"line by line", "Clean/%s_generated/lines"}, {"regex loop", "Naive/%s_generated"}} {
		line := plot.Series{Name: s.name}
		for _, n := range sizes {
			line.Values = append(line.Values, get(fmt.Sprintf(s.benchmark, n), "MB/s"))
		}
		matching.Series = append(matching.Series, line)
	}
	ripgrep := plot.Series{Name: "ripgrep -F"}
	for _, n := range sizes {
		ripgrep.Values = append(ripgrep.Values, 1000*get("Ripgrep/"+n+"_generated", "rg-GB/s"))
	}
	matching.Series = append(matching.Series, ripgrep)
	hours := []string{"1", "6", "24"}
	answers := plot.Plot{File: "performance-answer.svg", Title: "Answer, by hours of logs", Unit: "seconds", X: hours}
	for _, s := range []struct{ name, unit string }{{"cold", "cold-s"}, {"Loki's own count", "count-s"}, {"warm, 30 s later", "warm-s"}} {
		line := plot.Series{Name: s.name}
		for _, h := range hours {
			line.Values = append(line.Values, get("Range/"+h+"h", s.unit))
		}
		answers.Series = append(answers.Series, line)
	}
	memory := plot.Plot{File: "performance-memory.svg", Title: "Memory of the plugin process at its peak", Unit: "MiB", X: []string{"idle", "24 h", "7 d", "100,000 hits"}}
	memory.Series = []plot.Series{{Name: "resident", Values: []float64{get("Memory", "idle-MiB"), get("Memory", "day-MiB"), get("Memory", "week-MiB"), get("Memory", "flood-MiB")}}}
	return plot.Write(folder, matching, answers, memory)
}
