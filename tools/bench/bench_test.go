package bench

import (
	"strings"
	"testing"
)

const output = `
goos: linux
BenchmarkRipgrep/shipped-2   	     100	  2.0 GB/s	1.5 rg-GB/s
BenchmarkRipgrep/shipped-2   	     100	  9.0 GB/s	1.5 rg-GB/s
BenchmarkRipgrep/shipped-2   	     100	  3.0 GB/s	1.5 rg-GB/s
BenchmarkClean/shipped/lines     	     100	  1 ns/op	1000.00 MB/s	       0 B/op	       3 allocs/op
BenchmarkAnswer-2                	       5	  2.5 cold-s	         2.0 count-s	 5000000 received-B	1000000000 scanned-B
`

func TestTheTableComparesMedians(t *testing.T) {
	r := Results{}
	if err := r.Add(strings.NewReader(output)); err != nil {
		t.Fatal(err)
	}
	got := Table(r)
	for _, want := range []string{
		"| 3.00 GB/s | 1.50 GB/s | 2.00 | ≥ 1 | holds |",
		"| 3.00 |  |  | 0 | **missed** |",
		"| 2.50 s | 2.00 s | 1.25 | ≤ 1.15 | **missed** |",
		"| 5.00 MB | 1000 MB | 0.005 | ≤ 0.01 | holds |",
		"| memory of the plugin at 24 h, MiB | not measured |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
