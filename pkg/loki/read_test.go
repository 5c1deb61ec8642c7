package loki

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
)

var day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func request(start, end time.Time) logs.Request {
	return logs.Request{Selector: `{app=~".+"}`, Start: start, End: end}
}

func encodings(t *testing.T, run func(t *testing.T, json bool)) {
	for _, json := range []bool{false, true} {
		t.Run(map[bool]string{false: "protobuf", true: "json"}[json], func(t *testing.T) { run(t, json) })
	}
}

func (g got) mustCover(t *testing.T, want ...logs.Window) {
	t.Helper()
	if len(g.cover.Windows) != len(want) {
		t.Fatalf("coverage %+v, want %+v", g.cover.Windows, want)
	}
	for i, w := range g.cover.Windows {
		if !w.Start.Equal(want[i].Start) || !w.End.Equal(want[i].End) || w.State != want[i].State || (w.Reason == "") != (w.State == logs.Complete) {
			t.Fatalf("coverage %+v, want %+v", g.cover.Windows, want)
		}
	}
}

// The case that the design asks for: 12,000 lines, 3,000 of them at one nanosecond over 40 streams, pages of 500.
func TestReadTwelveThousandLinesWithTies(t *testing.T) {
	encodings(t, func(t *testing.T, json bool) {
		for _, maxEntries := range []int{5000, 500} {
			f := newFake(t, 7)
			f.json, f.maxEntries = json, maxEntries
			for i := range 12000 {
				ns := day.UnixNano() + int64(i)*int64(time.Second) + int64(i%977)
				if i >= 4000 && i < 7000 {
					ns = day.Add(4000 * time.Second).UnixNano()
				}
				f.add(fmt.Sprintf(`{app="a", pod="p%02d"}`, i%40), ns, fmt.Sprintf("line %d 蓝鲸 <&>", i), "trace", fmt.Sprint(i))
			}
			end := day.Add(24 * time.Hour)
			g := read(t.Context(), f.client(Options{PageLimit: 500}), request(day, end))
			g.mustEqual(t, f.all(day, end))
			g.mustCover(t, logs.Window{Start: day, End: end, State: logs.Complete})
			if g.cover.Lines != 12000 || g.cover.Requests < len(f.queries) || g.cover.Bytes < 12000*20 {
				t.Errorf("%+v", g.cover)
			}
			t.Logf("max_entries %d: %d requests", maxEntries, g.cover.Requests)
		}
	})
}

// Property: whatever the ties, the page size and the server's limit, nothing is lost and nothing comes twice.
// seeds is how many random worlds a test goes through: a tenth with -short, as under the race detector.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 10
	}
	return n
}

func TestReadIsExactForRandomTies(t *testing.T) {
	encodings(t, func(t *testing.T, json bool) {
		capped := 0
		defer func() { t.Logf("%d reads had to be capped", capped) }()
		for seed := range seeds(60) {
			r := rand.New(rand.NewPCG(seed, 2))
			f := newFake(t, seed)
			f.json, f.maxEntries = json, 1+r.IntN(60)
			f.mute, f.twice = r.IntN(2) == 0, r.IntN(4) == 0
			if r.IntN(3) == 0 {
				f.silent = 3 + r.IntN(20)
			}
			streams, instants := 1+r.IntN(6), 1+r.IntN(40)
			spread := []time.Duration{time.Nanosecond, time.Millisecond, 37 * time.Minute}[r.IntN(3)]
			for i := range r.IntN(700) {
				ns := day.UnixNano() + int64(r.IntN(instants))*int64(spread)
				stream := fmt.Sprintf(`{app="a", pod="%d"}`, r.IntN(streams))
				switch r.IntN(4) {
				case 0:
					stream = `{app="a"}` // its labels are part of the others'
				case 1:
					f.add(stream, ns, "same line", "trace", fmt.Sprint(i))
					continue
				}
				f.add(stream, ns, fmt.Sprintf("line %d of many", i))
			}
			end := day.Add(48 * time.Hour)
			g := read(t.Context(), f.client(Options{PageLimit: r.IntN(50)}), request(day, end))
			if state, _ := g.cover.Worst(); state == logs.Complete {
				g.mustEqual(t, f.all(day, end))
				continue
			}
			// Same line, same stream, same instant, more often than the server returns at once: it has to say so, and
			// what it says is complete has to be.
			if g.err != nil {
				t.Fatal(g.err)
			}
			all := f.all(day, end)
			left := map[string]int{}
			for _, l := range all {
				left[l]++
			}
			for _, l := range g.lines {
				if left[l]--; left[l] < 0 {
					t.Fatalf("%s came twice", l)
				}
			}
			if f.silent == 0 && !f.twice && len(g.lines) >= len(all) { // else more may stand behind the limit
				t.Fatal("capped without need")
			}
			for _, w := range g.cover.Windows {
				if w.State != logs.Complete {
					continue
				}
				for _, l := range f.all(w.Start, w.End) {
					if left[l] > 0 {
						t.Fatalf("%s is missing in %+v", l, w)
					}
				}
			}
			capped++
		}
	})
}

