package loki

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/blueking/incidents/pkg/logs"
)

// The bodies are Loki 3.7.8's, seen on a real server or read in its source.
func TestClassify(t *testing.T) {
	const tooMany = "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)"
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   logs.Kind
		retry  Retry
	}{
		{"max entries", 400, tooMany, logs.KindLimit, RetryLearned},
		{"max length", 400, "the query time range exceeds the limit (query length: 3h0m0s, limit: 1h)", logs.KindLimit, RetryLearned},
		{"max length without a number", 400, "the query time range exceeds the limit", logs.KindLimit, RetryNever},
		{"bytes read", 400, "the query would read too many bytes (query: 35 KiB, limit: 10 B); consider adding more specific stream selectors or reduce the time range of the query", logs.KindTooLarge, RetryNarrower},
		{"shard", 400, "shard query is too large to execute on a single querier: (query: 1 GiB, limit: 1 MiB); consider", logs.KindTooLarge, RetryNarrower},
		{"unshardable", 400, "un-shardable query too large to execute on a single querier: (query: 1 GiB, limit: 1 MiB)", logs.KindTooLarge, RetryNarrower},
		{"querier", 400, "query too large to execute on a single querier: (query: 1 GiB, limit: 1 MiB)", logs.KindTooLarge, RetryNarrower},
		{"timeout", 504, "request timed out, decrease the duration of the request or add more label matchers", logs.KindTimeout, RetrySmaller},
		{"gateway timeout", 504, "", logs.KindTimeout, RetrySmaller},
		{"deadline as 500", 500, "rpc error: code = Unknown desc = context deadline exceeded", logs.KindTimeout, RetrySmaller},
		{"grpc size", 500, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)", logs.KindTooLarge, RetrySmaller},
		{"queue full", 429, "too many outstanding requests", logs.KindRateLimited, RetryBackoff},
		{"queue full as 500", 500, "too many outstanding requests", logs.KindRateLimited, RetryBackoff},
		{"ingress limit", 429, "", logs.KindRateLimited, RetryBackoff},
		{"disabled", 429, "querying is disabled, please contact your Loki operator", logs.KindBlocked, RetryNever},
		{"blocked", 400, "query blocked by policy", logs.KindBlocked, RetryNever},
		{"required labels", 400, "stream selector is missing required matchers [cluster], labels present in the query were [app]", logs.KindLimit, RetryNever},
		{"label number", 400, "stream selector has less label matchers than required: (present: [app], number_present: 1)", logs.KindLimit, RetryNever},
		{"stream matchers", 400, "max streams matchers per query exceeded, matchers-count > limit (2 > 1)", logs.KindLimit, RetryNever},
		{"parse", 400, "parse error at line 1, col 17: syntax error: unexpected or", logs.KindQuery, RetryNever},
		{"too long", 400, "parse error : input size too long (921618 > 131072)", logs.KindRequest, RetryNever},
		{"other 400", 400, "something new", logs.KindQuery, RetryNever},
		{"no tenant", 401, "no org id", logs.KindTenant, RetryNever},
		{"no tenant, rpc", 400, "rpc error: no org id", logs.KindTenant, RetryNever},
		{"tenant characters", 400, "rpc error: code = Code(400) desc = tenant ID 'a/b' contains unsupported character '/'", logs.KindTenant, RetryNever},
		{"auth", 401, "401 Authorization Required", logs.KindAuth, RetryNever},
		{"forbidden", 403, "", logs.KindAuth, RetryNever},
		{"proxy auth", 407, "", logs.KindAuth, RetryNever},
		{"not found", 404, "404 page not found", logs.KindNotLoki, RetryNever},
		{"no POST", 405, "", logs.KindNotLoki, RetryNever},
		{"cancelled elsewhere", 499, "the request was cancelled by the client", logs.KindTimeout, RetrySmaller},
		{"request too large", 413, "", logs.KindRequest, RetryNever},
		{"headers too large", 431, "", logs.KindRequest, RetryNever},
		{"not ready", 503, "Ingester not ready: waiting for 15s after being ready", logs.KindNotReady, RetryOnce},
		{"bad gateway", 502, "", logs.KindServer, RetryOnce},
		{"server", 500, "panic", logs.KindServer, RetryOnce},
		{"cloudflare", 524, "", logs.KindTimeout, RetrySmaller},
		{"redirect", 302, "", logs.KindURL, RetryNever},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := classify(c.status, http.Header{}, c.body)
			if e.Kind != c.kind || e.Retry != c.retry || e.Status != c.status {
				t.Fatalf("got %s/%d, want %s/%d", e.Kind, e.Retry, c.kind, c.retry)
			}
			if e.Downstream == (c.kind == logs.KindRequest) {
				t.Error("downstream is wrong")
			}
		})
	}
	if e := classify(400, http.Header{}, tooMany); e.MaxEntries != 5000 {
		t.Error(e.MaxEntries)
	}
	for text, want := range map[string]time.Duration{"1h": time.Hour, "30d1h": 721 * time.Hour, "721h0m0s": 721 * time.Hour, "1h0m0.5s": time.Hour + 500*time.Millisecond} {
		if e := classify(400, http.Header{}, "the query time range exceeds the limit (query length: 3h0m0s, limit: "+text+")"); e.MaxLength != want {
			t.Error(text, e.MaxLength)
		}
	}
	html := http.Header{"Content-Type": {"text/html"}}
	for status, kind := range map[int]logs.Kind{200: logs.KindNotLoki, 400: logs.KindNotLoki, 401: logs.KindAuth, 404: logs.KindNotLoki, 502: logs.KindServer, 504: logs.KindTimeout} {
		if e := classify(status, html, "<html><body>login</body></html>"); e.Kind != kind || e.Detail != "" {
			t.Error(status, e.Kind, e.Detail)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "999999": time.Hour} {
		if got := retryAfter(in); got != want {
			t.Error(in, got)
		}
	}
	if got := retryAfter(time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)); got < 50*time.Second || got > time.Minute {
		t.Error(got)
	}
}

