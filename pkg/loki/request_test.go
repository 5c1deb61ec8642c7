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
	"sync"
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
	req := request(day, day.Add(time.Hour-1))
	req.Filters = []logs.Filter{{"x"}}
	if g := read(t.Context(), c, req); g.err != nil {
		t.Fatal(g.err)
	}
	want := url.Values{
		"query": {`{app=~".+"} |= "x"`}, "start": {fmt.Sprint(day.UnixNano())}, "end": {fmt.Sprint(day.Add(time.Hour - 1).UnixNano())},
		"limit": {"15"}, "direction": {"forward"},
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

func TestGzipBombIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
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
		if !errors.As(g.err, &e) || kind == protobufType && e.Kind != logs.KindTooLarge {
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
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != logs.KindURL || !strings.Contains(e.Detail, "/login") {
		t.Fatal(g.err)
	}
}

func TestBadURLs(t *testing.T) {
	for _, address := range []string{"", "loki:3100", "ftp://loki", "http://", "http://u:secret@ho st", "://"} {
		err := New(Options{URL: address}).Ready(t.Context())
		if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != logs.KindURL || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestCancellationAndDeadline(t *testing.T) {
	f := newFake(t, 1)
	fill(f, 2000, time.Second)
	release, blocked := make(chan struct{}), make(chan struct{}, 1000)
	free := sync.OnceFunc(func() { close(release) })
	defer free() // a test that fails must not leave the server waiting
	var n atomic.Int64
	f.before = func(_ http.ResponseWriter, path string, _ url.Values) bool {
		if path == pathQueryRange && n.Add(1) > 3 {
			blocked <- struct{}{}
			<-release
		}
		return false
	}
	end := day.Add(time.Hour)
	before := runtime.NumGoroutine() - 1 // the server's own ends below

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-blocked
		cancel()
	}()
	g := read(ctx, f.client(Options{PageLimit: 50}), request(day, end))
	if e := (*Error)(nil); !errors.As(g.err, &e) || e.Kind != logs.KindCanceled || !errors.Is(g.err, context.Canceled) {
		t.Fatal(g.err)
	}
	if state, _ := g.cover.Worst(); state != logs.Failed || g.cover.Windows[0].State != logs.Complete {
		t.Fatalf("%+v", g.cover)
	}

	n.Store(0)
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	g = read(ctx, f.client(Options{PageLimit: 50}), request(day, end))
	if state, _ := g.cover.Worst(); g.err != nil || state != logs.Capped || len(g.lines) == 0 {
		t.Fatalf("%v %+v", g.err, g.cover)
	}
	free()
	f.Close()
	f.Client().CloseIdleConnections()
	for range 500 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
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
	failing(f, 1, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "3000"); refuse(w, 429, "slow down") })
	if g := read(t.Context(), c, request(day, day.Add(time.Hour))); g.err == nil || len(slept) != 1 {
		t.Fatal(g.err, slept)
	}
	for try := 1; try < 12; try++ {
		if d := backoff(try); d < backoffFirst/2 || d > backoffMax*3/2 {
			t.Error(try, d)
		}
	}
}

// Who runs out of time while Loki refuses is told what Loki said; who left is not.
func TestTimeThatRanOutOverRefusalsSaysTheRefusal(t *testing.T) {
	for _, left := range []bool{false, true} {
		f := newFake(t, 1)
		failing(f, 1, func(w http.ResponseWriter) { refuse(w, 429, "slow down") })
		c := f.client(Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		c.sleep = func(ctx context.Context, _ time.Duration) error {
			if left {
				cancel()
			}
			<-ctx.Done()
			return nil
		}
		var e *Error
		g := read(ctx, c, request(day, day.Add(time.Hour)))
		cancel()
		if !errors.As(g.err, &e) || (e.Kind == logs.KindRateLimited) == left {
			t.Errorf("left %v: %v", left, g.err)
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
