package loki

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
)

func TestSizer(t *testing.T) {
	now := day
	clock := func() time.Time { return now }
	s := &sizer{max: 5000, now: clock}
	if s.limit() != probeLimit || !s.probes() {
		t.Error("first page", s.limit())
	}
	s.observe(1000, 200_000, true)
	if s.limit() != 5000 {
		t.Error("short lines", s.limit())
	}
	s.observe(1000, 20_000_000, true)
	if got := s.limit(); got < 50 || got > 54 {
		t.Error("long lines count at once", got)
	}
	s.observe(100, 20_000, true)
	if got := s.limit(); got > 300 {
		t.Error("short ones only bit by bit", got)
	}
	s.observe(0, 3500, false)
	s.observe(3, 1<<20, false)
	if got := s.limit(); got < 50 || got > 100 {
		t.Error("few lines say nothing", got)
	}
	s = &sizer{max: 5000, now: clock}
	s.observe(1000, 1<<20, true)
	for _, want := range []int{250, 62, 15, 10} {
		if !s.shrink(s.limit()) || s.limit() != want {
			t.Error(want, s.limit())
		}
	}
	if s.shrink(10) || s.limit() != 10 {
		t.Error("below the floor", s.limit())
	}
	s = &sizer{max: 5000, now: clock}
	s.observe(1000, 1000, true)
	s.shrink(5000)
	s.shrink(5000)
	for range 10 {
		s.observe(s.limit(), 1000, true)
		if s.limit() > 2500 {
			t.Fatal("tries again what failed", s.limit())
		}
	}
	if s.limit() != 2500 {
		t.Error("recovers to half", s.limit())
	}
	now = now.Add(forgetAfter + 1)
	if s.limit() != 5000 {
		t.Error("recovers", s.limit())
	}
	s = &sizer{max: 5000, now: clock}
	s.observe(0, 3500, false)
	if !s.probes() {
		t.Error("no line tells nothing")
	}
	s.observe(2, 4200, false)
	if got := s.limit(); got != pageBytes/2100/cautious {
		t.Error("two lines, so the next may be longer", got)
	}
	s.observe(1, 6000, false)
	if got := s.limit(); got != pageBytes/6000/cautious {
		t.Error("a longer one", got)
	}
	s.observe(100, 20_000, false)
	if got := s.limit(); got != 5000 {
		t.Error("many lines are believed", got)
	}
	s = &sizer{fixed: 300, max: 200}
	s.observe(100, 20_000, true)
	if s.limit() != 200 || s.largest() != 200 {
		t.Error("the server's limit wins", s.limit())
	}
	s.setMax(0)
	if s.limit() != 1 {
		t.Error("at least one line")
	}
}

func TestSpan(t *testing.T) {
	hour := int64(time.Hour)
	s := span{width: 6 * time.Hour, timeout: 24 * time.Second}
	if got := s.until(hour/2, 100*hour, false); got != 6*hour {
		t.Error("ends on the hour", got)
	}
	if got := s.until(hour/2, 3*hour, false); got != 3*hour {
		t.Error("ends at the end", got)
	}
	s.probe = time.Hour
	if got := s.until(hour/2, 100*hour, true); got != hour {
		t.Error("a probe is one split", got)
	}
	s.observe(20*time.Millisecond, false)
	if got := s.until(hour/2, 100*hour, true); got != 4*hour {
		t.Error("and looks farther after one with room", got)
	}
	if s.width != 24*time.Hour {
		t.Error(s.width)
	}
	s.observe(100*time.Millisecond, false)
	s.observe(5*time.Second, false)
	s.observe(20*time.Second, true)
	if s.width != 48*time.Hour {
		t.Error(s.width)
	}
	s.observe(20*time.Second, false)
	if s.width != 24*time.Hour {
		t.Error(s.width)
	}
	s.max = time.Hour
	if got := s.until(hour/2, 100*hour, false); got != hour*3/2 {
		t.Error("the server's limit", got)
	}
	if !s.narrow(time.Hour, 4) || s.width != 15*time.Minute || !s.narrow(2*time.Minute, 4) || s.width != floorSpan || s.narrow(floorSpan, 4) {
		t.Error(s.width)
	}
	s = span{width: 6 * time.Hour, timeout: 24 * time.Second}
	s.narrow(6*time.Hour, 4)
	for range 10 {
		s.observe(0, false)
	}
	if s.width != 3*time.Hour {
		t.Error("tries again what failed", s.width)
	}
}

func TestSplitterHalves(t *testing.T) {
	page := func(lines ...string) *page {
		var entries []logproto.Entry
		for _, l := range lines {
			entries = append(entries, logproto.Entry{Line: l})
		}
		return &page{streams: []pageStream{{entries: entries}}, lines: len(lines)}
	}
	var numbers, long []string
	for i := range 1000 {
		numbers = append(numbers, fmt.Sprintf("task %d failed \xff", i))
		long = append(long, fmt.Sprintf("%03d%s", i, strings.Repeat("蓝", 500)))
	}
	for _, lines := range [][]string{numbers, long, {"a", "b"}, {"x", "xx"}, {"", "a"}, {"中a", "中b"}} {
		regex := splitter(page(lines...))
		matched := 0
		for _, l := range lines {
			if regexp.MustCompile(regex).MatchString(l) {
				matched++
			}
		}
		if matched < len(lines)*4/10 || matched > len(lines)*6/10 {
			t.Errorf("%s: %d of %d", regex, matched, len(lines))
		}
	}
	if regex := splitter(page("same", "same")); regex != "" {
		t.Error(regex)
	}
}