type slowErr struct{}

func (slowErr) Error() string   { return "i/o timeout" }
func (slowErr) Timeout() bool   { return true }
func (slowErr) Temporary() bool { return true }

func TestTransportError(t *testing.T) {
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		err   error
		kind  logs.Kind
		retry Retry
	}{
		{"canceled", canceled, context.Canceled, logs.KindCanceled, RetryNever},
		{"deadline", context.Background(), context.DeadlineExceeded, logs.KindTimeout, RetrySmaller},
		{"client timeout", context.Background(), &url.Error{Op: "Post", URL: "http://x", Err: slowErr{}}, logs.KindTimeout, RetrySmaller},
		{"dns", context.Background(), &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x"}}, logs.KindDNS, RetryNever},
		{"slow dns", context.Background(), &net.OpError{Op: "dial", Err: &net.DNSError{Err: "timeout", Name: "x", IsTimeout: true}}, logs.KindDNS, RetryNever},
		{"refused", context.Background(), &net.OpError{Op: "dial", Err: errors.New("connect: connection refused")}, logs.KindRefused, RetryNever},
		{"dial timeout", context.Background(), &net.OpError{Op: "dial", Err: slowErr{}}, logs.KindRefused, RetryNever},
		{"proxy", context.Background(), &net.OpError{Op: "proxyconnect", Err: errors.New("x")}, logs.KindRefused, RetryNever},
		{"eof", context.Background(), &url.Error{Op: "Post", URL: "http://x", Err: io.EOF}, logs.KindDropped, RetrySmaller},
		{"reset", context.Background(), &net.OpError{Op: "read", Err: errors.New("read: connection reset by peer")}, logs.KindDropped, RetrySmaller},
		{"http2 reset", context.Background(), errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer"), logs.KindDropped, RetrySmaller},
		{"tls record", context.Background(), tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, logs.KindTLS, RetryNever},
		{"http on https", context.Background(), errors.New("http: server gave HTTP response to HTTPS client"), logs.KindTLS, RetryNever},
		{"scheme", context.Background(), errors.New(`unsupported protocol scheme "ftp"`), logs.KindURL, RetryNever},
		{"other", context.Background(), errors.New("boom"), logs.KindServer, RetryOnce},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := transportError(c.ctx, fmt.Errorf("wrapped: %w", c.err))
			if e.Kind != c.kind || e.Retry != c.retry || !e.Downstream || !errors.Is(e, c.err) {
				t.Fatalf("%+v", e)
			}
		})
	}
}

func TestTLSErrorsOfARealServer(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	for _, address := range []string{s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)} {
		err := New(Options{URL: address, HTTP: &http.Client{}}).Ready(t.Context())
		if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != logs.KindTLS {
			t.Errorf("%v", err)
		}
	}
}

// Every kind has words in both languages that end in what to do, and details stay short, on one line, without secrets.
func TestMessages(t *testing.T) {
	kinds := []logs.Kind{logs.KindURL, logs.KindDNS, logs.KindRefused, logs.KindTLS, logs.KindAuth, logs.KindTenant, logs.KindNotReady, logs.KindRateLimited, logs.KindTimeout, logs.KindHangs, logs.KindDropped, logs.KindTooLarge,
		logs.KindLimit, logs.KindQuery, logs.KindBlocked, logs.KindNotLoki, logs.KindBroken, logs.KindPartial, logs.KindServer, logs.KindCanceled, logs.KindRequest}
	if len(kinds) != len(texts) {
		t.Fatal("a kind is missing here or in texts")
	}
	for _, k := range kinds {
		for _, detail := range []string{"", "x"} {
			e := &Error{Kind: k, Detail: detail}
			if en, zh := e.Message("en"), e.Message("zh"); !strings.HasSuffix(en, ".") || !strings.HasSuffix(zh, "。") || !strings.Contains(en, ". ") || e.Error() != en {
				t.Errorf("%s: %s / %s", k, en, zh)
			}
		}
	}
	if got, want := (&Error{Kind: logs.KindAuth, Status: 401, Detail: "denied"}).Message("zh"),
		"Loki 拒绝了登录凭据（HTTP 401：denied）。请检查数据源设置中的用户名、密码或令牌，以及该账号的权限。"; got != want {
		t.Error(got)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\n\tb\x00c \x1b[31md":                          "a b c [31md",
		"Authorization: Bearer abcdefgh.ijk":               "Authorization: [redacted] [redacted]",
		"used Bearer abcdefgh.ijk here":                    "used Bearer [redacted] here",
		`{"token":"s3cr3t","x":1}`:                         `{"token":"[redacted]","x":1}`,
		"dial https://user:pa55@host/x":                    "dial https://[redacted]@host/x",
		"password=hunter2&x=1":                             "password=[redacted]&x=1",
		"parse error at line 1, col 17: unexpected STRING": "parse error at line 1, col 17: unexpected STRING",
	} {
		if got := quote(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	long := quote(strings.Repeat("蓝鲸日志", 1000))
	if len(long) > quoteMax || !strings.HasSuffix(long, "…") || !utf8.ValidString(long) {
		t.Error(len(long))
	}
}
