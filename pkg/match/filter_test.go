package match

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func naive(literals []string, s string) []int {
	var out []int
	for i, l := range literals {
		if strings.Contains(s, l) {
			out = append(out, i)
		}
	}
	return out
}

func found(f *filter, s string) []int {
	var out []int
	f.find(s, func(i int) {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	})
	slices.Sort(out)
	return out
}

func TestFilterFindsWhatANaiveLoopFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abc\xe5"[rng.IntN(4)]
		}
		return string(b)
	}
	for range 2000 {
		literals := make([]string, 1+rng.IntN(40))
		for i := range literals {
			literals[i] = random(3 + rng.IntN(12))
		}
		f := newFilter(literals)
		text := random(rng.IntN(200))
		if got, want := found(f, text), naive(literals, text); !slices.Equal(got, want) {
			t.Fatalf("%q in %q: got %v, want %v", literals, text, got, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("curl: (6) Could not resolve host", "is not connect\nCould not resolve\nexit_status -> ")
	f.Fuzz(func(t *testing.T, text, list string) {
		literals := slices.DeleteFunc(strings.Split(list, "\n"), func(l string) bool { return l == "" })
		if got, want := found(newFilter(literals), text), naive(literals, text); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
