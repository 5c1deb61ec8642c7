package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/blueking/incidents/tools/document"
)

// value is one measured number of a row.
type value struct{ benchmark, unit string }

// row compares a measured value with that of a peer in the same run, or with a bound.
type row struct {
	what string
	of   value
	peer value // none compares of itself
	// most and least bound the ratio; 0 is no bound.
	most, least float64
	target      string
}

// rows are the promises of this project, in the order of the way of the data.
var rows = []row{
	{"scan a block of healthy lines, shipped signatures, beside `ripgrep -j1 -c -F -f`", value{"Ripgrep/shipped", "GB/s"}, value{"Ripgrep/shipped", "rg-GB/s"}, 0, 1, "≥ 1"},
	{"the same, 1,000 generated signatures", value{"Ripgrep/1000_generated", "GB/s"}, value{"Ripgrep/1000_generated", "rg-GB/s"}, 0, 3, "≥ 3"},
	{"1,000 signatures beside 34", value{"Clean/34_generated/block", "MB/s"}, value{"Clean/1000_generated/block", "MB/s"}, 2, 0, "≤ 2"},
	{"100 signatures beside the naive regex loop", value{"Clean/100_generated/block", "MB/s"}, value{"Naive/100_generated", "MB/s"}, 0, 300, "≥ 300"},
	{"the same, line by line", value{"Clean/100_generated/lines", "MB/s"}, value{"Naive/100_generated", "MB/s"}, 0, 0, "reported"},
	{"1,000 signatures beside the naive regex loop", value{"Clean/1000_generated/block", "MB/s"}, value{"Naive/1000_generated", "MB/s"}, 0, 300, "≥ 300"},
	{"allocations for a MiB of healthy lines", value{"Clean/shipped/lines", "allocs/op"}, value{}, 1e-9, 0, "0"},
	{"a flood of lines that all hit, ns per line", value{"Hits/all", "ns/line"}, value{}, 10_000, 0, "≤ 10,000"},
	{"`bkincidents scan --source` over healthy lines, the slowest of six carriers, per core", value{"CommandLine/slowest", "told-MB/s"}, value{}, 0, 400, "≥ 400 MB/s"},
	{"the same without `--source`", value{"CommandLine/slowest", "untold-MB/s"}, value{"CommandLine/slowest", "told-MB/s"}, 0, 0, "reported"},
	{"decode an answer of 5,000 lines beside a bare protowire walk", value{"Decode5000/protobuf,_sieve", "ns/op"}, value{"Decode5000/protowire_walk_only", "ns/op"}, 1.3, 0, "≤ 1.3"},
	{"the same beside a jsoniter reader of the JSON answer", value{"Decode5000/jsoniter_reader", "ns/op"}, value{"Decode5000/protobuf,_sieve", "ns/op"}, 0, 4, "≥ 4"},
	{"cold answer over 24 h beside Loki's own count over the same filters", value{"Answer", "cold-s"}, value{"Answer", "count-s"}, 1.15, 0, "≤ 1.15"},
	{"the same beside Loki's log query for the lines themselves", value{"Answer", "cold-s"}, value{"Answer", "bare-s"}, 0, 0, "reported"},
	{"that log query beside Loki's count: no reader of lines can be faster", value{"Answer", "bare-s"}, value{"Answer", "count-s"}, 0, 0, "reported"},
	{"bytes received beside bytes that Loki scanned", value{"Answer", "received-B"}, value{"Answer", "scanned-B"}, 0.01, 0, "≤ 0.01"},
	{"warm refresh 30 s later beside the cold answer", value{"Answer", "warm-s"}, value{"Answer", "cold-s"}, 0.03, 0, "≤ 0.03"},
	{"15 panels, ranges some ms apart, beside one", value{"Answer", "panels-s"}, value{"Answer", "cold-s"}, 1.2, 0, "≤ 1.2"},
	{"hourly re-check for very late lines beside the cold answer", value{"Recheck", "recheck-s"}, value{"Recheck", "cold-s"}, 0, 0, "reported"},
	{"reading all lines of an hour beside reading it through the filter", value{"FetchAll", "all-s"}, value{"FetchAll", "filtered-s"}, 0, 0, "reported"},
	{"cold answer of streams that the collector marked, beside Loki's count over all lines", value{"Marked", "marked-s"}, value{"Marked", "count-s"}, 0.05, 0, "≤ 0.05"},
	{"bytes that Loki scans for it", value{"Marked", "marked-B"}, value{"Marked", "scanned-B"}, 0.01, 0, "≤ 0.01"},
	{"memory of the plugin at 24 h, MiB", value{"Memory", "day-MiB"}, value{}, 150, 0, "≤ 150"},
	{"memory at 7 days, MiB", value{"Memory", "week-MiB"}, value{}, 165, 0, "≤ 150 and 10 %"},
	{"memory at 100,000 hits, MiB", value{"Memory", "flood-MiB"}, value{}, 165, 0, "≤ 150 and 10 %"},
	{"memory at 7 days beside 24 h", value{"Memory", "week-MiB"}, value{"Memory", "day-MiB"}, 1.1, 0, "≤ 1.1"},
	{"memory at 100,000 hits beside 24 h", value{"Memory", "flood-MiB"}, value{"Memory", "day-MiB"}, 1.1, 0, "≤ 1.1"},
	{"plugin CPU for one evaluation of all shipped rules, ms", value{"Alert", "cpu-ms"}, value{}, 100, 0, "≤ 100"},
	{"requests to Loki for it", value{"Alert", "requests"}, value{}, 0, 0, "reported"},
	{"time of one evaluation while ten viewers look at a year, beside alone", value{"Alert", "beside-s"}, value{"Alert", "idle-s"}, 1.5, 0, "≤ 1.5"},
}

