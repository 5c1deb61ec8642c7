package loki

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/blueking/incidents/pkg/logs"
)

// answers is a Loki that gives every request the same answer.
type answers struct {
	status            int
	contentType, body string
	retryAfter        string
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {a.contentType}, "Retry-After": {a.retryAfter}, "Location": {a.body}}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r, ContentLength: -1}, nil
}

// told fails unless an error, if there is one, is an *Error whose text is one bounded line in both languages.
func told(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind == "" {
		t.Fatalf("%T without a kind: %v", err, err)
	}
	for _, lang := range []string{"zh", "en"} {
		text := e.Message(lang)
		if text == "" || len(text) > 2*quoteMax+600 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			t.Fatalf("%s: %q", lang, text)
		}
	}
}

// FuzzAnswers: whatever stands at Loki's address, every method ends, with an answer that fits what was asked or with
// an Error that can be shown.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		`{"status":"success","data":["a","b"]}`,
		`{"status":"success","data":[{"a":"b","c":""},{}]}`,
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1761998400.781,"1024"]}]}}`,
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1761998400,"0"],[1761998700,"NaN"],[-1e300,"1e999"]]}]}}`,
		`{"limits":{"max_entries_limit_per_query":-5,"max_query_length":"30d1h","max_query_lookback":"1ns","volume_enabled":false},"version":"3.7"}`,
		`{"version":"3.7.8","revision":"x","goVersion":"go1.26"}`,
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1761998400000000000","line",{}]]}]}}`,
		`max entries limit per query exceeded, limit > max_entries_limit_per_query (5000 > 1)`,
		`the query time range exceeds the limit (query length: 1h, limit: 1ns)`,
		`rpc error: received message larger than max (5 vs 4)`, `too many outstanding requests`, `no org id`,
		`null`, `[]`, `{"data":null}`, `{"data":{"result":[null]}}`, "\x1f\x8b", "<html>", "", "\xff\x00\u202e",
	} {
		for i, status := range []int{200, 400, 429, 500} {
			f.Add(status, []string{jsonType, "", "text/html", protobufType}[i], body, "1")
		}
	}
	f.Add(200, protobufType, "\x32\x02\x12\x00", "")
	f.Add(302, "text/plain", "http://user:password@elsewhere/", "Mon, 23 Nov 2026 00:00:00 GMT")
	start := time.Date(2025, 11, 1, 11, 0, 0, 0, time.UTC)
	end := start.Add(3 * time.Hour)
	f.Fuzz(func(t *testing.T, status int, contentType, body, retryAfter string) {
		if status < 200 || status > 599 || len(body) > 64<<10 {
			return
		}
		c := New(Options{URL: "http://loki", HTTP: &http.Client{Transport: answers{status, contentType, body, retryAfter}}, Now: func() time.Time { return end }})
		c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()

		_, err := c.Limits(ctx)
		told(t, err)
		told(t, c.Ready(ctx))
		_, err = c.BuildInfo(ctx)
		told(t, err)
		values, err := c.LabelValues(ctx, "host", `{a="b"}`, start, end)
		told(t, err)
		if !slices.IsSorted(values) {
			t.Fatalf("%q", values)
		}
		_, err = c.Streams(ctx, `{a="b"}`, start, end)
		told(t, err)
		shipping, err := c.Live(ctx, logs.LiveRequest{Selector: `{a="b"}`, By: "host", Start: start, End: end})
		told(t, err)
		live := shipping.All
		for i, w := range live.Windows {
			if w.Start.Before(start) || w.End.After(end) || !w.Start.Before(w.End) || i > 0 && w.Start.Before(live.Windows[i-1].End) {
				t.Fatalf("%v", live.Windows)
			}
		}
		readToTheEnd(ctx, t, c, start, end)
		if ctx.Err() != nil {
			t.Fatal("it does not end")
		}
	})
}

// readToTheEnd reads and checks that the coverage is the range without gap or overlap, and complete only without an error.
func readToTheEnd(ctx context.Context, t *testing.T, c *Client, start, end time.Time) {
	t.Helper()
	lines, cover := c.Read(ctx, logs.Request{Selector: `{a="b"}`, Start: start, End: end, MaxLines: 1000})
	var failed error
	for rec, err := range lines {
		if failed = err; err == nil && (rec.Entry.Timestamp.Before(start) || !rec.Entry.Timestamp.Before(end)) {
			t.Fatalf("a line of %s", rec.Entry.Timestamp)
		}
	}
	told(t, failed)
	at := start
	for _, w := range cover.Windows {
		if !w.Start.Equal(at) {
			t.Fatalf("%v", cover.Windows)
		}
		at = w.End
	}
	if state, reason := cover.Worst(); !at.Equal(end) || (state == logs.Failed) != (failed != nil) || state != logs.Complete && reason == "" {
		t.Fatalf("%v %v %v", cover.Windows, reason, failed)
	}
}

// FuzzContentType: the decoder is chosen by the answer's Content-Type, which a proxy may have written.
func FuzzContentType(f *testing.F) {
	for _, contentType := range []string{protobufType, jsonType, jsonType + "; charset=utf-8", "application/vnd.google.protobuf;x", "", ";", "text/plain", "a/b;=\"", "\x00"} {
		f.Add(contentType, []byte(`{"status":"success","data":{"resultType":"streams","result":[]}}`))
		f.Add(contentType, []byte("\x32\x02\x12\x00"))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		c := New(Options{URL: "http://loki"})
		p, err := c.decodePage(contentType, bytes.NewReader(body), pageQuery{size: len(body)})
		if (p == nil) == (err == nil) {
			t.Fatal(p, err)
		}
	})
}