func TestReadOneStreamWithMoreTiesThanTheServerReturns(t *testing.T) {
	f := newFake(t, 3)
	f.maxEntries = 100
	for i := range 2500 {
		f.add(`{app="a"}`, day.UnixNano(), fmt.Sprintf("task %d failed", i))
	}
	f.add(`{app="a"}`, day.UnixNano()+1, "after")
	end := day.Add(time.Hour)
	g := read(t.Context(), f.client(Options{}), request(day, end))
	g.mustEqual(t, f.all(day, end))
	t.Logf("%d requests", g.cover.Requests)
}

func TestReadSaysWhenAnInstantCannotBeTakenApart(t *testing.T) {
	f := newFake(t, 3)
	f.maxEntries = 100
	for i := range 250 {
		f.add(`{app="a"}`, day.UnixNano()+5, "all the same", "n", fmt.Sprint(i))
	}
	f.add(`{app="a"}`, day.UnixNano()+6, "after")
	end := day.Add(time.Hour)
	g := read(t.Context(), f.client(Options{}), request(day, end))
	if g.err != nil || len(g.lines) < 101 {
		t.Fatal(g.err, len(g.lines))
	}
	at := day.Add(5)
	g.mustCover(t, logs.Window{Start: day, End: at, State: logs.Complete}, logs.Window{Start: at, End: at.Add(1), State: logs.Capped},
		logs.Window{Start: at.Add(1), End: end, State: logs.Complete})
}

func fill(f *fakeLoki, n int, every time.Duration) {
	for i := range n {
		f.add(fmt.Sprintf(`{app="a", pod="%d"}`, i%7), day.Add(time.Duration(i)*every).UnixNano(), fmt.Sprintf("line %d", i))
	}
}

func TestReadStopsAtMaxLines(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 300, time.Minute)
	end := day.Add(10 * time.Hour)
	for _, c := range []struct{ max, lines, windows int }{{299, 299, 2}, {300, 300, 1}, {301, 300, 1}, {0, 300, 1}, {100, 100, 2}, {150, 150, 2}, {1, 1, 1}} {
		req := request(day, end)
		req.MaxLines = c.max
		g := read(t.Context(), f.client(Options{PageLimit: 100}), req)
		if g.err != nil || len(g.lines) != c.lines || len(g.cover.Windows) != c.windows {
			t.Errorf("max %d: %d lines, %v, %+v", c.max, len(g.lines), g.err, g.cover.Windows)
		}
		last := g.cover.Windows[len(g.cover.Windows)-1]
		if wantCapped := c.lines < 300; (last.State == logs.Capped) != wantCapped || !last.End.Equal(end) {
			t.Errorf("max %d: %+v", c.max, g.cover.Windows)
		}
		// What is called complete is complete.
		if w := g.cover.Windows[0]; w.State == logs.Complete {
			have := map[string]bool{}
			for _, l := range g.lines {
				have[l] = true
			}
			for _, l := range f.all(w.Start, w.End) {
				if !have[l] {
					t.Fatalf("max %d: %s is missing in %+v", c.max, l, w)
				}
			}
		}
	}
}

