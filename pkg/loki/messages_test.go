package loki

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// Each message with the real failure that causes it: what it advises has to help against that.
func TestEveryMessageFitsWhatCausesIt(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, body) }
	}
	hangs := func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		<-r.Context().Done()
	}
	drops := func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.Close()
		}
	}
	cutsOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"status":"success","data":[`)
		panic(http.ErrAbortHandler)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	noDNS := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Resolver: &net.Resolver{PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no name server") }}}).DialContext}}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()

	covered := map[logs.Kind]bool{logs.KindHangs: true} // takes an outage: TestAnOutageOfAnyKindIsNoStorm
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		options Options // URL and HTTP are those of a server with the handler, unless set
		ctx     context.Context
		sel     string
		kind    logs.Kind
		advice  string
	}{
		{name: "an address without a scheme", options: Options{URL: "loki:3100"}, kind: logs.KindURL, advice: "Correct the URL"},
		{name: "a redirect elsewhere", handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusTemporaryRedirect)
		}, kind: logs.KindURL, advice: "redirect to http://elsewhere.example/"},
		{name: "an unknown host", options: Options{URL: "http://loki.example:3100", HTTP: noDNS}, kind: logs.KindDNS, advice: "DNS of the Grafana server"},
		{name: "a closed port", options: Options{URL: gone.URL}, kind: logs.KindRefused, advice: "that Loki is running"},
		{name: "https to a server of http", options: Options{URL: "https"}, handler: says(200, ""), kind: logs.KindTLS, advice: "http:// or https://"},
		{name: "401", handler: says(401, "invalid credentials"), kind: logs.KindAuth, advice: "user, password or token"},
		{name: "no tenant", handler: says(401, "no org id"), kind: logs.KindTenant, advice: "X-Scope-OrgID"},
		{name: "a Loki that starts", handler: says(503, "Ingester not ready: waiting for 15s after being ready"), kind: logs.KindNotReady, advice: "Wait until Loki has started"},
		{name: "a full queue", handler: says(429, "too many outstanding requests"), kind: logs.KindRateLimited, advice: "Refresh less often"},
		{name: "a Loki that hangs", handler: hangs, options: Options{RequestTimeout: 50 * time.Millisecond}, kind: logs.KindTimeout, advice: "shorter time range"},
		{name: "a gateway that waits in vain", handler: says(504, ""), kind: logs.KindTimeout, advice: "Loki's load"},
		{name: "a connection closed without an answer", handler: drops, kind: logs.KindDropped, advice: "does not restart"},
		{name: "a connection closed within the answer", handler: cutsOff, kind: logs.KindDropped, advice: "http_server_write_timeout"},
		{name: "more bytes than allowed", handler: says(400, "the query would read too many bytes (query: 2TB, limit: 1TB)"), kind: logs.KindTooLarge, advice: "raise Loki's limit"},
		{name: "a limit", handler: says(400, "stream selector is missing required matchers [cluster], labels present in the query were [a]"), kind: logs.KindLimit, advice: "missing required matchers [cluster]"},
		{name: "a query that cannot be parsed", handler: says(400, "parse error at line 1, col 2: syntax error"), kind: logs.KindQuery, advice: "Check the stream selectors"},
		{name: "a policy", handler: says(400, "query blocked by policy"), kind: logs.KindBlocked, advice: "Ask Loki's operator"},
		{name: "another server", handler: says(404, "404 page not found"), kind: logs.KindNotLoki, advice: "without /loki/api/v1"},
		{name: "a login page", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>log in</html>")
		}, kind: logs.KindNotLoki, advice: "no login page"},
		{name: "an answer of another API", handler: says(200, "{}"), kind: logs.KindBroken, advice: "check the proxies"},
		{name: "a warning", handler: says(200, `{"status":"success","warnings":["returning partial results"],"data":[]}`), kind: logs.KindPartial, advice: "returning partial results"},
		{name: "an error inside Loki", handler: says(500, "panic: runtime error"), kind: logs.KindServer, advice: "look at Loki's logs"},
		{name: "a user who leaves", handler: hangs, ctx: canceled, kind: logs.KindCanceled, advice: "Run it again"},
		{name: "a selector of 200 KB", handler: says(200, ""), sel: `{a="` + strings.Repeat("x", 200_000) + `"}`, kind: logs.KindRequest, advice: "Shorten the selectors"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := c.options
			if c.handler != nil {
				s := httptest.NewServer(c.handler)
				defer s.Close()
				s.Config.ErrorLog = nil
				if o.URL == "https" {
					o.URL = strings.Replace(s.URL, "http://", "https://", 1)
					o.HTTP = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
				} else {
					o.URL = s.URL
				}
			}
			client := New(o)
			client.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
			ctx, sel := t.Context(), `{a="b"}`
			if c.ctx != nil {
				ctx = c.ctx
			}
			if c.sel != "" {
				sel = c.sel
			}
			_, err := client.Series(ctx, sel, nil, day, day.Add(time.Hour))
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Message("en"), c.advice) {
				t.Fatalf("%v, want kind %q and the words %q", err, c.kind, c.advice)
			}
			covered[e.Kind] = true
		})
	}
	for kind := range texts {
		if !covered[kind] {
			t.Errorf("no failure here causes the message of kind %q", kind)
		}
	}
}

// down is a transport to a Loki that does not run, until it is up. It counts what is sent.
type down struct {
	up   bool
	sent int
	body string
}

func (d *down) RoundTrip(r *http.Request) (*http.Response, error) {
	d.sent++
	if d.up {
		return answers{200, jsonType, d.body, ""}.RoundTrip(r)
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}
}

// Six rules and ten dashboards of ten panels ask a Loki that is down, for ten minutes.
func TestADeadLokiIsLeftAlone(t *testing.T) {
	now := day
	server := &down{body: `{"status":"success","data":{"resultType":"streams","result":[]}}`}
	c := New(Options{URL: "http://loki", HTTP: &http.Client{Transport: server}, Now: func() time.Time { return now }})
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() } // waits take no time of the clock
	ask := func() error {
		return read(t.Context(), c, logs.Request{Selector: `{a="b"}`, Start: now.Add(-time.Hour), End: now}).err
	}
	most, minute := 0, 0
	for second := range 600 {
		now = day.Add(time.Duration(second) * time.Second)
		if second%60 == 0 {
			minute = server.sent
		}
		queries := 0
		if second%60 == 0 {
			queries += 6 * 3
		}
		if second%5 == 0 {
			queries += 10 * 10
		}
		for range queries {
			err := ask()
			if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != logs.KindRefused {
				t.Fatalf("after %d s: %v, want that nothing accepts connections", second, err)
			}
		}
		most = max(most, server.sent-minute)
	}
	if most > 30 {
		t.Errorf("up to %d requests a minute, want at most 30", most)
	}
	server.up = true
	for second := 0; ask() != nil; second++ {
		if second == 5 {
			t.Fatal("no answer 5 s after Loki is back")
		}
		now = now.Add(time.Second)
	}
	before := server.sent
	for range 50 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if server.sent < before+50 {
		t.Error("requests are held back after Loki is back")
	}
}

// Queries that wait in an outage get the answer of the one that finds Loki back, and the error of the one that does not.
func TestWaitingQueriesShareWhatTheNextRequestFinds(t *testing.T) {
	for _, back := range []bool{true, false} {
		c := New(Options{URL: "http://loki"})
		refused := &Error{Kind: logs.KindRefused}
		for range 3 {
			c.outage.note(refused, 0, c.now())
		}
		waiting, woken := make(chan struct{}, 5), make(chan *Error, 5)
		for range 5 {
			go func() {
				_, held := c.outage.wait(t.Context(), c.now, func(ctx context.Context, _ time.Duration) error {
					waiting <- struct{}{}
					<-ctx.Done()
					return ctx.Err()
				})
				woken <- held
			}()
		}
		for range 5 {
			<-waiting
		}
		if back {
			c.outage.note(nil, 0, c.now())
		} else {
			c.outage.note(refused, 0, c.now())
		}
		for range 5 {
			if held := <-woken; (held == nil) != back {
				t.Errorf("Loki back: %v, error of a query that waited: %v", back, held)
			}
		}
	}
}

// One query that Loki fails on does not hold back the others.
func TestOneFailingQueryIsNoOutage(t *testing.T) {
	f := newFake(t, 1)
	f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		return path == pathQueryRange && strings.Contains(form.Get("query"), "bad") && refuse(w, 500, "panic")
	}
	c := f.client(Options{})
	for range 20 {
		if g := read(t.Context(), c, logs.Request{Selector: `{app="bad"}`, Start: day, End: day.Add(time.Hour)}); g.err == nil {
			t.Fatal("no error of the query that fails")
		}
		if g := read(t.Context(), c, logs.Request{Selector: `{app="good"}`, Start: day, End: day.Add(time.Hour)}); g.err != nil {
			t.Fatal(g.err)
		}
	}
}
