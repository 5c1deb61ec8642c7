package loki

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// failing answers the first n query_range requests itself.
func failing(f *fakeLoki, n int, answer func(w http.ResponseWriter)) *atomic.Int64 {
	var seen atomic.Int64
	f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
		if path != pathQueryRange || seen.Add(1) > int64(n) {
			return false
		}
		answer(w)
		return true
	}
	return &seen
}

func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func answering(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { refuse(w, status, "%s", body) }
}

func TestReadGetsOverPassingFailures(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		answer func(http.ResponseWriter)
		ok     bool
		kind   logs.Kind
	}{
		{"429 passes", 4, answering(429, "too many outstanding requests"), true, ""},
		{"429 stays", 5, answering(429, "too many outstanding requests"), false, logs.KindRateLimited},
		{"5xx once", 1, answering(502, ""), true, ""},
		{"5xx twice", 2, answering(500, "boom"), false, logs.KindServer},
		{"not ready", 2, answering(503, "starting"), false, logs.KindNotReady},
		{"504 makes requests smaller", 3, answering(504, ""), true, ""},
		{"cut off makes requests smaller", 4, hangUp, true, ""},
		{"parse error", 1, answering(400, "parse error at line 1"), false, logs.KindQuery},
		{"auth", 1, answering(401, "who?"), false, logs.KindAuth},
		{"text", 1, func(w http.ResponseWriter) { refuse(w, 200, "hello") }, false, logs.KindNotLoki},
		{"login page", 1, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<html>login")
		}, false, logs.KindNotLoki},
		{"broken once", 1, func(w http.ResponseWriter) { w.Header().Set("Content-Type", protobufType); fmt.Fprint(w, "\x32\x7f") }, true, ""},
		{"broken JSON", 2, func(w http.ResponseWriter) { w.Header().Set("Content-Type", jsonType); fmt.Fprint(w, `{"status":`) }, false, logs.KindBroken},
		{"metric answer", 2, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		}, false, logs.KindBroken},
		{"error in JSON", 1, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprint(w, `{"status":"error","error":"boom"}`)
		}, false, logs.KindServer},
		{"short body", 2, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", protobufType)
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "abc")
			hangUp(w)
		}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, 1)
			fill(f, 50, time.Minute)
			failing(f, c.n, c.answer)
			g := read(t.Context(), f.client(Options{}), request(day, day.Add(24*time.Hour)))
			if c.ok {
				g.mustEqual(t, f.all(day, day.Add(24*time.Hour)))
				g.mustCover(t, logs.Window{Start: day, End: day.Add(24 * time.Hour), State: logs.Complete})
				return
			}
			var e *Error
			if !errors.As(g.err, &e) || e.Kind != c.kind {
				t.Fatalf("%v", g.err)
			}
			g.mustCover(t, logs.Window{Start: day, End: day.Add(24 * time.Hour), State: logs.Failed, Reason: "x"})
		})
	}
}

func TestReadKeepsWhatWasReadBeforeAFailure(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 300, time.Minute)
	var n atomic.Int64
	f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
		return path == pathQueryRange && n.Add(1) > 3 && refuse(w, 403, "no more") // after the probe and two pages
	}
	end := day.Add(24 * time.Hour)
	g := read(t.Context(), f.client(Options{PageLimit: 100, Parallel: 1, Language: "zh"}), request(day, end))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != logs.KindAuth || len(g.lines) != 213 {
		t.Fatal(g.err, len(g.lines))
	}
	edge := day.Add(212 * time.Minute)
	g.mustCover(t, logs.Window{Start: day, End: edge, State: logs.Complete}, logs.Window{Start: edge, End: end, State: logs.Failed})
	if !strings.Contains(g.cover.Windows[1].Reason, "凭据") {
		t.Error(g.cover.Windows[1].Reason)
	}
}

