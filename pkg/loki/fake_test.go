package loki

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/blueking/incidents/pkg/logs"
)

// fakeLoki emulates what matters of Loki for reading: start inclusive and end exclusive, the limit cuts over all
// streams in order of time, the order among equal timestamps changes with every request, streams are sorted by
// labels, and a limit above the server's is refused. LogQL is Loki's own.
type fakeLoki struct {
	*httptest.Server
	maxEntries int
	json       bool
	// silent is how many lines a page has at most, whatever it was asked for and without a word; 0 is no such limit.
	silent int
	// mute leaves out of protobuf which limit was applied and how many lines were sent.
	mute bool
	// twice sends every entry twice.
	twice      bool
	maxLength  time.Duration
	limitsBody string
	volumeBody string
	// before may answer a request itself; it then returns true.
	before func(w http.ResponseWriter, path string, form url.Values) bool

	mu      sync.Mutex
	random  *rand.Rand
	streams map[string][]logproto.Entry
	queries []url.Values
	busy    int
	busiest int
}

func newFake(t testing.TB, seed uint64) *fakeLoki {
	f := &fakeLoki{maxEntries: 5000, random: rand.New(rand.NewPCG(seed, 1)), streams: map[string][]logproto.Entry{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeLoki) add(stream string, ns int64, line string, metadata ...string) {
	e := logproto.Entry{Timestamp: time.Unix(0, ns).UTC(), Line: line}
	for i := 0; i+1 < len(metadata); i += 2 {
		e.StructuredMetadata = append(e.StructuredMetadata, logproto.LabelAdapter{Name: metadata[i], Value: metadata[i+1]})
	}
	f.streams[stream] = append(f.streams[stream], e)
}

func (f *fakeLoki) client(o Options) *Client {
	o.URL, o.HTTP = f.URL, f.Client()
	c := New(o)
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return c
}

func (f *fakeLoki) serve(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	f.mu.Lock()
	f.busy++
	f.busiest = max(f.busiest, f.busy)
	if r.URL.Path == pathQueryRange {
		f.queries = append(f.queries, r.PostForm)
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.busy--
		f.mu.Unlock()
	}()
	if f.before != nil && f.before(w, r.URL.Path, r.Form) {
		return
	}
	switch {
	case r.URL.Path == pathQueryRange && r.Method == http.MethodPost:
		f.queryRange(w, r)
	case r.URL.Path == "/loki/api/v1/series":
		f.series(w, r)
	case r.URL.Path == "/loki/api/v1/drilldown-limits" && f.limitsBody != "":
		_, _ = w.Write([]byte(f.limitsBody))
	case r.URL.Path == pathVolumeRange && f.volumeBody != "":
		_, _ = w.Write([]byte(f.volumeBody))
	default:
		http.NotFound(w, r)
	}
}

func refuse(w http.ResponseWriter, status int, format string, args ...any) bool {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, format, args...)
	return true
}

type hit struct {
	stream string
	entry  logproto.Entry
}

func (f *fakeLoki) queryRange(w http.ResponseWriter, r *http.Request) {
	start, _ := strconv.ParseInt(r.PostForm.Get("start"), 10, 64)
	end, _ := strconv.ParseInt(r.PostForm.Get("end"), 10, 64)
	limit, _ := strconv.Atoi(r.PostForm.Get("limit"))
	if limit > f.maxEntries {
		refuse(w, 400, "max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)", limit, f.maxEntries)
		return
	}
	if d := time.Duration(end - start); f.maxLength > 0 && d > f.maxLength {
		refuse(w, 400, "the query time range exceeds the limit (query length: %s, limit: %s)", d, model.Duration(f.maxLength))
		return
	}
	expr, err := syntax.ParseLogSelector(r.PostForm.Get("query"), true)
	if err != nil {
		refuse(w, 400, "%s", err)
		return
	}
	pipeline, err := expr.Pipeline()
	if err != nil {
		refuse(w, 400, "%s", err)
		return
	}
	var hits []hit
	f.mu.Lock()
	for stream, entries := range f.streams {
		lbls, err := syntax.ParseLabels(stream)
		if err != nil {
			panic(err)
		}
		if !matchAll(expr.Matchers(), lbls) {
			continue
		}
		p := pipeline.ForStream(lbls)
		for _, e := range entries {
			ns := e.Timestamp.UnixNano()
			if ns < start || ns >= end {
				continue
			}
			if _, _, ok := p.Process(ns, []byte(e.Line), labels.EmptyLabels()); ok {
				hits = append(hits, hit{stream, e})
			}
		}
	}
	if f.twice {
		hits = slices.Concat(hits, hits)
	}
	f.random.Shuffle(len(hits), func(i, j int) { hits[i], hits[j] = hits[j], hits[i] })
	f.mu.Unlock()
	slices.SortStableFunc(hits, func(a, b hit) int { return a.entry.Timestamp.Compare(b.entry.Timestamp) })
	if f.silent > 0 {
		limit = min(limit, f.silent)
	}
	hits = hits[:min(limit, len(hits))]
	if f.mute {
		limit = 0
	}
	byStream := map[string][]logproto.Entry{}
	for _, h := range hits {
		byStream[h.stream] = append(byStream[h.stream], h.entry)
	}
	var streams []logproto.Stream
	for s, entries := range byStream {
		streams = append(streams, logproto.Stream{Labels: s, Entries: entries})
	}
	slices.SortFunc(streams, func(a, b logproto.Stream) int { return strings.Compare(a.Labels, b.Labels) })
	if f.json || r.Header.Get("Accept") != protobufType {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_, _ = w.Write(jsonAnswer(streams, r.Header.Get("X-Loki-Response-Encoding-Flags") == "categorize-labels"))
		return
	}
	w.Header().Set("Content-Type", protobufType)
	_, _ = w.Write(protoAnswerOf(streams, limit))
}

func matchAll(matchers []*labels.Matcher, lbls labels.Labels) bool {
	for _, m := range matchers {
		if !m.Matches(lbls.Get(m.Name)) {
			return false
		}
	}
	return true
}

func (f *fakeLoki) series(w http.ResponseWriter, r *http.Request) {
	matchers, err := syntax.ParseMatchers(r.Form.Get("match[]"), true)
	if err != nil {
		refuse(w, 400, "%s", err)
		return
	}
	data := []map[string]string{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for stream := range f.streams {
		lbls, _ := syntax.ParseLabels(stream)
		if matchAll(matchers, lbls) {
			data = append(data, lbls.Map())
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

// got is what a read returned, in a form that can be compared.
type got struct {
	lines   []string
	streams map[string][]time.Time
	cover   *logs.Coverage
	err     error
}

func read(ctx context.Context, c *Client, req logs.Request) got {
	g := got{streams: map[string][]time.Time{}}
	seq, cover := c.Read(ctx, req)
	for rec, err := range seq {
		if err != nil {
			g.err = err
			continue
		}
		g.lines = append(g.lines, describe(rec.Stream.Key, rec.Entry))
		g.streams[rec.Stream.Key] = append(g.streams[rec.Stream.Key], rec.Entry.Timestamp)
	}
	g.cover = cover
	return g
}

func describe(stream string, e logproto.Entry) string {
	return fmt.Sprint(stream, " ", e.Timestamp.UnixNano(), " ", e.Line, " ", e.StructuredMetadata)
}

// all is what a complete read of [start, end) has to return.
func (f *fakeLoki) all(start, end time.Time) []string {
	var out []string
	for s, entries := range f.streams {
		for _, e := range entries {
			if !e.Timestamp.Before(start) && e.Timestamp.Before(end) {
				out = append(out, describe(s, e))
			}
		}
	}
	slices.Sort(out)
	return out
}

// mustEqual compares as multisets, and checks the order within every stream.
func (g got) mustEqual(t *testing.T, want []string) {
	t.Helper()
	if g.err != nil {
		t.Fatal(g.err)
	}
	lines := slices.Clone(g.lines)
	slices.Sort(lines)
	if !slices.Equal(lines, want) {
		t.Fatalf("%d lines of %d, %d distinct", len(lines), len(want), len(slices.Compact(slices.Clone(lines))))
	}
	for s, times := range g.streams {
		if !slices.IsSortedFunc(times, time.Time.Compare) {
			t.Fatalf("stream %s is out of order", s)
		}
	}
}
