package memlimit

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestTheLimitIsTheFloorOrAShareAboveWhatIsInUse(t *testing.T) {
	const mb = 1 << 20
	p := Share{Floor: 84 * mb, Percent: 25}
	for _, c := range []struct{ used, beside, want int64 }{
		{0, 0, 84}, {16, 16, 84}, {48, 20, 84}, {80, 20, 124}, {200, 20, 274}, // near the floor, and above it
		{16, 100, 124}, // the stacks of many queries
	} {
		if got := p.limit(c.used*mb, c.beside*mb); got != c.want*mb {
			t.Errorf("%d MB in use and %d beside: limit %d MB, want %d MB", c.used, c.beside, got/mb, c.want)
		}
	}
	p.Most = 100 * mb
	for used, want := range map[int64]int64{16: 84, 200: 100} {
		if got := p.limit(used*mb, 0); got != want*mb {
			t.Errorf("%d MB in use, GOMEMLIMIT 100 MB: limit %d MB, want %d MB", used, got/mb, want)
		}
	}
}

// What is in use changes; the limit has to follow it at each collection.
func TestTheLimitFollowsWhatIsInUse(t *testing.T) {
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
	const floor = 64 << 20
	Keep(Share{Floor: floor, Percent: 25})
	held := make([]byte, 200<<20)
	waitFor(t, func(limit int64) bool { return limit > 250<<20 && limit < 400<<20 })
	runtime.KeepAlive(held)
	waitFor(t, func(limit int64) bool { return limit == floor })
}

// waitFor collects until the limit is as it should be.
func waitFor(t *testing.T, good func(limit int64) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		limit := debug.SetMemoryLimit(-1)
		if good(limit) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the limit stays at %d MB", limit>>20)
		}
	}
}
