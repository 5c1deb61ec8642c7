package liar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
)

// stream is what one collector ships: healthy lines all the time, which only volumes and counts show, and failures.
type stream struct {
	labels model.LabelSet
	// failure is a line that is logged every minute while the failure lasts, "" in streams without it.
	failure string
	// beats: healthy lines are logged every minute.
	beats bool
	// dies: its collector dies in the outage, and what is logged meanwhile is lost.
	dies bool
	// fails and dead are when this stream fails and is not collected, where the world's spans do not hold.
	fails, dead []span
	// held is when its collector holds back what it collects; all of that arrives at its end.
	held span
}

// span is [from, to) since the world began.
type span struct{ from, to time.Duration }

func (s span) has(at time.Duration) bool { return at >= s.from && at < s.to }

// world is the truth.
type world struct {
	t0      time.Time
	streams []stream
	// failure lasts, outage is when the collectors that die are dead, and lie when Loki misbehaves.
	failure, outage, lie span
	fault                fault
	// lies are further misbehaviours.
	lies     []lie
	requests int
}

// lie is a misbehaviour for a while.
type lie struct {
	span
	fault
}

// lying returns how an endpoint misbehaves now.
func (w *world) lying(at endpoint) (fault, bool) {
	for _, l := range append([]lie{{w.lie, w.fault}}, w.lies...) {
		if l.has(w.now()) && (l.endpoint == at || l.endpoint == all) {
			return l.fault, true
		}
	}
	return fault{}, false
}

// now is the time since the world began, on the simulated clock of the test.
func (w *world) now() time.Duration { return time.Since(w.t0) }

// shipped reports whether a stream shipped what was logged at a minute.
func (w *world) shipped(s stream, at time.Duration) bool {
	arrived := !s.held.has(at) || w.now() >= s.held.to
	if s.dies && w.fault.endpoint == collectors && w.lie.has(at) {
		arrived = arrived && w.now() >= at+w.fault.by
	}
	return arrived && (!s.dies || !w.outage.has(at)) && !within(s.dead, at)
}

// failures are when a stream logs failures.
func (w *world) failures(s stream) []span {
	switch {
	case s.failure == "":
		return nil
	case s.fails != nil:
		return s.fails
	}
	return []span{w.failure}
}

func within(spans []span, at time.Duration) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.has(at) })
}

// logged is how many lines Loki has of a stream in a minute.
func (w *world) logged(s stream, at time.Duration) int {
	n := 0
	if at >= w.now() || !w.shipped(s, at) {
		return 0
	}
	if s.beats {
		n++
	}
	if within(w.failures(s), at) {
		n++
	}
	return n
}

// endpoint is a part of Loki's API that can misbehave alone.
type endpoint string

const (
	volumes endpoint = "volumes"
	counts  endpoint = "counts"
	pages   endpoint = "pages"
	limits  endpoint = "limits"
	names   endpoint = "names"
	all     endpoint = "everything"
	// clocks and collectors are none of Loki's: Grafana's clock is ahead, or the collectors that will die are late.
	clocks     endpoint = "clock"
	collectors endpoint = "collectors"
)

// fault is a misbehaviour of an endpoint.
type fault struct {
	endpoint endpoint
	name     string
	status   int
	kind     string
	body     string
	err      error
	// hangs: nothing comes back.
	hangs bool
	// by is how far a clock is off, or how late a collector is.
	by time.Duration
}

// offs are the misbehaviours of clocks and collectors.
var offs = []fault{
	{endpoint: clocks, name: "25 min ahead", by: 25 * time.Minute}, {endpoint: clocks, name: "3 h ahead", by: 3 * time.Hour},
	{endpoint: clocks, name: "25 min behind", by: -25 * time.Minute},
	{endpoint: collectors, name: "25 min late", by: 25 * time.Minute}, {endpoint: collectors, name: "3 h late", by: 3 * time.Hour},
}

// clock is that of Grafana's machine.
func (w *world) clock() time.Time {
	now := time.Now()
	if w.fault.endpoint == clocks && w.lie.has(w.now()) {
		now = now.Add(w.fault.by)
	}
	return now
}