// A Loki that drops answers above a size and queries of long ranges: both silent failures of a default server.
func TestReadOfAServerThatDropsLargeAnswers(t *testing.T) {
	f := newFake(t, 1)
	for i := range 2000 {
		f.add(`{app="a"}`, day.Add(time.Duration(i)*time.Second).UnixNano(), fmt.Sprint(i, strings.Repeat("x", 100)))
	}
	var dropped atomic.Int64
	f.before = func(_ http.ResponseWriter, path string, form url.Values) bool {
		if path != pathQueryRange {
			return false
		}
		var limit int
		var start, end int64
		_, _ = fmt.Sscan(form.Get("limit"), &limit)
		_, _ = fmt.Sscan(form.Get("start"), &start)
		_, _ = fmt.Sscan(form.Get("end"), &end)
		if limit > 80 || time.Duration(end-start) > 2*time.Hour {
			dropped.Add(1)
			hangUp(nil)
		}
		return false
	}
	end := day.Add(24 * time.Hour)
	g := read(t.Context(), f.client(Options{}), request(day, end))
	g.mustEqual(t, f.all(day, end))
	t.Logf("%d requests, %d dropped", g.cover.Requests, dropped.Load())
	// Each costs a request timeout in earnest. Here every one counts twice, as a connection that is gone at once is
	// tried again.
	if dropped.Load() > 24 {
		t.Errorf("%d requests were dropped", dropped.Load())
	}
}

func TestReadGivesUpAtTheFloor(t *testing.T) {
	f := newFake(t, 1)
	n := failing(f, 1<<30, answering(504, ""))
	g := read(t.Context(), f.client(Options{}), request(day, day.Add(30*24*time.Hour)))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != logs.KindTimeout || n.Load() > maxFailures+1 {
		t.Fatal(g.err, n.Load())
	}
}

func TestReadLearnsLimits(t *testing.T) {
	f := newFake(t, 1)
	f.maxEntries, f.maxLength = 70, 3*time.Hour
	fill(f, 700, time.Minute)
	end := day.Add(24 * time.Hour)
	c := f.client(Options{})
	g := read(t.Context(), c, request(day, end))
	g.mustEqual(t, f.all(day, end))
	if l := c.limits.get(); l.MaxEntries != 70 || l.MaxLength != 3*time.Hour {
		t.Errorf("%+v", l)
	}
	// With the limits endpoint nothing has to be refused first.
	f.limitsBody = `{"limits":{"max_entries_limit_per_query":70,"max_query_length":"3h","max_query_lookback":"0s","query_timeout":"1m","volume_enabled":false},"version":"3.7"}`
	f.queries = nil
	c = f.client(Options{})
	g = read(t.Context(), c, request(day, end))
	g.mustEqual(t, f.all(day, end))
	for _, q := range f.queries {
		if q.Get("limit") > "70" && len(q.Get("limit")) > 1 {
			t.Error(q)
		}
	}
	if l, err := c.Limits(t.Context()); err != nil || l.QueryTimeout != time.Minute {
		t.Errorf("%+v %v", l, err)
	}
}

func TestReadSaysWhatLokiDoesNotLookBackTo(t *testing.T) {
	f := newFake(t, 1)
	f.limitsBody = `{"limits":{"max_entries_limit_per_query":5000,"max_query_lookback":"2h"}}`
	end := day.Add(10 * time.Hour)
	c := f.client(Options{Now: func() time.Time { return end }})
	g := read(t.Context(), c, request(day, end))
	g.mustCover(t, logs.Window{Start: day, End: end.Add(-2 * time.Hour), State: logs.Capped}, logs.Window{Start: end.Add(-2 * time.Hour), End: end, State: logs.Complete})
}

func TestReadNarrowsWhenTooManyBytes(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 100, 10*time.Minute)
	f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		var start, end int64
		_, _ = fmt.Sscan(form.Get("start"), &start)
		_, _ = fmt.Sscan(form.Get("end"), &end)
		return path == pathQueryRange && time.Duration(end-start) > time.Hour &&
			refuse(w, 400, "the query would read too many bytes (query: 35 KiB, limit: 10 B); consider")
	}
	end := day.Add(24 * time.Hour)
	c := f.client(Options{})
	g := read(t.Context(), c, request(day, end))
	g.mustEqual(t, f.all(day, end))
}