func TestReadStopsAtMaxBytes(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 1000, time.Second)
	req := request(day, day.Add(time.Hour))
	req.MaxBytes = 5000
	g := read(t.Context(), f.client(Options{PageLimit: 100}), req)
	if state, reason := g.cover.Worst(); g.err != nil || state != logs.Capped || reason == "" || len(g.lines) >= 1000 || len(g.lines) < 100 {
		t.Fatal(g.err, state, reason, len(g.lines))
	}
	g.mustEqual(t, f.all(day, g.cover.Windows[0].End.Add(1)))
}

func TestReadStoppedByTheCaller(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 250, time.Second)
	seq, cover := f.client(Options{PageLimit: 100}).Read(t.Context(), request(day, day.Add(time.Hour)))
	n := 0
	for _, err := range seq {
		if n++; n == 150 || err != nil {
			break
		}
	}
	if len(cover.Windows) != 2 || cover.Windows[0].State != logs.Complete || cover.Windows[1].State != logs.Capped || cover.Requests == 0 {
		t.Fatalf("%+v", cover)
	}
}

func TestReadOfNothing(t *testing.T) {
	f := newFake(t, 1)
	for _, req := range []logs.Request{request(day, day), request(day, day.Add(-time.Hour)), request(time.Time{}, time.Time{})} {
		g := read(t.Context(), f.client(Options{}), req)
		if g.err != nil || len(g.lines) != 0 || len(g.cover.Windows) != 0 || len(f.queries) != 0 {
			t.Errorf("%+v", g)
		}
	}
	g := read(t.Context(), f.client(Options{}), request(day, day.Add(time.Hour)))
	g.mustEqual(t, nil)
	g.mustCover(t, logs.Window{Start: day, End: day.Add(time.Hour), State: logs.Complete})
}

