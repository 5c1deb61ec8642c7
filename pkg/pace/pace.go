// Package pace decides when garbage is collected. Go's own setting is a share of what is in use: with the 15 MB that a
// plugin keeps for a day of logs it collects several times within one refresh, and with a share large enough to
// prevent that it would hold twice what it uses after a flood of hits.
package pace

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Pacer keeps the heap between a floor and a share above what is in use.
type Pacer struct {
	// Floor is up to where the heap grows before it is collected, in bytes.
	Floor uint64
	// Percent is how much the heap grows beyond what is in use where that is near the floor or above it.
	Percent int
}

// Keep sets the pace from now on: after each collection it sets Go's percentage anew (debug.SetGCPercent).
func (p Pacer) Keep() {
	debug.SetGCPercent(p.percent(live()))
	p.again()
}

// again waits for the end of the next collection: a value that nobody refers to does not outlive it.
func (p Pacer) again() {
	type mark struct{ _ *byte } // with a pointer, so that it does not share its memory with other small values
	runtime.AddCleanup(&mark{new(byte)}, Pacer.Keep, p)
}

// percent is by how much the heap may grow when used bytes of it are in use.
func (p Pacer) percent(used uint64) int {
	if used == 0 {
		return p.Percent
	}
	room := 100 * (float64(p.Floor) - float64(used)) / float64(used)
	return max(p.Percent, int(min(room, math.MaxInt32)))
}

// live returns how many bytes of the heap the last collection found in use.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0 // not a metric of this Go any more
	}
	return sample[0].Value.Uint64()
}
