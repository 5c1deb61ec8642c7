package pace

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestTheLimitIsTheFloorOrAShareAboveWhatIsInUse(t *testing.T) {
	const mb = 1 << 20
	p := Pacer{Floor: 84 * mb, Percent: 25}
	for used, want := range map[int64]int64{0: 84 * mb, 16 * mb: 84 * mb, 48 * mb: 84 * mb, 80 * mb: 124 * mb, 200 * mb: 274 * mb} {
		if got := p.limit(used); got != want {
			t.Errorf("%d MB in use: limit %d MB, want %d MB", used/mb, got/mb, want/mb)
		}
	}
	p.Most = 100 * mb
	for used, want := range map[int64]int64{16 * mb: 84 * mb, 200 * mb: 100 * mb} {
		if got := p.limit(used); got != want {
			t.Errorf("%d MB in use, GOMEMLIMIT 100 MB: limit %d MB, want %d MB", used/mb, got/mb, want/mb)
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
	Keep(Pacer{Floor: floor, Percent: 25})
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
