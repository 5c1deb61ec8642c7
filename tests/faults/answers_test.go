//go:build integration

package faults

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
)

// answers are faults in what an answer of status 200 holds.
func answers() []fault {
	const (
		cutOff  = "The connection to Loki broke off"
		broken  = "Loki's answer cannot be read"
		notLoki = "Something other than Loki's API answers at this address"
	)
	return []fault{
		{
			name: "one answer dropped before its first byte", zh: "一次应答在首字节前断开",
			inject: spoiling(pages(2, 2, hangUp)), told: whole,
		},
		{
			name: "one answer dropped in the middle", zh: "一次应答中途断开",
			inject: spoiling(pages(3, 3, dropped)), told: whole,
		},
		{
			name: "every answer dropped in the middle", zh: "每次应答都中途断开",
			inject: spoiling(dropped), told: failed, says: cutOff,
		},
		{
			name: "protobuf truncated, with a length that fits", zh: "protobuf 被截断（长度与头部一致）",
			inject: spoiling(tampered(half)), told: failed, says: broken,
		},
		{
			name: "JSON truncated, with a length that fits", zh: "JSON 被截断（长度与头部一致）",
			inject: spoiling(asJSON(tampered(half))), told: failed, says: broken,
		},
		{
			name: "protobuf corrupted", zh: "protobuf 被破坏",
			inject: spoiling(tampered(garbled)), told: failed, says: broken,
		},
		{
			name: "JSON corrupted", zh: "JSON 被破坏",
			inject: spoiling(asJSON(tampered(garbled))), told: failed, says: broken,
		},
		{
			name: "one page corrupted", zh: "一页被破坏",
			inject: spoiling(pages(2, 2, tampered(garbled))), told: whole,
		},
		{
			name: "an empty body with status 200", zh: "状态 200 而正文为空",
			inject: spoiling(tampered(func([]byte) []byte { return nil })), told: failed, says: broken,
		},
		{
			name: "JSON of another API", zh: "其他 API 的 JSON",
			inject: spoiling(saying(200, "application/json", `{"status":"success","data":{}}`)), told: failed, says: broken,
		},
		{
			name: "a wrong Content-Type", zh: "Content-Type 错误",
			inject: spoiling(typed("text/plain")), told: failed, says: notLoki,
		},
		{
			name: "a login page", zh: "登录页",
			inject: spoiling(saying(200, "text/html; charset=utf-8", "<!doctype html><title>Log in</title>")), told: failed, says: notLoki,
		},
		{
			name: "a redirect to a login page", zh: "重定向到登录页",
			inject: spoiling(func(_ *way, rw http.ResponseWriter, r request) bool {
				if r.URL.Path == "/login" {
					rw.Header().Set("Content-Type", "text/html")
					_, _ = io.WriteString(rw, "<!doctype html><title>Log in</title>")
					return true
				}
				http.Redirect(rw, r.Request, "/login", http.StatusFound)
				return true
			}),
			told: failed, says: "The Loki address cannot be used",
		},
		{
			name: "a gzip bomb of 1 GiB", zh: "解压后 1 GiB 的 gzip 炸弹",
			inject: spoiling(bomb), told: failed, says: "The query reads too much data",
		},
		{
			name: "gzip truncated", zh: "gzip 被截断",
			inject: spoiling(zipped(half)), told: failed, says: cutOff,
		},
		{
			name: "gzip corrupted", zh: "gzip 被破坏",
			inject: spoiling(zipped(garbled)), told: failed, says: broken,
		},
		{
			name: "lines outside the window that was asked for", zh: "应答包含时间窗之外的日志行",
			inject: spoiling(pages(1, 1<<30, shifted)), told: partial, says: broken,
		},
		{
			name: "an old page answered again and again, by a cache", zh: "缓存反复返回旧页",
			inject: func(_ *testing.T, w *way) func() { return w.with(cached()) }, told: partial, says: broken,
		},
	}
}

// pages spoils the pages from the first to the last number, of the source nodeman only.
func pages(first, last int64, s spoiler) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		return r.page >= first && r.page <= last && s(w, rw, r)
	}
}

func hangUp(*way, http.ResponseWriter, request) bool { panic(http.ErrAbortHandler) }

// dropped ends the connection after half of Loki's answer.
func dropped(w *way, rw http.ResponseWriter, r request) bool {
	answer := w.answer(r)
	body := answer.Body.Bytes()
	rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = rw.Write(body[:len(body)/2])
	_ = http.NewResponseController(rw).Flush()
	panic(http.ErrAbortHandler)
}

// tampered changes the body of Loki's answer, and its length with it.
func tampered(change func([]byte) []byte) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		answer := w.answer(r)
		rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(change(answer.Body.Bytes()))
		return true
	}
}

func half(body []byte) []byte { return body[:len(body)/2] }

// garbled overwrites 16 bytes at the start and in the middle, where the structure of an answer stands.
func garbled(body []byte) []byte {
	for _, at := range []int{0, len(body) / 2} {
		for i := at; i < min(at+16, len(body)); i++ {
			body[i] = 0xff
		}
	}
	return body
}

// asJSON asks Loki for JSON, whatever the plugin asked for, as a querier without a frontend does.
func asJSON(s spoiler) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		r.Header.Set("Accept", "application/json")
		return s(w, rw, r)
	}
}

// typed declares Loki's answer to be of another type.
func typed(contentType string) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		answer := w.answer(r)
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
		return true
	}
}

func saying(status int, contentType, body string) spoiler {
	return func(_ *way, rw http.ResponseWriter, _ request) bool {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
		return true
	}
}

// bomb is 1 MiB that unpacks to 1 GiB.
func bomb(_ *way, rw http.ResponseWriter, _ request) bool {
	rw.Header().Set("Content-Type", "application/vnd.google.protobuf")
	rw.Header().Set("Content-Encoding", "gzip")
	_, _ = rw.Write(packedZeros())
	return true
}

var packedZeros = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	return packed.Bytes()
})

// zipped packs Loki's answer and changes what comes out.
func zipped(change func([]byte) []byte) spoiler {
	return func(w *way, rw http.ResponseWriter, r request) bool {
		answer := w.answer(r)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(answer.Body.Bytes())
		_ = z.Close()
		rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		rw.Header().Set("Content-Encoding", "gzip")
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(change(packed.Bytes()))
		return true
	}
}

// shifted answers with what stands an hour and more before the window.
func shifted(w *way, _ http.ResponseWriter, r request) bool {
	form := r.form()
	form.Set("start", strconv.FormatInt(w.start.UnixNano(), 10))
	form.Set("end", strconv.FormatInt(w.end.UnixNano(), 10))
	r.setForm(form)
	return false
}

// cached remembers the first page that holds lines and answers every later one with it, as a cache does that looks at
// the address only.
func cached() spoiler {
	var (
		mu    sync.Mutex
		first []byte
	)
	return func(w *way, rw http.ResponseWriter, r request) bool {
		if r.page == 0 {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		return tampered(func(body []byte) []byte {
			if first == nil && bytes.Contains(body, []byte("is not connect to gse server")) {
				first = bytes.Clone(body)
			}
			if first != nil {
				return first
			}
			return body
		})(w, rw, r)
	}
}
