//go:build integration

package faults

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blueking/incidents/tests/asks"
)

// refusals are answers of another status, and answers that do not come.
func refusals() []fault {
	const (
		text  = "text/plain; charset=utf-8"
		busy  = "too many outstanding requests"
		slow  = "request timed out, decrease the duration of the request or add more label matchers"
		late  = "Loki did not answer in time"
		unfit = "Loki failed"
	)
	return []fault{
		{
			name: "429 twice, with Retry-After", zh: "429 两次，带 Retry-After",
			inject: func(_ *testing.T, w *way) func() {
				return w.with(times(2, func(w *way, rw http.ResponseWriter, r request) bool {
					rw.Header().Set("Retry-After", "1")
					return saying(429, text, busy)(w, rw, r)
				}))
			},
			told: whole,
		},
		{
			name: "429 twice, without Retry-After", zh: "429 两次，不带 Retry-After",
			inject: first(2, saying(429, text, "")), told: whole,
		},
		{
			name: "429 to everything", zh: "全部返回 429",
			inject: spoiling(saying(429, text, busy)), told: failed, says: "Loki has too many queries to answer",
		},
		{
			name: "too many outstanding requests, as 500, twice", zh: "500 too many outstanding requests 两次",
			inject: first(2, saying(500, text, busy)), told: whole,
		},
		{
			name: "500 once", zh: "500 一次",
			inject: spoiling(pages(2, 2, saying(500, text, "rpc error: code = Unavailable"))), told: whole,
		},
		{
			name: "500 to everything", zh: "全部返回 500",
			inject: spoiling(saying(500, text, "rpc error: code = Unavailable")), told: failed, says: unfit,
		},
		{
			name: "502 of a gateway, as a web page", zh: "网关返回 502 网页",
			inject: spoiling(saying(502, "text/html", "<html><h1>502 Bad Gateway</h1></html>")), told: failed, says: unfit,
		},
		{
			name: "503 while Loki starts", zh: "Loki 启动期间返回 503",
			inject: spoiling(saying(503, text, "Ingester not ready: waiting for 15s after being ready")), told: failed, says: "Loki is not ready",
		},
		{
			name: "504 once", zh: "504 一次",
			inject: spoiling(pages(2, 2, saying(504, text, slow))), told: whole,
		},
		{
			name: "504 to everything", zh: "全部返回 504",
			inject: spoiling(saying(504, text, slow)), told: failed, says: late,
		},
		{
			name: "204 to everything", zh: "全部返回 204",
			inject: spoiling(saying(204, text, "")), told: failed, says: "Something other than Loki's API answers at this address",
		},
		{
			name: "401 in the middle of paging", zh: "翻页途中返回 401",
			inject: spoiling(pages(4, 1<<30, saying(401, text, "token expired"))), told: partial, says: "Loki refuses the credentials",
		},
		{
			name: "every request hangs for 60 s", zh: "每个请求挂起 60 秒",
			settings: short, inject: spoiling(hanging), told: failed, says: spent, or: unanswered,
		},
		{
			name: "two pages hang for 60 s", zh: "两页挂起 60 秒",
			settings: asks.Settings{"requestTimeout": "8s", "queryTimeout": "90s"}, inject: spoiling(pages(2, 3, hanging)), told: whole,
		},
		{
			name: "one source of three fails", zh: "三个来源中有一个失败",
			inject: spoiling(pages(1, 1<<30, saying(500, text, "rpc error"))), told: partial, says: "Not complete: source nodeman could not be read. Loki failed",
		},
		{
			name: "volumes fail, pages do not", zh: "volume 接口失败而查询正常",
			inject: spoiling(at("/index/volume_range", saying(500, text, "index gateway is gone"))),
			told:   partial, says: "Loki did not tell when source nodeman shipped lines",
		},
		{
			name: "volumes fail while the collector is silent", zh: "采集器静默期间 volume 接口失败",
			settings: asks.Settings{"lookbackMax": "12h"},
			lines: func(t *testing.T, w *way) {
				for i := range hosts {
					w.push(t, w.loki, w.offline(i, w.end.Add(-150*time.Minute)))
				}
			},
			inject: spoiling(at("/index/volume_range", saying(500, text, "index gateway is gone"))),
			told:   partial, says: "Loki did not tell when source nodeman shipped lines",
		},
		{
			name: "the page of limits fails", zh: "limits 接口失败",
			inject: spoiling(at("/drilldown-limits", saying(500, text, "boom"))), told: whole,
		},
	}
}

// times spoils the first n requests of all.
func times(n int64, s spoiler) spoiler {
	var seen atomic.Int64
	return func(w *way, rw http.ResponseWriter, r request) bool {
		return seen.Add(1) <= n && s(w, rw, r)
	}
}

// first spoils the first n requests after the fault begins.
func first(n int64, s spoiler) func(*testing.T, *way) func() {
	return func(_ *testing.T, w *way) func() { return w.with(times(n, s)) }
}

// at spoils requests to one endpoint.
func at(endpoint string, s spoiler) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		return strings.HasSuffix(r.URL.Path, endpoint) && s(w, rw, r)
	}
}

// hanging answers after a minute, or when the plugin has given up.
func hanging(_ *way, _ http.ResponseWriter, r request) bool {
	select {
	case <-r.Context().Done():
	case <-time.After(time.Minute):
	}
	panic(http.ErrAbortHandler)
}
