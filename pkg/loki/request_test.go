package loki

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

func TestRequestOnTheWire(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/gate/way"+pathQueryRange {
			http.NotFound(w, r)
			return
		}
		_ = r.ParseForm()
		got = r
		w.Header().Set("Content-Type", protobufType)
		_, _ = w.Write(protoAnswer(nil))
	}))
	t.Cleanup(s.Close)
	c := New(Options{URL: s.URL + "/gate/way/", Tenant: "a|b"})
	req := request(day, day.Add(time.Hour+1))
	req.AnyOf = []string{"x"}
	if g := read(t.Context(), c, req); g.err != nil {
		t.Fatal(g.err)
	}
	want := url.Values{
		"query": {`{app=~".+"} |= "x"`}, "start": {fmt.Sprint(day.UnixNano())}, "end": {fmt.Sprint(day.Add(time.Hour + 1).UnixNano())},
		"limit": {"1000"}, "direction": {"forward"},
	}
	if got.Method != "POST" || got.URL.RawQuery != "" || got.PostForm.Encode() != want.Encode() {
		t.Errorf("%s %s %v", got.Method, got.URL, got.PostForm)
	}
	for name, value := range map[string]string{
		"Accept": protobufType, "X-Loki-Response-Encoding-Flags": "categorize-labels", "X-Scope-Orgid": "a|b",
		"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip",
	} {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
}

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
		kind   Kind
	}{
		{"429 passes", 4, answering(429, "too many outstanding requests"), true, ""},
		{"429 stays", 5, answering(429, "too many outstanding requests"), false, KindRateLimited},
		{"5xx once", 1, answering(502, ""), true, ""},
		{"5xx twice", 2, answering(500, "boom"), false, KindServer},
		{"not ready", 2, answering(503, "starting"), false, KindNotReady},
		{"504 makes requests smaller", 3, answering(504, ""), true, ""},
		{"cut off makes requests smaller", 4, hangUp, true, ""},
		{"parse error", 1, answering(400, "parse error at line 1"), false, KindQuery},
		{"auth", 1, answering(401, "who?"), false, KindAuth},
		{"text", 1, func(w http.ResponseWriter) { refuse(w, 200, "hello") }, false, KindNotLoki},
		{"login page", 1, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<html>login")
		}, false, KindNotLoki},
		{"broken once", 1, func(w http.ResponseWriter) { w.Header().Set("Content-Type", protobufType); fmt.Fprint(w, "\x32\x7f") }, true, ""},
		{"broken JSON", 2, func(w http.ResponseWriter) { w.Header().Set("Content-Type", jsonType); fmt.Fprint(w, `{"status":`) }, false, KindBroken},
		{"metric answer", 2, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		}, false, KindBroken},
		{"error in JSON", 1, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprint(w, `{"status":"error","error":"boom"}`)
		}, false, KindServer},
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
		return path == pathQueryRange && n.Add(1) > 2 && refuse(w, 403, "no more")
	}
	end := day.Add(24 * time.Hour)
	g := read(t.Context(), f.client(Options{PageLimit: 100, Parallel: 1, Language: "zh"}), request(day, end))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != KindAuth || len(g.lines) != 199 {
		t.Fatal(g.err, len(g.lines))
	}
	edge := day.Add(198 * time.Minute)
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
			hangUp(nil)
		}
		return false
	}
	end := day.Add(24 * time.Hour)
	g := read(t.Context(), f.client(Options{}), request(day, end))
	g.mustEqual(t, f.all(day, end))
	t.Logf("%d requests", g.cover.Requests)
}

func TestReadGivesUpAtTheFloor(t *testing.T) {
	f := newFake(t, 1)
	n := failing(f, 1<<30, answering(504, ""))
	g := read(t.Context(), f.client(Options{}), request(day, day.Add(30*24*time.Hour)))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != KindTimeout || n.Load() > maxFailures+1 {
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
	if l, err := c.Limits(t.Context()); err != nil || !l.VolumeDisabled || l.QueryTimeout != time.Minute {
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

func TestGzipBombIsAnError(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	for _, kind := range []string{protobufType, jsonType, "text/plain"} {
		f := newFake(t, 1)
		f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
			if path != pathQueryRange {
				return false
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(bomb.Bytes())
			return true
		}
		g := read(t.Context(), f.client(Options{}), request(day, day.Add(time.Second)))
		var e *Error
		if !errors.As(g.err, &e) || kind == protobufType && e.Kind != KindTooLarge {
			t.Errorf("%s: %v", kind, g.err)
		}
	}
}

func TestRedirectIsNamed(t *testing.T) {
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			fmt.Fprint(w, "hello")
			return
		}
		http.Redirect(w, r, s.URL+"/login", http.StatusFound)
	}))
	t.Cleanup(s.Close)
	g := read(t.Context(), New(Options{URL: s.URL}), request(day, day.Add(time.Hour)))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != KindURL || !strings.Contains(e.Detail, "/login") {
		t.Fatal(g.err)
	}
}

