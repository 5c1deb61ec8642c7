// Package plot draws the graphs of the documentation as SVG.
package plot

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/blueking/incidents/tools/document"
)

// Plot is a graph with logarithmic axes of values over categories of growing size.
type Plot struct {
	// File is its name in a folder of pictures.
	File        string
	Title, Unit string
	X           []string
	Series      []Series
}

// Series is one line of a Plot.
type Series struct {
	Name   string
	Values []float64 // one per X; 0 leaves a gap
}

// Write draws plots into a folder.
func Write(folder string, plots ...Plot) error {
	for _, p := range plots {
		if err := os.WriteFile(filepath.Join(folder, p.File), []byte(p.SVG()), 0o644); err != nil { //nolint:gosec // a picture
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

// SVG draws the plot.
func (p Plot) SVG() string {
	low, high := math.Inf(1), 0.0
	for _, s := range p.Series {
		for _, v := range s.Values {
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
	x := func(i int) float64 { return left + plotWidth*(float64(i)+0.5)/float64(len(p.X)) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/><text x="%d" y="22" font-size="15">%s (%s)</text>`+"\n", width, height, left, p.Title, p.Unit)
	for v := low; v <= high*1.0001; v *= 10 {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y(v), width-right, left-6, y(v)+4, document.Number(v))
	}
	for i, label := range p.X {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(i), height-bottom+18, label)
	}
	for n, s := range p.Series {
		colour := colours[n%len(colours)]
		var points []string
		for i, v := range s.Values {
			if v > 0 {
				points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(v)))
				fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/><text x="%.1f" y="%.1f" text-anchor="middle" font-size="10">%s</text>`+"\n", x(i), y(v), colour, x(i), y(v)-7, document.Number(v))
			}
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", width-right+12, top+14+18*n, colour, s.Name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
