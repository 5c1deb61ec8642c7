package pace

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestTheHeapGrowsToTheFloorOrByAShare(t *testing.T) {
	p := Pacer{Floor: 64 << 20, Percent: 25}
	for used, want := range map[uint64]int{
		0:         25, // not known
		16 << 20:  300,
		40 << 20:  60,
		60 << 20:  25,
		200 << 20: 25,
		1:         1<<31 - 1,
	} {
		if got := p.percent(used); got != want {
			t.Errorf("%d bytes in use: %d %%, want %d %%", used, got, want)
		}
	}
}

// What is in use changes; the pace has to follow it at each collection.
func TestThePaceFollowsWhatIsInUse(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	Pacer{Floor: 64 << 20, Percent: 25}.Keep()
	held := make([]byte, 100<<20)
	for range 2 { // the second collection knows what the first one found
		waitFor(t, func(percent int) bool { return percent == 25 })
	}
	runtime.KeepAlive(held)
	waitFor(t, func(percent int) bool { return percent > 100 })
}

// waitFor collects until the percentage that is set is as it should be.
func waitFor(t *testing.T, good func(percent int) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		percent := debug.SetGCPercent(25)
		debug.SetGCPercent(percent)
		if good(percent) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the percentage stays at %d", percent)
		}
	}
}