// Table renders every row as Markdown. A row that was not measured says so.
func Table(r Results) string {
	var b strings.Builder
	b.WriteString("| what | measured | peer | ratio | target | |\n|---|---:|---:|---:|---:|---|\n")
	for _, row := range rows {
		of, ok := r.Get(row.of.benchmark, row.of.unit)
		peer, compared := r.Get(row.peer.benchmark, row.peer.unit)
		if !ok || row.peer != (value{}) && !compared {
			fmt.Fprintf(&b, "| %s | not measured | | | %s | |\n", row.what, row.target)
			continue
		}
		ratio, peerText, ratioText := of, "", ""
		if compared {
			ratio, peerText = of/peer, quantity(peer, row.peer.unit)
			ratioText = document.Number(ratio)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", row.what, quantity(of, row.of.unit), peerText, ratioText, row.target, row.verdict(ratio))
	}
	return b.String()
}

func (r row) verdict(ratio float64) string {
	switch {
	case r.most == 0 && r.least == 0:
		return ""
	case r.most > 0 && ratio > r.most, r.least > 0 && ratio < r.least:
		return "**missed**"
	}
	return "holds"
}

// quantity writes a value with its unit.
func quantity(v float64, unit string) string {
	switch {
	case strings.HasSuffix(unit, "-s"):
		return document.Number(v) + " s"
	case strings.HasSuffix(unit, "-ms"):
		return document.Number(v) + " ms"
	case strings.HasSuffix(unit, "-MiB"):
		return document.Number(v) + " MiB"
	case strings.HasSuffix(unit, "-B"):
		return document.Number(v/1e6) + " MB"
	case unit == "ns/op":
		return document.Number(v/1e6) + " ms"
	case strings.HasSuffix(unit, "GB/s"):
		return document.Number(v) + " GB/s"
	case strings.HasSuffix(unit, "MB/s"):
		return document.Number(v) + " MB/s"
	}
	return document.Number(v)
}

// Machine describes where and when the numbers were taken.
func Machine(rounds int, at time.Time) string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("Measured on %s, on %s/%s, %d cores, %s, %s. Medians of %d interleaved rounds.\n", at.Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model, runtime.Version(), rounds)
}
