package trend

import (
	"testing"
	"time"
)

func TestSevenDaysAndASecondAreOneWeek(t *testing.T) {
	for length, want := range map[time.Duration]int{Span: 1, Span + time.Second: 1, Span + 2*time.Hour: 2, time.Hour: 1, 4 * Span: 4, time.Second: 1, 0: 0} {
		parts := Parts(start, start.Add(length))
		if len(parts) != want {
			t.Errorf("%s has %d parts, want %d", length, len(parts), want)
			continue
		}
		at := start
		for _, p := range parts {
			if !p[0].Equal(at) || !p[1].After(p[0]) {
				t.Errorf("%s: a part from %s to %s", length, p[0], p[1])
			}
			at = p[1]
		}
		if want > 0 && !at.Equal(start.Add(length)) {
			t.Errorf("%s ends at %s", length, at)
		}
	}
}
