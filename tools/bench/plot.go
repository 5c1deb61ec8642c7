package bench

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// plot is a graph with logarithmic axes of values over categories of growing size.
type plot struct {
	file, title, unit string
	x                 []string
	series            []series
}

type series struct {
	name   string
	values []float64 // one per x; 0 leaves a gap
}

// plots writes the scaling curves into a folder.
func plots(folder string, r Results) error {
	get := func(name, unit string) float64 { v, _ := r.Get(name, unit); return v }
	sizes := []string{"34", "100", "1000"}
	matching := plot{file: "performance-matching.svg", title: "Healthy lines, by number of signatures", unit: "MB/s", x: sizes}
	for _, s := range []struct{ name, benchmark string }{{"one pass over a block", "Clean/%s_generated/block"}, {"line by line", "Clean/%s_generated/lines"}, {"regex loop", "Naive/%s_generated"}} {
		line := series{name: s.name}
		for _, n := range sizes {
			line.values = append(line.values, get(fmt.Sprintf(s.benchmark, n), "MB/s"))
		}
		matching.series = append(matching.series, line)
	}
	ripgrep := series{name: "ripgrep -F"}
	for _, n := range sizes {
		ripgrep.values = append(ripgrep.values, 1000*get("Ripgrep/"+n+"_generated", "rg-GB/s"))
	}
	matching.series = append(matching.series, ripgrep)
	hours := []string{"1", "6", "24"}
	answers := plot{file: "performance-answer.svg", title: "Answer, by hours of logs", unit: "seconds", x: hours}
	for _, s := range []struct{ name, unit string }{{"cold", "cold-s"}, {"Loki's own count", "count-s"}, {"warm, 30 s later", "warm-s"}} {
		line := series{name: s.name}
		for _, h := range hours {
			line.values = append(line.values, get("Range/"+h+"h", s.unit))
		}
		answers.series = append(answers.series, line)
	}
	memory := plot{file: "performance-memory.svg", title: "Memory of the plugin process at its peak", unit: "MiB", x: []string{"idle", "24 h", "7 d", "100,000 hits"}}
	memory.series = []series{{"resident", []float64{get("Memory", "idle-MiB"), get("Memory", "day-MiB"), get("Memory", "week-MiB"), get("Memory", "flood-MiB")}}}
	for _, p := range []plot{matching, answers, memory} {
		if err := os.WriteFile(filepath.Join(folder, p.file), []byte(p.svg()), 0o644); err != nil { //nolint:gosec // a picture
			return err
		}
	}
	return nil
}

// The sizes of a plot in pixels, and its colours, which are told apart in greyscale too.
const (
	width, height                    = 640, 360
	left, right, top, bottom         = 70, 170, 40, 45
	plotWidth, plotHeight    float64 = width - left - right, height - top - bottom
)

var colours = []string{"#1f5fa8", "#e07b00", "#3a8f3a", "#8a3a8f"}

// svg draws the plot.
func (p plot) svg() string {
	low, high := math.Inf(1), 0.0
	for _, s := range p.series {
		for _, v := range s.values {
			if v > 0 {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if high == 0 {
		low, high = 1, 10
	}
	low, high = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high*1.0001)))
	y := func(v float64) float64 {
		return top + plotHeight*(1-math.Log10(v/low)/math.Log10(high/low))
	}
	x := func(i int) float64 { return left + plotWidth*(float64(i)+0.5)/float64(len(p.x)) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/><text x="%d" y="22" font-size="15">%s (%s)</text>`+"\n", width, height, left, p.title, p.unit)
	for v := low; v <= high*1.0001; v *= 10 {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y(v), width-right, left-6, y(v)+4, number(v))
	}
	for i, label := range p.x {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(i), height-bottom+18, label)
	}
	for n, s := range p.series {
		colour := colours[n%len(colours)]
		var points []string
		for i, v := range s.values {
			if v > 0 {
				points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(v)))
				fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/><text x="%.1f" y="%.1f" text-anchor="middle" font-size="10">%s</text>`+"\n", x(i), y(v), colour, x(i), y(v)-7, number(v))
			}
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", width-right+12, top+14+18*n, colour, s.name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
