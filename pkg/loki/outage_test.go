package loki

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// ill is a transport to a Loki that fails in one way until it is well. It counts what is sent.
type ill struct {
	fails func(r *http.Request) (*http.Response, error)

	mu   sync.Mutex
	well bool
	sent int
}

func (i *ill) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.sent++
	well := i.well
	i.mu.Unlock()
	if well {
		return answers{200, jsonType, `{"status":"success","data":{"resultType":"streams","result":[]}}`, ""}.RoundTrip(r)
	}
	return i.fails(r)
}

func (i *ill) recover() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.well = true
}

func (i *ill) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.sent
}

// Six rules and ten open dashboards leave a Loki alone that refuses connections, hangs, or has no room for queries, and
// are answered soon after it is well.
func TestAnOutageOfAnyKindIsNoStorm(t *testing.T) {
	for name, fails := range map[string]func(*http.Request) (*http.Response, error){
		"refused": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}
		},
		"hangs": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"429": answers{429, "text/plain", "too many outstanding requests", ""}.RoundTrip,
		"503": answers{503, "text/plain", "Ingester not ready", ""}.RoundTrip,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &ill{fails: fails}
				c := New(Options{URL: "http://loki", HTTP: &http.Client{Transport: server}})
				ask := func(timeout time.Duration) error {
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					defer cancel()
					now := time.Now()
					return read(ctx, c, logs.Request{Selector: `{a="b"}`, Start: now.Add(-time.Hour), End: now}).err
				}
				var all sync.WaitGroup
				refresh := func(n int, timeout time.Duration) {
					for range n {
						all.Go(func() { _ = ask(timeout) })
					}
				}
				const settles = 2 // minutes until it is known
				for minute := range 10 {
					before := server.count()
					for range 2 {
						refresh(6*3, 30*time.Second)
						refresh(10*15, 2*time.Minute)
						time.Sleep(30 * time.Second)
					}
					if n := server.count() - before; minute >= settles && n > 30 {
						t.Errorf("minute %d: %d requests, want at most 30", minute, n)
					}
				}
				asked := time.Now()
				err := ask(time.Minute)
				if took := time.Since(asked); took > 40*time.Second {
					t.Errorf("an error took %s", took)
				}
				if advice := "A shorter time range does not help"; err == nil || (name == "hangs") != strings.Contains(err.Error(), advice) {
					t.Errorf("%v, want the words %q only where Loki hangs", err, advice)
				}
				server.recover()
				well := time.Now()
				for ask(2*time.Second) != nil {
					if took := time.Since(well); took > 5*time.Second {
						t.Fatalf("no answer %s after Loki is well", took)
					}
				}
				all.Wait()
			})
		})
	}
}

// A query that is slow, or has no time left, is no outage.
func TestASlowQueryIsNoOutage(t *testing.T) {
	o := &outage{}
	for range 100 {
		o.note(&Error{Kind: logs.KindTimeout}, time.Second, time.Now())
		o.note(&Error{Kind: logs.KindTimeout, Status: 504}, time.Minute, time.Now())
	}
	if o.failures > 0 {
		t.Errorf("%d for an outage", o.failures)
	}
}
