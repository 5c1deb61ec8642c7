package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/model/labels"
)

// fakeLoki answers range queries, counts of lines and label values out of streams, with Loki's own LogQL. It knows no volumes.
func fakeLoki(t *testing.T, streams []logproto.Stream, refuse func(r *http.Request) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		switch name, isLabel := strings.CutPrefix(r.URL.Path, "/loki/api/v1/label/"); {
		case refuse != nil && refuse(r):
			http.Error(w, "refused by the test", http.StatusUnauthorized)
		case r.URL.Path == "/loki/api/v1/query_range" && strings.HasPrefix(r.Form.Get("query"), "sum"):
			w.Header().Set("Content-Type", "application/json")
			encode(t, w, map[string]any{"resultType": "matrix", "result": counts(t, streams, r)})
		case r.URL.Path == "/loki/api/v1/query_range":
			w.Header().Set("Content-Type", "application/json")
			encode(t, w, map[string]any{"resultType": "streams", "result": queryRange(t, streams, r)})
		case isLabel:
			encode(t, w, labelValues(t, streams, strings.TrimSuffix(name, "/values"), r.Form.Get("query")))
		case r.URL.Path == "/loki/api/v1/series":
			found := []map[string]string{}
			for _, stream := range streams {
				if set := parsed(t, stream.Labels); slices.ContainsFunc(r.Form["match[]"], func(query string) bool { return chosen(t, query, set) }) {
					found = append(found, set.Map())
				}
			}
			encode(t, w, found)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func encode(t *testing.T, w http.ResponseWriter, data any) {
	t.Helper()
	if err := json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data}); err != nil {
		t.Error(err)
	}
}

func queryRange(t *testing.T, streams []logproto.Stream, r *http.Request) []any {
	t.Helper()
	start, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
	end, _ := strconv.ParseInt(r.Form.Get("end"), 10, 64)
	limit, _ := strconv.Atoi(r.Form.Get("limit"))
	expr, err := syntax.ParseLogSelector(r.Form.Get("query"), true)
	if err != nil {
		t.Error(err)
		return nil
	}
	pipeline, err := expr.Pipeline()
	if err != nil {
		t.Error(err)
		return nil
	}
	type hit struct {
		stream int
		entry  logproto.Entry
	}
	var hits []hit
	for i, s := range streams {
		set := parsed(t, s.Labels)
		if !selected(expr.Matchers(), set) {
			continue
		}
		p := pipeline.ForStream(set)
		for _, e := range s.Entries {
			if ns := e.Timestamp.UnixNano(); ns >= start && ns < end {
				if _, _, ok := p.Process(ns, []byte(e.Line), labels.EmptyLabels()); ok {
					hits = append(hits, hit{i, e})
				}
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.entry.Timestamp.Compare(b.entry.Timestamp) })
	hits = hits[:min(limit, len(hits))]
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.stream, b.stream) })
	out := []any{}
	for len(hits) > 0 {
		values, i := [][]string{}, hits[0].stream
		for len(hits) > 0 && hits[0].stream == i {
			values = append(values, []string{strconv.FormatInt(hits[0].entry.Timestamp.UnixNano(), 10), hits[0].entry.Line})
			hits = hits[1:]
		}
		out = append(out, map[string]any{"stream": parsed(t, streams[i].Labels).Map(), "values": values})
	}
	return out
}

// counts answers sum [by (label)] (count_over_time(selector[step])): the lines of each step, which ends at its time.
func counts(t *testing.T, streams []logproto.Stream, r *http.Request) []any {
	t.Helper()
	start, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
	end, _ := strconv.ParseInt(r.Form.Get("end"), 10, 64)
	step, err := time.ParseDuration(r.Form.Get("step"))
	if err != nil {
		t.Error(err)
		return []any{}
	}
	expr, err := syntax.ParseSampleExpr(r.Form.Get("query"))
	if err != nil {
		t.Error(err)
		return []any{}
	}
	counted, err := expr.Selector()
	if err != nil {
		t.Error(err)
		return []any{}
	}
	var by []string
	if sum, ok := expr.(*syntax.VectorAggregationExpr); ok && sum.Grouping != nil {
		by = sum.Grouping.Groups
	}
	out := []any{}
	lines := map[string]map[int64]int{} // per group and time
	metrics := map[string]map[string]string{}
	for _, s := range streams {
		set := parsed(t, s.Labels)
		if !selected(counted.Matchers(), set) {
			continue
		}
		metric := map[string]string{}
		for _, name := range by {
			if v := set.Get(name); v != "" {
				metric[name] = v
			}
		}
		group := labels.FromMap(metric).String()
		if metrics[group] = metric; lines[group] == nil {
			lines[group] = map[int64]int{}
		}
		for _, e := range s.Entries {
			// The first time of start, start+step, … that is not before the entry, whose step (t-step, t] has it.
			behind := e.Timestamp.UnixNano() - (start - int64(step)) - 1
			if at := start + behind/int64(step)*int64(step); behind >= 0 && at <= end {
				lines[group][at]++
			}
		}
	}
	for group, of := range lines {
		values := [][]any{}
		for _, at := range slices.Sorted(maps.Keys(of)) {
			values = append(values, []any{float64(at) / float64(time.Second), strconv.Itoa(of[at])})
		}
		if len(values) > 0 {
			out = append(out, map[string]any{"metric": metrics[group], "values": values})
		}
	}
	return out
}

func labelValues(t *testing.T, streams []logproto.Stream, name, query string) []string {
	t.Helper()
	matchers, err := syntax.ParseMatchers(query, true)
	if err != nil {
		t.Error(err)
	}
	out := []string{}
	for _, s := range streams {
		if set := parsed(t, s.Labels); selected(matchers, set) && set.Get(name) != "" && !slices.Contains(out, set.Get(name)) {
			out = append(out, set.Get(name))
		}
	}
	return out
}

func parsed(t *testing.T, text string) labels.Labels {
	t.Helper()
	set, err := syntax.ParseLabels(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func selected(matchers []*labels.Matcher, set labels.Labels) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(set.Get(m.Name)) })
}

func chosen(t *testing.T, query string, set labels.Labels) bool {
	t.Helper()
	matchers, err := syntax.ParseMatchers(query, false)
	if err != nil {
		t.Error(err)
	}
	return selected(matchers, set)
}
