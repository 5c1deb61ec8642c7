package lokiserver

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/v3/pkg/logproto"
)

func entries(sizes ...int) []logproto.Entry {
	made := make([]logproto.Entry, len(sizes))
	for i, size := range sizes {
		made[i] = logproto.Entry{Timestamp: time.Unix(int64(i+1), 0).UTC(), Line: strings.Repeat("x", size)}
	}
	return made
}

func TestSplitKeepsEveryEntryInOrderBelowTheLimit(t *testing.T) {
	const limit = 1000
	tests := map[string]struct {
		streams []logproto.Stream
		parts   int
	}{
		"nothing":                  {nil, 0},
		"a stream without entries": {[]logproto.Stream{{Labels: `{a="1"}`}}, 0},
		"one part":                 {[]logproto.Stream{{Labels: `{a="1"}`, Entries: entries(100, 200)}, {Labels: `{a="2"}`, Entries: entries(300)}}, 1},
		"cut inside a stream":      {[]logproto.Stream{{Labels: `{a="1"}`, Entries: entries(400, 400, 400)}}, 2},
		"cut between streams":      {[]logproto.Stream{{Labels: `{a="1"}`, Entries: entries(800)}, {Labels: `{a="2"}`, Entries: entries(800)}}, 2},
		"an entry above the limit": {[]logproto.Stream{{Labels: `{a="1"}`, Entries: entries(10, 5000, 10)}}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want, got := map[string][]logproto.Entry{}, map[string][]logproto.Entry{}
			for _, s := range tt.streams {
				if len(s.Entries) > 0 {
					want[s.Labels] = s.Entries
				}
			}
			parts := 0
			for part := range split(tt.streams, limit) {
				parts++
				total := 0
				for _, s := range part {
					got[s.Labels] = append(got[s.Labels], s.Entries...)
					total += len(s.Entries)
				}
				if size := (&logproto.PushRequest{Streams: part}).Size(); size > limit && total > 1 {
					t.Errorf("part %d has %d bytes and %d entries, want at most %d bytes", parts, size, total, limit)
				}
			}
			if parts != tt.parts {
				t.Errorf("%d parts, want %d", parts, tt.parts)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("entries changed: got %v, want %v", got, want)
			}
		})
	}
}

func TestPushSendsSnappyProtobufForATenant(t *testing.T) {
	var got logproto.PushRequest
	var tenant string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		message, decodeErr := snappy.Decode(nil, body)
		if err = errors.Join(err, decodeErr, got.Unmarshal(message)); err != nil {
			t.Error(err)
		}
		tenant = r.Header.Get("X-Scope-OrgID")
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	streams := []logproto.Stream{{Labels: `{a="1"}`, Entries: entries(3)}}
	if err := Push(t.Context(), server.URL, "team", streams); err != nil {
		t.Fatal(err)
	}
	if tenant != "team" || len(got.Streams) != 1 || got.Streams[0].Entries[0].Line != "xxx" {
		t.Errorf("tenant %q, request %v", tenant, got)
	}
}

func TestPushCarriesTheRefusal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "line too long", http.StatusBadRequest)
	}))
	defer server.Close()
	err := Push(t.Context(), server.URL, "", []logproto.Stream{{Labels: `{a="1"}`, Entries: entries(3)}})
	if err == nil || !strings.Contains(err.Error(), "line too long") {
		t.Errorf("err = %v, want Loki's text", err)
	}
}

func TestFlushAsksUntilNothingIsLeft(t *testing.T) {
	flushes := 0
	mux := http.NewServeMux()
	mux.HandleFunc("POST /flush", func(w http.ResponseWriter, _ *http.Request) {
		flushes++
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		left := "3"
		if flushes > 1 {
			left = "0"
		}
		_, _ = io.WriteString(w, "# HELP x y\n"+chunksGauge+" "+left+"\n")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	if err := Flush(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
	if flushes != 2 {
		t.Errorf("flushed %d times, want 2", flushes)
	}
}

func TestGauge(t *testing.T) {
	if _, err := gauge("other 1\n", "name"); !errors.Is(err, errNoGauge) {
		t.Errorf("err = %v, want %v", err, errNoGauge)
	}
	if n, err := gauge("name_total 4\nname 2.0\n", "name"); n != 2 || err != nil {
		t.Errorf("gauge = %d, %v, want 2", n, err)
	}
	if _, err := gauge("name many\n", "name"); err == nil {
		t.Error("a word passed for a number")
	}
}