// faults are the misbehaviours. A page that is empty and says success is not among them: nothing can tell it from the truth.
var faults = []fault{
	{name: "404", status: 404, body: "404 page not found"}, {name: "405", status: 405}, {name: "501", status: 501},
	{name: "401", status: 401}, {name: "429", status: 429, body: "too many outstanding requests"}, {name: "500", status: 500, body: "internal error"},
	{name: "502", status: 502, kind: "text/html", body: "<html>bad gateway</html>"}, {name: "503", status: 503, body: "ingester not ready"}, {name: "504", status: 504},
	{name: "204", status: 204}, {name: "login page", status: 200, kind: "text/html", body: "<html>log in</html>"},
	{name: "status error", status: 200, body: `{"status":"error","error":"boom"}`}, {name: "{}", status: 200, body: `{}`}, {name: "null", status: 200, body: `null`},
	{name: "data null", status: 200, body: `{"status":"success","data":null}`}, {name: "result null", status: 200, body: `{"status":"success","data":{"resultType":"matrix","result":null}}`},
	{name: "other type", status: 200, body: `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`},
	{name: "warnings", status: 200, body: `{"status":"success","warnings":["some ingesters did not answer"],"data":{"resultType":"matrix","result":[]}}`},
	{name: "cut off", status: 200, body: `{"status":"success","data":{"resultType":"matrix","resu`},
	{name: "hangs", hangs: true},
	{name: "connection reset", err: errors.New("read: connection reset by peer")}, {name: "EOF", err: io.ErrUnexpectedEOF},
}

// silence is a fault of volumes and counts: an empty answer that is well formed. nameless is the one of names.
var silence = fault{name: "empty", status: 200, body: `{"status":"success","data":{"resultType":"matrix","result":[]}}`}

var nameless = fault{name: "empty", status: 200, body: `{"status":"success","data":[]}`}

// RoundTrip answers as Loki does, or as the fault says.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	w.requests++
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	form := req.URL.Query()
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		form, err = url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
	}
	at, answer := limits, w.limits
	switch {
	case strings.HasSuffix(req.URL.Path, "/volume_range"):
		at, answer = volumes, w.volumes
	case strings.HasSuffix(req.URL.Path, "/series"):
		at, answer = names, w.names
	case strings.HasSuffix(req.URL.Path, "/values"):
		label := model.LabelName(path.Base(path.Dir(req.URL.Path)))
		at, answer = names, func(form url.Values) any {
			values := []model.LabelValue{}
			for _, s := range w.shippers(form) {
				values = append(values, s[label])
			}
			return values
		}
	case strings.Contains(form.Get("query"), "count_over_time"):
		at, answer = counts, w.counts
	case strings.HasSuffix(req.URL.Path, "/query_range"):
		at, answer = pages, w.pages
	}
	if f, lies := w.lying(at); lies {
		if f.hangs {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		if f.err != nil {
			return nil, f.err
		}
		kind := f.kind
		if kind == "" {
			kind = "application/json"
			if f.status != 200 {
				kind = "text/plain"
			}
		}
		return respond(req, f.status, kind, []byte(f.body)), nil
	}
	body, err := json.Marshal(map[string]any{"status": "success", "data": answer(form)})
	if err != nil {
		return nil, err
	}
	return respond(req, http.StatusOK, "application/json", body), nil
}

