// Package memlimit decides when garbage is collected. Go's own setting is a share of what is in use: with the 15 MB that a
// plugin keeps for a day of logs it collects several times within one refresh, and with a share large enough to
// prevent that it would hold twice what it uses after a flood of hits. So the process may have a fixed amount of
// memory, which only a share of what is in use can exceed.
package memlimit

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// spare is for what comes beside the heap until the next collection, in bytes.
const spare = 4 << 20

// Share bounds the memory of a process by what is in use.
type Share struct {
	// Floor is what the process may always have, in bytes, its program and other mapped files aside.
	Floor int64
	// Percent is how much garbage there may be beside what is in use where the floor leaves less.
	Percent int64
	// Most is a limit that somebody else set and that stays, in bytes; 0 is none.
	Most int64
}

// Keep lets garbage be collected at a memory limit only (debug.SetMemoryLimit), and sets that limit anew after each
// collection, from now on. A lower one that was set with GOMEMLIMIT stays.
func Keep(p Share) {
	p.Most = debug.SetMemoryLimit(-1)
	p.set()
	debug.SetGCPercent(-1)
}

func (p Share) set() {
	debug.SetMemoryLimit(p.limit(inUse()))
	// A value that nobody refers to does not outlive the next collection. It has a pointer, so that it does not share its
	// memory with other small values.
	type mark struct{ _ *byte }
	runtime.AddCleanup(&mark{new(byte)}, Share.set, p)
}

// limit is how much memory there may be when used bytes of the heap are in use, and others beside the heap. Those count
// in Go's limit, too: were they forgotten, a storm of queries would collect all the time for the sake of their stacks.
func (p Share) limit(used, beside int64) int64 {
	limit := max(p.Floor, used+used*p.Percent/100+beside+spare)
	if p.Most > 0 {
		limit = min(limit, p.Most)
	}
	return limit
}

// inUse returns how many bytes of the heap the last collection found in use, and how many are beside it: fragments of the heap,
// stacks, and the books of the runtime.
func inUse() (used, beside int64) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	var bytes [5]int64
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 { // else it is not a metric of this Go any more
			bytes[i] = int64(min(s.Value.Uint64(), math.MaxInt64/4)) //nolint:gosec // bounded
		}
	}
	return bytes[0], max(0, bytes[1]-bytes[2]-bytes[3]-bytes[4])
}
