package match_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// healthyLines are about a MiB of nodeman's lines without any literal of the matchers.
func healthyLines(b *testing.B, matchers ...*match.Matcher) []string {
	b.Helper()
	var out []string
	size := 0
next:
	for _, line := range dayOfLines(24)[signature.Nodeman] {
		for _, m := range matchers {
			if m.Sieve(signature.Nodeman).Next(line, 0) >= 0 {
				continue next
			}
		}
		out = append(out, line)
		if size += len(line) + 1; size >= 1<<20 {
			break
		}
	}
	return out
}

// catalogues are what the scan is measured with: the shipped signatures and generated ones of three sizes.
func catalogues(b *testing.B) (names []string, matchers []*match.Matcher) {
	b.Helper()
	names, matchers = []string{"shipped"}, []*match.Matcher{matcher(b, shipped(b))}
	for _, n := range []int{34, 100, 1000} {
		names = append(names, strconv.Itoa(n)+" generated")
		matchers = append(matchers, matcher(b, generated(b, n)))
	}
	return names, matchers
}

// BenchmarkClean measures healthy lines: in one block, as an answer of Loki is scanned, and line by line.
func BenchmarkClean(b *testing.B) {
	names, matchers := catalogues(b)
	lines := healthyLines(b, matchers...)
	block := strings.Join(lines, "\n")
	for i, m := range matchers {
		b.Run(names[i]+"/block", func(b *testing.B) {
			sieve := m.Sieve(signature.Nodeman)
			b.SetBytes(int64(len(block)))
			b.ReportAllocs()
			for b.Loop() {
				if sieve.Next(block, 0) >= 0 {
					b.Fatal("hit")
				}
			}
		})
		b.Run(names[i]+"/lines", func(b *testing.B) {
			b.SetBytes(int64(len(block)))
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					if m.Line(signature.Nodeman, line) != nil {
						b.Fatal("hit")
					}
				}
			}
		})
	}
}

// BenchmarkNaive measures what the filter saves: every regex on every message of the same healthy lines.
func BenchmarkNaive(b *testing.B) {
	names, matchers := catalogues(b)
	lines := healthyLines(b, matchers...)[:50]
	size := len(strings.Join(lines, "\n"))
	for i, m := range matchers {
		b.Run(names[i], func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				for _, line := range lines {
					if m.Loop(signature.Nodeman, line) > 0 {
						b.Fatal("hit")
					}
				}
			}
		})
	}
}

// BenchmarkNew measures how long a catalogue takes to compile into a matcher.
func BenchmarkNew(b *testing.B) {
	for _, n := range []int{34, 1000} {
		set, err := signature.NewSet(generated(b, n)...)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strconv.Itoa(n)+" generated", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				match.New(set)
			}
		})
	}
}

// BenchmarkHits matches the lines that the shipped signatures are proven with, hits nearly all, and of those by itself
// the line that has most: it tells of success, which recovers dozens of signatures.
func BenchmarkHits(b *testing.B) {
	sigs := shipped(b)
	m, lines := matcher(b, sigs), fixtureLines(sigs)
	busiest := slices.MaxFunc(lines, func(x, y string) int {
		return len(m.Line(signature.Nodeman, x)) - len(m.Line(signature.Nodeman, y))
	})
	for name, of := range map[string][]string{"all": lines, "busiest": {busiest}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range of {
					m.Line(signature.Nodeman, line)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(of)), "ns/line")
		})
	}
}