func respond(req *http.Request, status int, kind string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func (w *world) limits(url.Values) any { return map[string]any{} }

var (
	selectorOf = regexp.MustCompile(`\{[^}]*\}`)
	byOf       = regexp.MustCompile(`sum by \((\w+)\)`)
)

func (w *world) names(form url.Values) any { return w.shippers(form) }

// shippers are the streams that have lines in a range.
func (w *world) shippers(form url.Values) []model.LabelSet {
	start, end := w.at(form, "start"), w.at(form, "end")
	out := []model.LabelSet{}
	for _, s := range w.selected(form) {
		for at := start.Truncate(time.Minute); at <= min(end, w.now()); at += time.Minute {
			if at >= start && w.logged(s, at) > 0 {
				out = append(out, s.labels)
				break
			}
		}
	}
	return out
}

// selected are the streams of a query.
func (w *world) selected(form url.Values) []stream {
	parsed, err := selector.Parse(selectorOf.FindString(form.Get("query") + form.Get("match[]")))
	if err != nil {
		panic(fmt.Sprint(form.Get("query"), ": ", err))
	}
	var out []stream
	for _, s := range w.streams {
		if parsed.Matches(s.labels) {
			out = append(out, s)
		}
	}
	return out
}

func (w *world) at(form url.Values, name string) time.Duration {
	ns, err := strconv.ParseInt(form.Get(name), 10, 64)
	if err != nil {
		panic(err)
	}
	return time.Unix(0, ns).Sub(w.t0)
}

// pages are the failures in order of time.
func (w *world) pages(form url.Values) any {
	start, end := w.at(form, "start"), w.at(form, "end")
	limit, err := strconv.Atoi(form.Get("limit"))
	if err != nil {
		panic(err)
	}
	type entries struct {
		Stream model.LabelSet `json:"stream"`
		Values [][2]string    `json:"values"`
	}
	result := []entries{}
	for _, s := range w.selected(form) {
		e := entries{Stream: s.labels}
		for _, f := range w.failures(s) {
			from := max(start, f.from)
			if from%time.Minute != 0 {
				from += time.Minute - from%time.Minute
			}
			for at := from; at < min(end, f.to, w.now()) && len(e.Values) < limit; at += time.Minute {
				if w.shipped(s, at) {
					e.Values = append(e.Values, [2]string{strconv.FormatInt(w.t0.Add(at).UnixNano(), 10), s.failure})
				}
			}
		}
		if len(e.Values) > 0 {
			result = append(result, e)
		}
	}
	return map[string]any{"resultType": "streams", "result": result}
}

// volumes are those of steps, stamped with the end of the step less a millisecond; counts those of ranges at their ends.
func (w *world) volumes(form url.Values) any {
	return w.matrix(form, form.Get("targetLabels"), form.Get("aggregateBy") == "series", -time.Millisecond, 0)
}

func (w *world) counts(form url.Values) any {
	by := ""
	if m := byOf.FindStringSubmatch(form.Get("query")); m != nil {
		by = m[1]
	}
	step, _ := strconv.Atoi(strings.TrimSuffix(form.Get("step"), "s"))
	form.Set("step", strconv.Itoa(step))
	return w.matrix(form, by, by != "", 0, time.Duration(step)*time.Second)
}

func (w *world) matrix(form url.Values, by string, apart bool, stamp, before time.Duration) any {
	seconds, err := strconv.Atoi(form.Get("step"))
	if err != nil {
		panic(err)
	}
	step := time.Duration(seconds) * time.Second
	start, end := w.at(form, "start")-before, w.at(form, "end")
	sums := map[string]map[time.Duration]int{}
	for _, s := range w.selected(form) {
		unit := ""
		if apart {
			unit = string(s.labels[model.LabelName(by)])
		}
		at := start.Truncate(time.Minute)
		for ; at < min(end, w.now()); at += time.Minute {
			n := w.logged(s, at)
			if n == 0 || at < start {
				continue
			}
			// Steps are multiples since 1970.
			edge := w.t0.Add(at).Truncate(step).Add(step).Sub(w.t0)
			if before == 0 {
				edge = min(edge, end)
			}
			if sums[unit] == nil {
				sums[unit] = map[time.Duration]int{}
			}
			sums[unit][edge] += n * 2048
		}
	}
	type seriesOf struct {
		Metric map[string]string `json:"metric"`
		Values [][2]any          `json:"values"`
	}
	result := []seriesOf{}
	for unit, steps := range sums {
		s := seriesOf{Metric: map[string]string{}}
		if apart && unit != "" {
			s.Metric[by] = unit
		}
		for edge, n := range steps {
			s.Values = append(s.Values, [2]any{float64(w.t0.Add(edge+stamp).UnixMilli()) / 1000, strconv.Itoa(n)})
		}
		result = append(result, s)
	}
	return map[string]any{"resultType": "matrix", "result": result}
}
