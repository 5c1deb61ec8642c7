package match_test

import (
	"encoding/json"
	"html"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func shipped(tb testing.TB) []*signature.Signature {
	tb.Helper()
	sigs, err := catalogue.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return sigs
}

func generated(tb testing.TB, n int) []*signature.Signature {
	tb.Helper()
	sigs, err := fixtures.Generated(n)
	if err != nil {
		tb.Fatal(err)
	}
	return sigs
}

func matcher(tb testing.TB, sigs ...[]*signature.Signature) *match.Matcher {
	tb.Helper()
	var all []*signature.Signature
	for _, s := range sigs {
		all = append(all, s...)
	}
	set, err := signature.NewSet(all...)
	if err != nil {
		tb.Fatal(err)
	}
	return match.New(set)
}

// fixtureLines are the lines that signatures are proven with.
func fixtureLines(sigs []*signature.Signature) []string {
	var out []string
	for _, sig := range sigs {
		for _, f := range sig.Tests {
			for _, l := range f.Lines {
				out = append(out, l.Line)
			}
		}
	}
	return out
}

// dayOfLines are the lines of the built-in samples of some hours, by what wrote them.
func dayOfLines(hours int) map[signature.Source][]string {
	end := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	out := map[signature.Source][]string{}
	for _, s := range samples.New(func() time.Time { return end }).Streams(end.Add(-time.Duration(hours)*time.Hour), end) {
		source := signature.Agent
		switch {
		case strings.Contains(s.Labels, "bk-nodeman"):
			source = signature.Nodeman
		case strings.Contains(s.Labels, "bk-job"):
			source = signature.Gateway
		}
		for _, e := range s.Entries {
			out[source] = append(out[source], e.Line)
		}
	}
	return out
}

// damage changes a line the way carriers and people do.
func damage(rng *rand.Rand, line string) string {
	switch rng.IntN(10) {
	case 0:
		wrapped, _ := json.Marshal(map[string]string{"log": line + "\n"})
		return string(wrapped)
	case 1:
		return "2026-10-22T17:01:02Z stderr F " + line
	case 2:
		return line[:rng.IntN(len(line)+1)]
	case 3:
		return line + "\r\n" + line
	case 4:
		at := rng.IntN(len(line) + 1)
		return line[:at] + string(rune(rng.IntN(0x300))) + line[at:]
	case 5:
		return "<tr><td>2026-10-22 17:01:02</td><td>" + html.EscapeString(line) + "</td></tr>"
	case 6:
		return `"2026-10-22 17:01:02","` + strings.ReplaceAll(line, `"`, `""`) + `"`
	case 7:
		return "CEF:0|a|b|1|c|d|7|dhost=10.0.0.8 msg=" + strings.NewReplacer(`\`, `\\`, "=", `\=`, "\n", `\n`).Replace(line)
	case 8:
		return "- log: '" + strings.ReplaceAll(line, "'", "''") + "'"
	}
	return line
}

func TestMatchesAreThoseOfANaiveLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	own, more := shipped(t), generated(t, 120)
	m := matcher(t, own, more)
	lines := append(fixtureLines(own), fixtureLines(more)...)
	for _, day := range dayOfLines(24) {
		for range 150 {
			lines = append(lines, day[rng.IntN(len(day))])
		}
	}
	hits := 0
	for _, source := range signature.Sources() {
		for _, line := range lines {
			if rng.IntN(3) != 0 {
				continue
			}
			line = damage(rng, line)
			got, want := m.Line(source, line), m.Naive(source, line)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s %q:\ngot  %+v\nwant %+v", source, line, got, want)
			}
			hits += len(want)
		}
	}
	if hits < 100 {
		t.Errorf("only %d hits were compared", hits)
	}
}

func FuzzMatchesAreThoseOfANaiveLoop(f *testing.F) {
	own, more := shipped(f), generated(f, 60)
	m := matcher(f, own, more)
	for i, line := range append(fixtureLines(own), fixtureLines(more)[:40]...) {
		f.Add(line, uint8(i))
	}
	sources := signature.Sources()
	f.Fuzz(func(t *testing.T, line string, source uint8) {
		s := sources[int(source)%len(sources)]
		if got, want := m.Line(s, line), m.Naive(s, line); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

// sifted are the lines of a block that a sieve leaves.
func sifted(s match.Sieve, lines []string) []string {
	block := strings.Join(lines, "\n")
	var out []string
	start, next := 0, s.Next(block, 0)
	for _, line := range lines {
		end := start + len(line)
		if next >= 0 && next < start {
			next = s.Next(block, start)
		}
		if next >= 0 && next < end {
			out = append(out, line)
			next = s.Next(block, end)
		}
		start = end + 1
	}
	return out
}

func TestASieveLeavesTheLinesThatHaveALiteral(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	own, more := shipped(t), generated(t, 1000)
	m := matcher(t, own, more)
	for _, source := range signature.Sources() {
		lines := append(append(fixtureLines(own), fixtureLines(more)[:200]...), dayOfLines(2)[source]...)
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		left := map[string]bool{}
		for _, l := range sifted(m.Sieve(source), lines) {
			left[l] = true
		}
		for _, line := range lines {
			has := false
			for _, l := range m.Literals(source) {
				has = has || strings.Contains(line, l)
			}
			if has && !left[line] {
				t.Errorf("%s: %q is missing", source, line)
			}
			if !has && left[line] {
				t.Errorf("%s: %q has no literal", source, line)
			}
		}
	}
}