func TestBadURLs(t *testing.T) {
	for _, address := range []string{"", "loki:3100", "ftp://loki", "http://", "http://u:secret@ho st", "://"} {
		err := New(Options{URL: address}).Ready(t.Context())
		if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != KindURL || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestCancellationAndDeadline(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 2000, time.Second)
	release := make(chan struct{})
	var n atomic.Int64
	f.before = func(_ http.ResponseWriter, path string, _ url.Values) bool {
		if path == pathQueryRange && n.Add(1) > 3 {
			<-release
		}
		return false
	}
	t.Cleanup(func() { close(release) })
	end := day.Add(time.Hour)
	before := runtime.NumGoroutine()

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	g := read(ctx, f.client(Options{PageLimit: 50}), request(day, end))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != KindCanceled || !errors.Is(g.err, context.Canceled) {
		t.Fatal(g.err)
	}
	if state, _ := g.cover.Worst(); state != logs.Failed || g.cover.Windows[0].State != logs.Complete {
		t.Fatalf("%+v", g.cover)
	}

	n.Store(0)
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	g = read(ctx, f.client(Options{PageLimit: 50}), request(day, end))
	if state, _ := g.cover.Worst(); g.err != nil || state != logs.Capped || len(g.lines) < 50 {
		t.Fatalf("%v %+v", g.err, g.cover)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before+8 { // the server's own stay until its requests end
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestSlowRequestsAreCutByTheRequestTimeout(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 20, time.Minute)
	release := make(chan struct{})
	var n atomic.Int64
	f.before = func(_ http.ResponseWriter, path string, _ url.Values) bool {
		if path == pathQueryRange && n.Add(1) == 1 {
			<-release
		}
		return false
	}
	t.Cleanup(func() { close(release) })
	g := read(t.Context(), f.client(Options{RequestTimeout: 50 * time.Millisecond}), request(day, day.Add(time.Hour)))
	g.mustEqual(t, f.all(day, day.Add(time.Hour)))
}

func TestParallelIsBounded(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 3000, time.Second)
	f.before = func(http.ResponseWriter, string, url.Values) bool {
		time.Sleep(2 * time.Millisecond)
		return false
	}
	end := day.Add(time.Hour)
	c := f.client(Options{PageLimit: 40, Parallel: 3})
	done := make(chan got)
	for range 3 {
		go func() { done <- read(context.Background(), c, request(day, end)) }()
	}
	for range 3 {
		g := <-done
		g.mustEqual(t, f.all(day, end))
	}
	if f.busiest > 3 || f.busiest < 2 {
		t.Errorf("%d at a time", f.busiest)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	f := newFake(t, 1)
	failing(f, 1, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "7"); refuse(w, 429, "slow down") })
	c := f.client(Options{})
	var slept []time.Duration
	c.sleep = func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }
	if g := read(t.Context(), c, request(day, day.Add(time.Hour))); g.err != nil || len(slept) != 1 || slept[0] != 7*time.Second {
		t.Fatal(g.err, slept)
	}
	// A pause that the caller has no time for is not begun.
	failing(f, 1, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "7"); refuse(w, 429, "slow down") })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if g := read(ctx, c, request(day, day.Add(time.Hour))); g.err == nil || len(slept) != 1 {
		t.Fatal(g.err, slept)
	}
	for try := 1; try < 12; try++ {
		if d := backoff(try); d < backoffFirst/2 || d > backoffMax*3/2 {
			t.Error(try, d)
		}
	}
}

func TestBoundedBody(t *testing.T) {
	for size, ok := range map[int64]bool{0: true, 9: true, 10: true, 11: false} {
		b := &boundedBody{from: io.LimitReader(zeroReader{}, size), left: 10}
		n, err := io.Copy(io.Discard, b)
		if (err == nil) != ok || b.read != min(size, 10) || ok && n != size {
			t.Error(size, n, err)
		}
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { return len(p), nil }