// The selectors of a scan are read side by side from the first query on. None may take the silence beyond
// max_query_lookback for an empty log because another one was still asking for the limits.
func TestReadsThatStartTogetherAllKnowTheLimits(t *testing.T) {
	f := newFake(t, 1)
	f.limitsBody = `{"limits":{"max_query_lookback":"2h"}}`
	asking := make(chan struct{})
	var asked atomic.Int32
	f.before = func(_ http.ResponseWriter, path string, _ url.Values) bool {
		if strings.HasSuffix(path, "/drilldown-limits") {
			asked.Add(1)
			<-asking
		}
		return false
	}
	end := day.Add(10 * time.Hour)
	c := f.client(Options{Now: func() time.Time { return end }})
	answers := make(chan got)
	for range 3 {
		go func() { answers <- read(t.Context(), c, request(day, end)) }()
	}
	close(asking)
	for range 3 {
		g := <-answers
		if state, _ := g.cover.Worst(); state != logs.Capped {
			t.Errorf("%+v", g.cover.Windows)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("the limits were asked for %d times", asked.Load())
	}
}

func TestLimitsAreAskedForAgainSoonAfterAFailure(t *testing.T) {
	f := newFake(t, 1)
	down := true
	f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
		return down && strings.HasSuffix(path, "/drilldown-limits") && refuse(w, 500, "")
	}
	end := day.Add(10 * time.Hour)
	now := end
	c := f.client(Options{Now: func() time.Time { return now }})
	read(t.Context(), c, request(day, end))
	down, f.limitsBody, now = false, `{"limits":{"max_query_lookback":"2h"}}`, end.Add(limitsAgain)
	g := read(t.Context(), c, request(day, end))
	if state, _ := g.cover.Worst(); state != logs.Capped {
		t.Errorf("%+v", g.cover.Windows)
	}
}

// Bytes that do not decompress are an answer that cannot be read, not a Loki that failed.
func TestAGarbledAnswerIsSaidToBeBroken(t *testing.T) {
	f := newFake(t, 1)
	f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
		if path != pathQueryRange {
			return false
		}
		w.Header().Set("Content-Type", protobufType)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("this was never compressed"))
		return true
	}
	g := read(t.Context(), f.client(Options{}), request(day, day.Add(time.Hour)))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != logs.KindBroken {
		t.Fatal(g.err)
	}
}

// Loki counts its look-back of 30 s (max_look_back_period) into the length of a query.
func TestReadLearnsALengthThatLokiCountsDifferently(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 100, 10*time.Minute)
	f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		var start, end int64
		_, _ = fmt.Sscan(form.Get("start"), &start)
		_, _ = fmt.Sscan(form.Get("end"), &end)
		counted := time.Duration(end-start) + 30*time.Second
		return path == pathQueryRange && counted > time.Hour &&
			refuse(w, 400, "the query time range exceeds the limit (query length: %s, limit: 1h)", counted)
	}
	end := day.Add(16 * time.Hour)
	read(t.Context(), f.client(Options{}), request(day, end)).mustEqual(t, f.all(day, end))
}

// An ingester sends up to 128 lines at once. When those exceed the gRPC limit of 4 MiB, Loki answers with success and
// no line at all (seen on 3.7.8).
func TestReadLosesNoLongLinesToLokisSilence(t *testing.T) {
	for name, fixed := range map[string]int{"pages by bytes": 0, "pages of a fixed size": 1000} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, 1)
			for i := range 300 {
				f.add(`{app="a"}`, day.Add(time.Duration(i)*time.Minute).UnixNano(), fmt.Sprintf("%d %s", i, strings.Repeat("x", 40<<10)))
			}
			f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
				var limit int
				_, _ = fmt.Sscan(form.Get("limit"), &limit)
				if path != pathQueryRange || min(limit, 128)*(40<<10) < 4<<20 {
					return false
				}
				w.Header().Set("Content-Type", protobufType)
				_, _ = w.Write(protoAnswer(nil))
				return true
			}
			end := day.Add(6 * time.Hour)
			read(t.Context(), f.client(Options{PageLimit: fixed}), request(day, end)).mustEqual(t, f.all(day, end))
		})
	}
}
