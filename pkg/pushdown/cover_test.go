package pushdown

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func shipped(t testing.TB) *signature.Set {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEveryLiteralHasAPieceInTheCover(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(7, 7))
	m := match.New(shipped(t))
	for name, all := range map[string][]string{
		"nodeman": m.Literals(signature.Nodeman), "agent": m.Literals(signature.Agent), "gateway": m.Literals(signature.Gateway),
		"a thousand": invented(rng, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			for range 6 {
				some := slices.Clone(all)
				rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
				some = some[:1+rng.IntN(len(some))]
				for size := coarseSize; size <= coverSize; size++ {
					kept := coverWith(some, size)
					few := coarse(some, kept)
					for _, l := range some {
						if !logs.Passes(l, []logs.Filter{kept, few}) {
							t.Fatalf("size %d: nothing of %q is in %q, or in %q", size, l, kept, few)
						}
					}
					if len(kept) > len(some) {
						t.Fatalf("size %d: %d literals became %d", size, len(some), len(kept))
					}
				}
			}
		})
	}
}

// invented are messages of a made-up catalogue.
func invented(rng *rand.Rand, n int) []string {
	verbs := []string{"open", "bind", "parse", "fetch", "verify", "register", "resolve", "mount"}
	nouns := []string{"socket", "lease", "manifest", "certificate", "quota", "shard", "topic", "replica", "租户", "证书"}
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("cannot %s %s %x", verbs[rng.IntN(len(verbs))], nouns[rng.IntN(len(nouns))], rng.Uint32())
	}
	return out
}

func TestTheFilterStaysSmall(t *testing.T) {
	set := shipped(t)
	m := match.New(set)
	for _, source := range signature.Sources() {
		all := minimal(m.Literals(source))
		before, sum := 1.0, 0.0
		for _, f := range Filters(m.Literals(source)) {
			if len(f) > maxLiterals || len(f) > len(all) {
				t.Errorf("%s: %d literals of %d", source, len(f), len(all))
			}
			sum += before * price(f)
			passing := marks(nil)
			for _, l := range f {
				passing = passing.with(kindsWith(l))
			}
			before = passing.share()
			t.Logf("%s: %d literals of %d, %.0f %% of the kinds of healthy lines pass: %q", source, len(f), len(all), 100*before, f)
		}
		// A handful of literals have nothing in common that would be cheaper.
		if most := price(all); len(all) > 20 && sum > 0.7*most {
			t.Errorf("%s: a healthy line takes %.0f ns, %.0f with all literals", source, sum, most)
		}
	}
	rng := rand.New(rand.NewPCG(8, 8))
	if few := cover(minimal(invented(rng, 1000))); len(few) > mostLiterals {
		t.Errorf("%d literals of a thousand", len(few))
	}
	for line := range strings.Lines(healthy) {
		for _, l := range cover([]string{"connection refused by 10", "connection refused by 11"}) {
			if strings.Contains(line, l) {
				t.Errorf("the piece %q lets a healthy line pass: %q", l, line)
			}
		}
	}
}

// TestNumbersOfALogDoNotPass fills the places of healthy.txt where logs have numbers.
func TestNumbersOfALogDoNotPass(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	filters := Filters(match.New(shipped(t)).Literals(signature.Nodeman))
	passed, lines := 0, 0
	for range 100 {
		for line := range strings.Lines(healthy) {
			numbered := strings.ReplaceAll(line, "@", fmt.Sprintf("%015d%012x", rng.Uint64N(1e15), rng.Uint64N(1<<48)))
			if logs.Passes(line, filters[:1]) || numbered == line {
				continue
			}
			if lines++; logs.Passes(numbered, filters[:1]) {
				passed++
			}
		}
	}
	if lines < 1000 || passed > lines/50 {
		t.Errorf("%d of %d healthy lines pass %q by their numbers", passed, lines, filters[0])
	}
}

func TestTheSameLiteralsGiveTheSameCover(t *testing.T) {
	all := minimal(match.New(shipped(t)).Literals(signature.Nodeman))
	want := cover(all)
	shuffled := slices.Clone(all)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := cover(shuffled); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkPlan(b *testing.B) {
	all := invented(rand.New(rand.NewPCG(9, 9)), 1000)
	b.ReportAllocs()
	for b.Loop() {
		cover(all)
	}
}

// BenchmarkFilters is what a start of the plugin and each change of its settings take.
func BenchmarkFilters(b *testing.B) {
	all := match.New(shipped(b)).Literals(signature.Nodeman)
	for b.Loop() {
		Filters(all)
	}
}
