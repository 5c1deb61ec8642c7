package latency

import (
	"testing"
	"time"
)

func TestPercentilesAreNearestRanks(t *testing.T) {
	var r Recorder
	for i := range 200 {
		r.Add(time.Duration(200-i) * time.Millisecond)
	}
	want := Summary{200, 100 * time.Millisecond, 190 * time.Millisecond, 198 * time.Millisecond, 200 * time.Millisecond}
	if got := r.Take(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := r.Take(); got != (Summary{}) {
		t.Errorf("a second Take: %+v", got)
	}
	r.Add(time.Second)
	if got := r.Take(); got.P50 != time.Second || got.P99 != time.Second {
		t.Errorf("of one: %+v", got)
	}
}
