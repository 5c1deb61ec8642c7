//go:build integration

package faults

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/blueking/incidents/tests/asks"
)

// connections are faults below HTTP.
func connections() []fault {
	toxic := func(kind, attributes string) func(*testing.T, *way) func() {
		return func(t *testing.T, w *way) func() { return w.toxic(t, kind, attributes) }
	}
	const cutOff = "The connection to Loki broke off"
	return []fault{
		{
			name: "300 ms of latency", zh: "延迟 300 ms",
			inject: toxic("latency", `"latency":300`), told: whole,
		},
		{
			name: "latency that varies from 0 to 300 ms", zh: "延迟在 0 到 300 ms 之间抖动",
			inject: toxic("latency", `"latency":150,"jitter":150`), told: whole,
		},
		{
			name: "a bandwidth of 100 KB/s", zh: "带宽 100 KB/s",
			inject: toxic("bandwidth", `"rate":100`), told: whole,
		},
		{
			name: "a slow stream: 512 bytes every 5 ms", zh: "数据流缓慢：每 5 ms 512 字节",
			inject: toxic("slicer", `"average_size":512,"size_variation":64,"delay":5000`), told: whole,
		},
		{
			name: "a stream too slow for the request timeout: 20 bytes a second", zh: "数据流太慢，请求必然超时：每秒 20 字节",
			settings: short, inject: toxic("slicer", `"average_size":1,"size_variation":0,"delay":50000`), told: failed, says: spent, or: unanswered,
		},
		{
			name: "connections that close late", zh: "连接关闭迟缓",
			inject: toxic("slow_close", `"delay":500`), told: whole,
		},
		{
			name: "connections that are reset", zh: "连接被重置",
			inject: toxic("reset_peer", `"timeout":0`), told: failed, says: cutOff,
		},
		{
			name: "connections that end after the first byte", zh: "连接在第一个字节后断开",
			inject: toxic("limit_data", `"bytes":1`), told: failed, says: "Loki's answer cannot be read",
		},
		{
			name: "connections on which nothing comes back", zh: "连接建立后没有任何应答",
			settings: short, inject: toxic("timeout", `"timeout":0`), told: failed, says: spent, or: unanswered,
		},
		{
			name: "connections that nobody accepts", zh: "连接无人受理",
			settings: short, direct: true, told: failed, says: spent, or: unanswered,
			inject: func(_ *testing.T, w *way) func() {
				return w.gate.shut()
			},
		},
		{
			name: "connections refused", zh: "连接被拒绝",
			inject: func(t *testing.T, w *way) func() {
				w.tcp.Stop()
				return func() {
					if err := w.tcp.Start(); err != nil {
						t.Error(err)
					}
				}
			},
			told: failed, says: "Nothing accepts connections at the Loki address",
		},
		{
			name: "connections half closed in the middle of an answer", zh: "应答中途连接半关闭",
			direct: true, inject: spoiling(halfClosed), told: failed, says: cutOff,
		},
		{
			name: "a TLS handshake that breaks off", zh: "TLS 握手中断",
			secure: true, settings: asks.Settings{"tlsSkipVerify": true},
			inject: func(t *testing.T, w *way) func() {
				lift := w.toxic(t, "limit_data", `"bytes":100`)
				w.front.CloseClientConnections()
				return lift
			},
			told: failed, says: cutOff,
		},
	}
}

// spent is the error of a query whose own time ran out.
const spent = "The query took too long"

// unanswered is the error of a query that Loki left waiting so often that it counts as down.
const unanswered = "Loki has answered nothing for a while"

// short are timeouts for requests that never come back: two of them use a query's time up. A busy machine still has to
// answer the good ones in time.
var short = asks.Settings{"requestTimeout": "10s", "queryTimeout": "30s"}

// spoiling makes a fault of a spoiler.
func spoiling(s spoiler) func(*testing.T, *way) func() {
	return func(_ *testing.T, w *way) func() { return w.with(s) }
}

// halfClosed announces Loki's answer, sends half of it, and closes the connection in this direction only.
func halfClosed(w *way, rw http.ResponseWriter, r request) bool {
	answer := w.answer(r)
	conn, buf, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	body := answer.Body.Bytes()
	_, _ = fmt.Fprintf(buf, "HTTP/1.1 %d OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", answer.Code, answer.Header().Get("Content-Type"), len(body))
	_, _ = buf.Write(body[:len(body)/2])
	_ = buf.Flush()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	_, _ = bufio.NewReader(conn).ReadByte() // until the plugin closes its side, too
	return true
}