func TestReadHonoursBounds(t *testing.T) {
	f := newFake(t, 1)
	for i := range int64(10) {
		f.add(`{app="a"}`, day.UnixNano()+i, fmt.Sprint(i))
	}
	g := read(t.Context(), f.client(Options{}), request(day.Add(3), day.Add(7)))
	g.mustEqual(t, f.all(day.Add(3), day.Add(7)))
	if len(g.lines) != 4 {
		t.Fatal(g.lines)
	}
	if testing.Short() {
		return // three centuries are many requests
	}
	// Far outside of what Loki can be asked for.
	g = read(t.Context(), f.client(Options{}), request(time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	g.mustEqual(t, f.all(day, day.Add(time.Hour)))
}

func TestReadTwiceThroughOneIterator(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 10, time.Second)
	seq, cover := f.client(Options{}).Read(context.Background(), request(day, day.Add(time.Hour)))
	for range 2 {
		for _, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(cover.Windows) != 1 || cover.Lines != 10 {
		t.Fatalf("the coverage is of the last reading: %+v", cover)
	}
}

// A server that sends ten lines whatever it is asked for, and does not say so, loses none.
func TestReadAsksOnWhenAServerCapsThePageSilently(t *testing.T) {
	for name, set := range map[string]func(*fakeLoki){
		"a gateway that lowers the limit": func(*fakeLoki) {},
		"a store that says nothing":       func(f *fakeLoki) { f.mute = true },
		"a store that speaks JSON":        func(f *fakeLoki) { f.json = true },
	} {
		f := newFake(t, 1)
		f.silent = 10
		set(f)
		for i := range 120 {
			f.add(`{app="a", pod="1"}`, day.Add(time.Duration(i)*time.Minute).UnixNano(), fmt.Sprintf("line %d", i))
		}
		for i := range 40 {
			f.add(fmt.Sprintf(`{app="a", pod="%d"}`, i%3), day.Add(3*time.Hour).UnixNano(), fmt.Sprintf("tie %d", i))
		}
		end := day.Add(6 * time.Hour)
		g := read(t.Context(), f.client(Options{}), request(day, end))
		if g.err != nil || len(g.lines) != 160 {
			t.Errorf("%s: %d lines of 160, %v", name, len(g.lines), g.err)
			continue
		}
		g.mustEqual(t, f.all(day, end))
		g.mustCover(t, logs.Window{Start: day, End: end, State: logs.Complete})
	}
}

// Loki itself tells that a short page is the end: nothing is asked twice.
func TestAShortPageOfLokiIsTheEnd(t *testing.T) {
	f := newFake(t, 1)
	for i := range 9 {
		f.add(`{app="a"}`, day.Add(time.Duration(i)*time.Minute).UnixNano(), fmt.Sprintf("line %d", i))
	}
	end := day.Add(time.Hour)
	read(t.Context(), f.client(Options{}), request(day, end)).mustEqual(t, f.all(day, end))
	if len(f.queries) != 1 {
		t.Errorf("%d queries for one page", len(f.queries))
	}
}

// The same entry twice in an answer, as of two replicas, counts once.
func TestReadTakesEqualEntriesOfOneInstantForOne(t *testing.T) {
	encodings(t, func(t *testing.T, json bool) {
		f := newFake(t, 1)
		f.json, f.twice = json, true
		for i := range 40 {
			f.add(`{app="a"}`, day.Add(time.Duration(i/3)*time.Minute).UnixNano(), fmt.Sprintf("line %d", i))
		}
		for i := range 40 {
			f.add(`{app="a"}`, day.Add(time.Hour).UnixNano(), "same line", "task_id", fmt.Sprint(i))
		}
		end := day.Add(2 * time.Hour)
		for _, limit := range []int{0, 7} {
			g := read(t.Context(), f.client(Options{PageLimit: limit}), request(day, end))
			if g.err != nil || len(g.lines) != 80 {
				t.Fatalf("page limit %d: %d lines, want 80: %v", limit, len(g.lines), g.err)
			}
		}
	})
}

// A line may cost its reader much: reading ends soon after the context, and not with the page.
func TestReadEndsWithItsContext(t *testing.T) {
	f := newFake(t, 1)
	for i := range 2000 {
		f.add(`{app="a"}`, day.Add(time.Duration(i)*time.Second).UnixNano(), fmt.Sprintf("line %d", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines, cover := f.client(Options{PageLimit: 2000}).Read(ctx, request(day, day.Add(time.Hour)))
	n := 0
	for _, err := range lines {
		if n++; err == nil {
			cancel()
		}
	}
	if state, _ := cover.Worst(); n > 2*checkEvery || state != logs.Failed {
		t.Errorf("%d lines after the end of the context, coverage %v", n, cover.Windows)
	}
}

// A stream of 100,000 labels costs its lines no more than the others'.
func TestManyLabelsCostOncePerPage(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	key := `{` + strings.Repeat(`label="some value of a label", `, 100_000) + `}`
	p := &page{streams: []pageStream{{stream: &logs.Stream{Key: key}}}}
	for i := range 50_000 { // which would take a minute if each cost what the labels are long
		p.streams[0].entries = append(p.streams[0].entries, logproto.Entry{Timestamp: day, Line: fmt.Sprintf("line %d", i)})
	}
	started := time.Now()
	p.finish()
	s := seen{}
	s.add(p.streams, day.UnixNano())
	if left := s.without(p, day.UnixNano()); len(left) != 0 {
		t.Errorf("%d streams are left", len(left))
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("50,000 lines took %v", took)
	}
}
