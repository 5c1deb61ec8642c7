package loki

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/blueking/incidents/pkg/logs"
)

func TestARedirectToAnotherHostGetsNothing(t *testing.T) {
	var reached atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(other.URL, "http://", "http://user:hidden@", 1)+"/x?token=hidden", status)
		}))
		t.Cleanup(s.Close)
		c := New(Options{URL: s.URL, Tenant: "secret-tenant"})
		_, err := c.Streams(t.Context(), `{a="b"}`, day, day.Add(1))
		var e *Error
		if !errors.As(err, &e) || e.Kind != logs.KindURL || e.Retry != RetryNever || !e.Downstream {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if text := e.Message("zh") + e.Message("en"); strings.Contains(text, "hidden") || !strings.Contains(text, strings.TrimPrefix(other.URL, "http://")) {
			t.Errorf("%d: %s", status, text)
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

func TestARedirectOnTheSameHostIsFollowedWithTheForm(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/moved") {
			http.Redirect(w, r, "/moved"+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		_ = r.ParseForm()
		if r.PostForm.Get("match[]") == "" || r.Header.Get("X-Scope-OrgID") != "a" {
			http.Error(w, "incomplete", http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":[{"a":"b"}]}`))
	}))
	t.Cleanup(s.Close)
	if n, err := New(Options{URL: s.URL, Tenant: "a"}).Streams(t.Context(), `{a="b"}`, day, day.Add(1)); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	loop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/again"+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(loop.Close)
	if _, err := New(Options{URL: loop.URL}).Streams(t.Context(), `{a="b"}`, day, day.Add(1)); err == nil || !strings.Contains(err.Error(), "without end") {
		t.Error(err)
	}
}
