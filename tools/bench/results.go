package bench

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Results are what benchmarks measured: by benchmark and unit, a value for each round.
type Results map[string]map[string][]float64

// processors is what the go command appends to the name of a benchmark.
var processors = regexp.MustCompile(`-\d+$`)

// Add reads the output of go test -bench. Lines about the machine are kept under the name of their key.
func (r Results) Add(output io.Reader) error {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "Benchmark") {
			continue
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		name := processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		if r[name] == nil {
			r[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("read %q: %w", lines.Text(), err)
			}
			r[name][fields[i+1]] = append(r[name][fields[i+1]], v)
		}
	}
	return lines.Err()
}

// Get returns the median of a unit of a benchmark, and whether it was measured.
func (r Results) Get(name, unit string) (float64, bool) {
	values := slices.Sorted(slices.Values(r[name][unit]))
	if len(values) == 0 {
		return 0, false
	}
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2, true
}
