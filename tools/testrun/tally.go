package testrun

import (
	"fmt"
	"strings"
)

type outcome int

// From the weakest to the strongest: a test that ran under several parts counts once, with its strongest outcome.
const (
	skipped outcome = iota
	passed
	failed
)

// Tally counts tests over several runs. The zero value is ready; it is not for use from several goroutines.
type Tally struct {
	goTests map[string]outcome // by "package Test" or "package Test/sub"; a package that fails by itself is in it under its path
	jest    map[outcome]int
}

func (t *Tally) addGo(name string, o outcome) {
	if t.goTests == nil {
		t.goTests = map[string]outcome{}
	}
	if old, seen := t.goTests[name]; !seen || o > old {
		t.goTests[name] = o
	}
}

func (t *Tally) addJest(o outcome, n int) {
	if t.jest == nil {
		t.jest = map[outcome]int{}
	}
	t.jest[o] += n
}

// Empty tells that nothing was counted yet.
func (t *Tally) Empty() bool { return len(t.goTests) == 0 && len(t.jest) == 0 }

// String is the last line of a run, such as "214 passed, 0 failed, 2 skipped (Go 180, Jest 36)".
// Sub-tests count, their parents do not, unless a parent failed by itself. Tests that ran again under another
// part, such as the race detector, count once.
func (t *Tally) String() string {
	inGo := t.leaves()
	total := map[outcome]int{}
	goSum, jestSum := 0, 0
	for _, o := range []outcome{skipped, passed, failed} {
		total[o] = inGo[o] + t.jest[o]
		goSum += inGo[o]
		jestSum += t.jest[o]
	}
	line := fmt.Sprintf("%d passed, %d failed", total[passed], total[failed])
	if total[skipped] > 0 {
		line += fmt.Sprintf(", %d skipped", total[skipped])
	}
	return line + fmt.Sprintf(" (Go %d, Jest %d)", goSum, jestSum)
}

// leaves counts the Go tests without parents, but with those that failed although no child did.
func (t *Tally) leaves() map[outcome]int {
	parents, blamed := map[string]bool{}, map[string]bool{}
	for name, o := range t.goTests {
		for parent := parentOf(name); parent != ""; parent = parentOf(parent) {
			parents[parent] = true
			blamed[parent] = blamed[parent] || o == failed
		}
	}
	counts := map[outcome]int{}
	for name, o := range t.goTests {
		if !parents[name] || (o == failed && !blamed[name]) {
			counts[o]++
		}
	}
	return counts
}

// parentOf cuts the last sub-test off package Test/a/b; a top-level test has none.
// Names join package and test with a space, which neither contains, as a package's path has slashes too.
func parentOf(name string) string {
	_, test, ok := strings.Cut(name, " ")
	if !ok {
		return ""
	}
	i := strings.LastIndex(test, "/")
	if i < 0 {
		return ""
	}
	return name[:len(name)-len(test)+i]
}
