//go:build unix

// Package ripgrep compares the scan for literals with ripgrep's over the same literals and lines, by the CPU time of
// both, so that other work on the machine hardly counts:
//
//	go test -run='^$' -bench=. -benchtime=7x ./tests/bench/ripgrep
package ripgrep

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

const (
	// days of the built-in samples give some 50 MB of nodeman's healthy lines.
	days = 8
	// answer is the size of an answer of Loki, in bytes.
	answer = 1 << 20
)

func BenchmarkRipgrep(b *testing.B) {
	rg, err := exec.LookPath("rg")
	if err != nil {
		b.Skip("ripgrep is not installed: apt-get install ripgrep")
	}
	sets := catalogues(b)
	lines := healthy(sets)
	text := strings.Join(lines, "\n")
	file := filepath.Join(b.TempDir(), "healthy.log")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, set := range sets {
		b.Run(set.name, func(b *testing.B) {
			literals := filepath.Join(b.TempDir(), "literals")
			if err := os.WriteFile(literals, []byte(strings.Join(set.literals, "\n")+"\n"), 0o600); err != nil {
				b.Fatal(err)
			}
			sieve := set.matcher.Sieve(signature.Nodeman)
			var ours, theirs []float64
			for b.Loop() {
				before := used(b)
				for at := 0; at < len(text); at += answer {
					if sieve.Next(text[at:min(at+answer, len(text))], 0) >= 0 {
						b.Fatal("a hit in healthy lines")
					}
				}
				ours = append(ours, speed(text, used(b)-before))

				search := exec.CommandContext(b.Context(), rg, "-j1", "-c", "-F", "-f", literals, file)
				// Exit status 1: no line matches.
				var exit *exec.ExitError
				if err := search.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
					b.Fatal(err)
				}
				theirs = append(theirs, speed(text, search.ProcessState.UserTime()+search.ProcessState.SystemTime()))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(set.literals)), "literals")
			b.ReportMetric(median(ours), "GB/s")
			b.ReportMetric(median(theirs), "rg-GB/s")
			b.ReportMetric(median(ours)/median(theirs), "times-rg")
		})
	}
}

type literalSet struct {
	name     string
	matcher  *match.Matcher
	literals []string
}

// catalogues are the shipped signatures, and generated ones of three sizes.
func catalogues(b *testing.B) []literalSet {
	b.Helper()
	shipped, err := catalogue.Load()
	if err != nil {
		b.Fatal(err)
	}
	sets := []literalSet{compiled(b, "shipped", shipped)}
	for _, n := range []int{34, 100, 1000} {
		sigs, err := fixtures.Generated(n)
		if err != nil {
			b.Fatal(err)
		}
		sets = append(sets, compiled(b, strconv.Itoa(n)+" generated", sigs))
	}
	return sets
}

func compiled(b *testing.B, name string, sigs []*signature.Signature) literalSet {
	b.Helper()
	set, err := signature.NewSet(sigs...)
	if err != nil {
		b.Fatal(err)
	}
	m := match.New(set)
	return literalSet{name: name, matcher: m, literals: m.Literals(signature.Nodeman)}
}

// healthy are nodeman's lines of the samples in which no set has a literal.
func healthy(sets []literalSet) []string {
	end := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var out []string
	for _, stream := range samples.New(func() time.Time { return end }).Streams(end.AddDate(0, 0, -days), end) {
		if !strings.Contains(stream.Labels, "bk-nodeman") {
			continue
		}
		for _, e := range stream.Entries {
			if !slices.ContainsFunc(sets, func(s literalSet) bool { return s.matcher.Sieve(signature.Nodeman).Next(e.Line, 0) >= 0 }) {
				out = append(out, e.Line)
			}
		}
	}
	return out
}

// used is the CPU time of this process.
func used(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// speed is in GB of text a second of CPU time.
func speed(text string, took time.Duration) float64 {
	return float64(len(text)) / float64(took.Nanoseconds())
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
