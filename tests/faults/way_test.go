//go:build integration

package faults

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/blueking/incidents/tools/lokiserver"
)

// way is what a row's plugin sees as Loki: toxiproxy, which spoils connections, then a reverse proxy, which spoils
// requests and answers, then the real Loki.
type way struct {
	*data

	loki  *lokiserver.Server
	tcp   *toxiproxy.Proxy
	front *httptest.Server
	gate  *gate
	relay *httputil.ReverseProxy
	// direct leaves toxiproxy out, which passes on a connection that is closed on one side as closed on both.
	direct bool

	requests, pages atomic.Int64
	mu              sync.Mutex
	spoil           spoiler
}

// request is a request of the plugin on its way to Loki.
type request struct {
	*http.Request
	// page counts the pages of log lines of the source nodeman that were asked for, from 1; 0 for any other request.
	page int64
}

func (r request) form() url.Values {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	return form
}

func (r request) setForm(form url.Values) {
	body := form.Encode()
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

// spoiler answers a request in Loki's place, or returns false to let it pass.
type spoiler func(w *way, rw http.ResponseWriter, r request) bool

// gate is a listener whose connections are served only while it is open: the system establishes them, and that is all.
type gate struct {
	net.Listener
	mu     sync.Mutex
	opened chan struct{}
}

func (g *gate) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	<-opened
	return conn, err
}

// shut closes the gate until the returned function is called.
func (g *gate) shut() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
	return sync.OnceFunc(func() { close(g.opened) })
}

// newWay builds the way to a Loki. With secure the plugin has to speak TLS.
func newWay(t *testing.T, loki *lokiserver.Server, secure bool) *way {
	t.Helper()
	target, err := url.Parse(loki.URL())
	if err != nil {
		t.Fatal(err)
	}
	w := &way{loki: loki}
	w.relay = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// A Loki that is gone looks like a connection that broke, as through a balancer of connections.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	w.front = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.front.Config.ErrorLog = nil
	w.gate = &gate{Listener: w.front.Listener}
	w.gate.shut()()
	w.front.Listener = w.gate
	if secure {
		w.front.StartTLS()
	} else {
		w.front.Start()
	}
	t.Cleanup(w.front.Close)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	w.tcp = toxiproxy.NewProxy(server, "loki", "127.0.0.1:0", w.front.Listener.Addr().String())
	if err := w.tcp.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.tcp.Stop)
	return w
}

// address is what the data source has as its URL.
func (w *way) address() string {
	scheme, host := "http://", w.tcp.Listen
	if w.direct {
		host = w.gate.Addr().String()
	}
	if strings.HasPrefix(w.front.URL, "https") {
		scheme = "https://"
	}
	return scheme + host
}

func (w *way) serve(rw http.ResponseWriter, r *http.Request) {
	w.requests.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	asked := request{Request: r}
	form, _ := url.ParseQuery(string(body))
	if query := form.Get("query"); strings.HasSuffix(r.URL.Path, "/query_range") && strings.HasPrefix(query, "{") && strings.Contains(query, `source="nodeman"`) {
		asked.page = w.pages.Add(1)
	}
	w.mu.Lock()
	spoil := w.spoil
	w.mu.Unlock()
	if spoil != nil && spoil(w, rw, asked) {
		return
	}
	w.relay.ServeHTTP(rw, r)
}

// answer is Loki's own to a request, for those who want to spoil it.
func (w *way) answer(r request) *httptest.ResponseRecorder {
	r.Header.Del("Accept-Encoding")
	rec := httptest.NewRecorder()
	w.relay.ServeHTTP(rec, r.Request)
	return rec
}

// with spoils requests from now on until the returned function is called.
func (w *way) with(s spoiler) (lift func()) {
	set := func(s spoiler) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.spoil = s
	}
	set(s)
	return func() { set(nil) }
}

// toxic adds a toxic of toxiproxy to what comes from Loki, with its attributes as JSON, until the returned function is
// called. Connections that are open now have it, too.
func (w *way) toxic(t *testing.T, kind, attributes string) (lift func()) {
	t.Helper()
	toxic, err := w.tcp.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"type":%q,"attributes":{%s}}`, kind, attributes)))
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := w.tcp.Toxics.RemoveToxic(t.Context(), toxic.Name); err != nil {
			t.Error(err)
		}
	}
}
