//go:build integration

package faults

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tests/asks"
)

// servers are faults of Loki itself, each with a server of its own.
func servers() []fault {
	// Without the page of limits, as before Loki 3.6, they are learnt from refusals.
	untold := at("/drilldown-limits", saying(404, "text/plain", "404 page not found"))
	return []fault{
		{
			name: "Loki killed and restarted in the middle of paging", zh: "翻页途中 Loki 被杀死并重启",
			loki: lokiWith(""), settings: asks.Settings{"requestTimeout": "20s"},
			inject: func(t *testing.T, w *way) func() {
				up := make(chan struct{}, 1) // holds a token while Loki is there
				up <- struct{}{}
				return w.with(func(w *way, rw http.ResponseWriter, r request) bool {
					if r.page == 3 {
						<-up
						defer func() { up <- struct{}{} }()
						if err := w.loki.Restart(t.Context()); err != nil {
							t.Error(err)
						}
						return hangUp(w, rw, r)
					}
					// What is on its way is cut off; what comes in the meantime waits, as behind a balancer.
					up <- <-up
					return false
				})
			},
			told: whole,
		},
		{
			name: "an empty reply, as a page exceeds 4 MiB (loki #6568)", zh: "一页超过 4 MiB 时的空回复（loki #6568）",
			loki: lokiWith(narrow), settings: asks.Settings{"pageLimit": 1000, "queryTimeout": "3m"}, // each failure takes Loki 4 s
			lines: func(t *testing.T, w *way) {
				// Long lines in the middle only: whatever is read first, at either end of the range, tells of short ones.
				// Enough of them that a part is too large wherever Loki's split by the hour falls.
				var long []logproto.Stream
				for i := range 500 {
					long = append(long, w.offline(i%hosts, w.start.Add(20*time.Minute+time.Duration(i)*time.Second)))
				}
				w.push(t, w.loki, append(w.usual(), wide(long, 0, 30<<10)...)...)
			},
			inject: dropping("received message larger than max"), told: whole,
		},
		{
			name: "lines so long that an ingester cannot send 128 of them", zh: "日志行过长，ingester 无法一次发送 128 行",
			loki: lokiWith(narrow), settings: asks.Settings{"pageLimit": 0},
			lines:  func(t *testing.T, w *way) { w.push(t, w.loki, wide(w.usual(), 0, 40<<10)...) },
			inject: nothing, told: whole,
		},
		{
			name: "a page limit above max_entries_limit_per_query", zh: "页大小超过 max_entries_limit_per_query",
			loki:     lokiWith("limits_config: {max_entries_limit_per_query: 45}"),
			settings: asks.Settings{"pageLimit": 1000}, inject: spoiling(untold), told: whole,
		},
		{
			name: "a range above max_query_length", zh: "时间范围超过 max_query_length",
			loki: lokiWith("limits_config: {max_query_length: 40m}"), inject: spoiling(untold), told: whole,
		},
		{
			name: "a range beyond max_query_lookback", zh: "时间范围超出 max_query_lookback",
			loki: lokiWith("limits_config: {max_query_lookback: 30m}"), inject: spoiling(nil),
			told: partial, says: "Loki answers nothing older than 30m", stays: true,
		},
	}
}

// narrow is Loki's default for what its parts may send each other, 4 MiB. As by default, the connection is dropped before
// the query times out, but both sooner.
const narrow = "server: {grpc_server_max_recv_msg_size: null, grpc_server_max_send_msg_size: null, http_server_write_timeout: 4s}\nlimits_config: {query_timeout: 6s}"

// wide pads the lines of nodeman, after the first of them, with blanks.
func wide(lines []logproto.Stream, after, bytes int) []logproto.Stream {
	seen := 0
	for _, s := range lines {
		if !strings.Contains(s.Labels, `source="nodeman"`) {
			continue
		}
		if seen++; seen > after {
			s.Entries[0].Line += strings.Repeat(" ", bytes)
		}
	}
	return lines
}

// dropping makes sure that Loki dropped an answer, as its log then says.
func dropping(sign string) func(t *testing.T, w *way) func() {
	return func(t *testing.T, w *way) func() {
		return func() {
			if log := w.loki.Log(); !strings.Contains(log, sign) {
				t.Errorf("Loki dropped no answer, so this row shows nothing: %s", log)
			}
		}
	}
}

// logged are faults of the logs: of their order, their times, and of whoever ships them.
func logged() []fault {
	const minute = time.Minute
	return []fault{
		{
			name: "lines out of order", zh: "日志行乱序",
			lines: func(t *testing.T, w *way) {
				lines := w.usual()
				slices.Reverse(lines)
				w.push(t, w.loki, lines...)
			},
			inject: nothing, told: whole,
		},
		{
			name: "every push sent twice", zh: "每次推送重复一次",
			lines: func(t *testing.T, w *way) {
				lines := w.usual()
				w.push(t, w.loki, lines...)
				w.push(t, w.loki, lines...)
			},
			inject: nothing, told: whole,
		},
		{
			name: "lines that arrive five minutes late", zh: "日志行迟到五分钟",
			inject: func(t *testing.T, w *way) func() {
				w.ask(t, quick(w.test), time.Now()) // the plugin has read that time before
				for i := range hosts {
					w.push(t, w.loki, w.offline(i, time.Now().Add(-5*minute)))
				}
				return func() {}
			},
			told: whole, settles: 10 * time.Second,
		},
		{
			name: "streams that appear between two pages", zh: "两页之间出现新的日志流",
			inject: func(t *testing.T, w *way) func() {
				appear := sync.OnceFunc(func() {
					for i := range 2 {
						w.push(t, w.loki, w.offline(hosts+i, time.Now().Add(-4*minute)), w.offline(hosts+i, time.Now().Add(-minute)))
					}
				})
				return w.with(pages(3, 3, func(*way, http.ResponseWriter, request) bool {
					appear()
					return false
				}))
			},
			told: whole, settles: 10 * time.Second,
		},
		{
			name: "a range that ends an hour ahead of the plugin's clock", zh: "时间范围的终点比插件时钟快一小时",
			inject: nothing, told: whole, reaches: time.Hour,
		},
		{
			name: "lines a few seconds ahead of the plugin's clock", zh: "日志时间比插件时钟快几秒",
			inject: func(t *testing.T, w *way) func() {
				for i := range hosts {
					w.push(t, w.loki, w.offline(i, time.Now().Add(4*time.Second)))
				}
				return func() {}
			},
			told: whole, settles: 15 * time.Second, reaches: time.Hour,
		},
	}
}

func nothing(*testing.T, *way) func() { return func() {} }
