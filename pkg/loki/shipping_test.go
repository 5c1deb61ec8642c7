package loki

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// volumeFake answers volumes from a set of live steps (by their end, in minutes since day) and counts from another, of which
// it names a stream, too.
type volumeFake struct {
	*fakeLoki
	volumes map[int]string
	counts  map[int]string
	forms   []url.Values
	counted []url.Values
	named   []url.Values
	status  int
}

func newVolumeFake(t *testing.T) *volumeFake {
	v := &volumeFake{fakeLoki: newFake(t, 1)}
	var mu sync.Mutex // parts of a question come side by side
	v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		mu.Lock()
		defer mu.Unlock()
		values, gap := v.volumes, time.Millisecond
		var start, end int64
		_, _ = fmt.Sscan(form.Get("start"), &start)
		_, _ = fmt.Sscan(form.Get("end"), &end)
		switch path {
		case pathLabel + "/app/values":
			v.named = append(v.named, form)
			var names string
			for minutes := range v.counts {
				if ns := day.Add(time.Duration(minutes) * time.Minute).UnixNano(); ns > start && ns <= end {
					names = `"a"`
				}
			}
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			fmt.Fprintf(w, `{"status":"success","data":[%s]}`, names)
			return true
		case pathVolumeRange:
			v.forms = append(v.forms, form)
		case pathQueryRange:
			v.counted = append(v.counted, form)
			values, gap = v.counts, 0
			if v.status != 0 {
				return refuse(w, v.status, "no")
			}
		default:
			return false
		}
		var points []string
		for minutes, bytes := range values {
			at := day.Add(time.Duration(minutes)*time.Minute - gap)
			if ns := at.UnixNano(); ns > start && ns <= end || ns == start && gap == 0 {
				points = append(points, fmt.Sprintf(`[%.3f,%q]`, float64(at.UnixMilli())/1000, bytes))
			}
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		switch len(points) {
		case 0:
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
		case 1:
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":""},"value":%s}]}}`, points[0])
		default:
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"app":""},"values":[%s]}]}}`, strings.Join(points, ","))
		}
		return true
	}
	return v
}

func minutes(l logs.Shipping) (out []string) {
	for _, w := range l.All.Windows {
		out = append(out, fmt.Sprintf("%g-%g", w.Start.Sub(day).Minutes(), w.End.Sub(day).Minutes()))
	}
	return out
}

func TestLive(t *testing.T) {
	for _, c := range []struct {
		name            string
		volumes, counts map[int]string
		status          int
		want            string
		counted         int
	}{
		{"all steps", map[int]string{5: "1", 10: "2", 15: "3", 20: "1", 25: "1", 30: "9"}, nil, 0, "[2-28]", 0},
		{"silent", nil, nil, 0, "[]", 1},
		{"one point is a vector", map[int]string{15: "7"}, nil, 0, "[10-15]", 2},
		{"adjacent steps join", map[int]string{10: "1", 15: "1", 25: "4"}, nil, 0, "[5-15 20-25]", 3},
		{"zero is made sure of", map[int]string{10: "0", 15: "0", 20: "0"}, map[int]string{15: "2"}, 0, "[10-15]", 1},
		{"no volume is made sure of", map[int]string{5: "8"}, map[int]string{20: "1"}, 0, "[2-5 15-20]", 1},
		{"zero counts as lines where Loki does not count", map[int]string{10: "0", 15: "3"}, nil, 400, "[5-15]", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVolumeFake(t)
			v.volumes, v.counts, v.status = c.volumes, c.counts, c.status
			l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app=~"a.*", env="x"}`, Matchers: []logs.Matcher{{Name: "host", Op: logs.Equal, Value: "h"}}, Start: day.Add(2 * time.Minute), End: day.Add(28 * time.Minute)})
			// The last step is stamped with the end of the range.
			if err != nil || !l.All.Known || fmt.Sprint(minutes(l)) != c.want && fmt.Sprint(minutes(l)) != strings.Replace(c.want, "28", "25", 1) {
				t.Fatalf("%v %v", minutes(l), err)
			}
			if len(v.counted) != c.counted && c.name != "all steps" {
				t.Errorf("%d counts: %v", len(v.counted), v.counted)
			}
			if f := v.forms[0]; f.Get("query") != `{app=~"a.*", env="x", host="h"}` || f.Get("targetLabels") != "env" || f.Get("aggregateBy") != "labels" || f.Get("step") != "300" {
				t.Errorf("%v", f)
			}
		})
	}
}

func TestLiveHoldsForTheRestOfAStepThatShips(t *testing.T) {
	for _, c := range []struct {
		name    string
		volumes map[int]string
		length  time.Duration
		want    time.Time
	}{
		{"lines in the last step", map[int]string{5: "1", 8: "1"}, 8 * time.Minute, day.Add(10 * time.Minute)},
		{"none in the last step", map[int]string{5: "1"}, 8 * time.Minute, time.Time{}},
		{"the range ends with a step", map[int]string{5: "1", 10: "1"}, 10 * time.Minute, day.Add(10 * time.Minute)},
		{"two days", map[int]string{48*60 - 10: "1", 48*60 - 7: "1"}, 48*time.Hour - 7*time.Minute, day.Add(48*time.Hour - 5*time.Minute)},
		{"long steps say little of a minute", map[int]string{7*24*60 - 7: "1"}, 7*24*time.Hour - 7*time.Minute, time.Time{}},
	} {
		v := newVolumeFake(t)
		v.volumes = c.volumes
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(c.length)})
		if err != nil || !l.All.Holds.Equal(c.want) {
			t.Errorf("%s: holds until %s, want %s (%v, %v)", c.name, l.All.Holds, c.want, minutes(l), err)
		}
	}
}

// A count of hours goes through Loki's index hour by hour, where there is nothing at all, too.
func TestLiveCountsNoLinesWhereThereIsNoStream(t *testing.T) {
	for name, c := range map[string]struct {
		counts         map[int]string
		length         time.Duration
		named, counted int
	}{
		"nothing there":                {nil, 24 * time.Hour, 1, 0},
		"a stream of a few lines":      {map[int]string{15: "1"}, 24 * time.Hour, 1, 1},
		"a short time is counted":      {nil, time.Hour, 0, 1},
		"lines, too few for a volume":  {map[int]string{15: "1"}, time.Hour, 0, 1},
		"a stream, and Loki shows two": {map[int]string{15: "1", 600: "3"}, 24 * time.Hour, 1, 1},
	} {
		v := newVolumeFake(t)
		v.counts = c.counts
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(c.length)})
		if err != nil || !l.All.Known || len(l.All.Windows) != len(c.counts) {
			t.Errorf("%s: %v, %v", name, minutes(l), err)
		}
		if len(v.named) != c.named || len(v.counted) != c.counted {
			t.Errorf("%s: streams asked for %d times, lines counted %d times", name, len(v.named), len(v.counted))
		}
	}
}

// Where Loki does not tell the streams, their lines are counted all the same.
func TestLiveCountsWhereStreamsAreNotTold(t *testing.T) {
	for status, counts := range map[int]int{http.StatusForbidden: 1, http.StatusInternalServerError: 0} {
		v := newVolumeFake(t)
		v.counts = map[int]string{15: "1"}
		inner := v.before
		v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			return strings.HasPrefix(path, pathLabel) && refuse(w, status, "no") || inner(w, path, form)
		}
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(24 * time.Hour)})
		if (err == nil) != (counts > 0) || len(v.counted) != counts || err == nil && len(l.All.Windows) != 1 {
			t.Errorf("%d: %d counts, %v, %v", status, len(v.counted), minutes(l), err)
		}
	}
}

// What streams a host has is asked once, instead of when each part of what it may have shipped lines.
func TestLiveAsksForNoPartWithoutStreams(t *testing.T) {
	for name, c := range map[string]struct {
		streams string
		asked   int
	}{
		"none but those that do not count":  {`{"host":"h","job":"bk","file":"agent-err"},{"host":"h","job":"bk","file":"setup"}`, 0},
		"one that counts":                   {`{"host":"h","job":"bk","file":"agent-err"},{"host":"h","file":"journal"}`, 1},
		"one without a file":                {`{"host":"h","unit":"sshd"}`, 1},
		"none is named, though we read one": {``, 2},
		"those of somebody else":            {`{"app":"a"}`, 2},
	} {
		v := newVolumeFake(t)
		v.volumes = map[int]string{10: "5", 15: "5"}
		inner := v.before
		v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			if path != pathSeries {
				return inner(w, path, form)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"status":"success","data":[%s]}`, c.streams)
			return true
		}
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{
			Selector: `{host="h"}`, By: "host", Without: []string{`{job="bk", file="agent-err"}`, `{job="bk", file="setup"}`}, Start: day, End: day.Add(time.Hour),
		})
		if err != nil || !l.All.Known || l.Units == nil {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		if len(v.forms) != c.asked {
			t.Errorf("%s: %d volumes, want %d: %v", name, len(v.forms), c.asked, v.forms)
		}
	}
}

func TestLiveCountsInFewRequests(t *testing.T) {
	v := newVolumeFake(t)
	v.volumes, v.counts = map[int]string{}, map[int]string{15: "1"}
	for m := 10; m <= 24*60; m += 10 {
		v.volumes[m] = "5"
	}
	l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(24 * time.Hour)})
	if err != nil || len(v.counted) != 1 || len(l.All.Windows) != 143 {
		t.Fatal(err, len(v.counted), len(l.All.Windows))
	}
	if q := v.counted[0].Get("query"); q != `sum(count_over_time({app="a"}[300s]))` {
		t.Error(q)
	}
}

// Where volumes are not offered, or something in between says so, lines are counted: a closed endpoint is no silence.
func TestLiveCountsWhereVolumesAreNotOffered(t *testing.T) {
	for _, status := range notOffered {
		v := newVolumeFake(t)
		v.counts = map[int]string{15: "2", 20: "1"}
		inner := v.before
		v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			if path == pathVolumeRange {
				return refuse(w, status, "no")
			}
			return inner(w, path, form)
		}
		c := v.client(Options{})
		l, err := c.Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(time.Hour)})
		if err != nil || !l.All.Known || fmt.Sprint(minutes(l)) != "[10-20]" {
			t.Errorf("%d: %v %v", status, minutes(l), err)
		}
		v.status = http.StatusBadRequest
		if l, err = c.Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(time.Hour)}); err == nil {
			t.Errorf("%d: neither volumes nor counts, and no error: %+v", status, l)
		}
	}
}

// A Loki that names no volume is believed where it names that of the streams that do not count; else lines are counted.
func TestLiveDoubtsALokiWithoutAnyVolume(t *testing.T) {
	for name, c := range map[string]struct {
		volumes map[int]string
		counted int
		want    string
	}{
		"errors only":          {map[int]string{10: "5"}, 0, "[]"},
		"no volume of anybody": {nil, 1, "[10-15]"},
	} {
		v := newVolumeFake(t)
		v.counts = map[int]string{15: "2"}
		inner := v.before
		v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			v.volumes = c.volumes
			if strings.Contains(form.Get("query"), "!=") {
				v.volumes = nil // other streams than those that do not count
			}
			return inner(w, path, form)
		}
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{host="h"}`, Without: []string{`{file="agent-err"}`}, Start: day, End: day.Add(time.Hour)})
		if err != nil || fmt.Sprint(minutes(l)) != c.want || len(v.counted) != c.counted {
			t.Errorf("%s: %v after %d counts, want %s after %d (%v)", name, minutes(l), len(v.counted), c.want, c.counted, err)
		}
	}
}

// What is counted is split like what is asked of volumes: at a limit of Loki's, and where it does not answer in time.
func TestLiveCountsInPieces(t *testing.T) {
	for name, refuses := range map[string]func(w http.ResponseWriter, length time.Duration) bool{
		"a limit": func(w http.ResponseWriter, length time.Duration) bool {
			return length > time.Hour && refuse(w, 400, "the query time range exceeds the limit (query length: %s, limit: 1h)", length)
		},
		"a limit below a step": func(w http.ResponseWriter, length time.Duration) bool {
			return length >= 3*time.Minute && refuse(w, 400, "the query time range exceeds the limit (query length: %s, limit: 3m)", length+time.Nanosecond)
		},
		"a timeout": func(w http.ResponseWriter, length time.Duration) bool {
			return length > 3*time.Hour && refuse(w, 504, "")
		},
	} {
		v := newVolumeFake(t)
		v.counts = map[int]string{15: "2", 10 * 60: "1"}
		inner := v.before
		v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			if path == pathVolumeRange {
				return refuse(w, 404, "no")
			}
			var start, end int64
			_, _ = fmt.Sscan(form.Get("start"), &start)
			_, _ = fmt.Sscan(form.Get("end"), &end)
			if window := regexp.MustCompile(`\[(\w+)\]`).FindStringSubmatch(form.Get("query")); window != nil {
				counted, _ := time.ParseDuration(window[1])
				start -= int64(counted)
			}
			return refuses(w, time.Duration(end-start)) || inner(w, path, form)
		}
		l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(12 * time.Hour)})
		if err != nil || fmt.Sprint(minutes(l)) != "[10-15 595-600]" {
			t.Errorf("%s: %v %v", name, minutes(l), err)
		}
	}
}

func TestLiveThatFailsIsAnError(t *testing.T) {
	f := newFake(t, 1)
	f.before = func(w http.ResponseWriter, _ string, _ url.Values) bool { return refuse(w, 403, "no") }
	if _, err := f.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day.Add(time.Hour)}); err == nil {
		t.Error("a refusal is not an unknown")
	}
	if _, err := f.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{}`, Start: day, End: day.Add(time.Hour)}); err == nil {
		t.Error("bad selector")
	}
	if l, err := f.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: day}); err != nil || !l.All.Known || len(l.All.Windows) != 0 {
		t.Error(l, err)
	}
}

// Units come in one request, those without the label too. Streams that do not count are left out of the question: a
// difference of volumes, which Loki rounds, would be a host that ships.
func TestLiveTellsUnitsApart(t *testing.T) {
	f := newFake(t, 1)
	var (
		mu    sync.Mutex
		forms []url.Values
	)
	streams := []struct {
		labels model.LabelSet
		steps  []int
	}{
		{model.LabelSet{"host": "h1", "file": "agent-err"}, []int{5, 10}}, {model.LabelSet{"host": "h1", "file": "journal"}, []int{10}},
		{model.LabelSet{"host": "h2", "file": "agent-err"}, []int{5, 10}}, {model.LabelSet{"host": "h2", "file": "setup", "kind": "log"}, []int{5}},
		{model.LabelSet{"file": "other"}, []int{5, 10}}, {model.LabelSet{"host": "h3", "file": "setup", "kind": "trace"}, []int{5}},
	}
	f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		if path != pathVolumeRange {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		forms = append(forms, form)
		asked, err := selector.Parse(form.Get("query"))
		if err != nil {
			t.Error(err)
		}
		bytes := map[model.LabelValue]map[int]int{}
		for _, s := range streams {
			if !asked.Matches(s.labels) {
				continue
			}
			unit := s.labels["host"]
			if bytes[unit] == nil {
				bytes[unit] = map[int]int{}
			}
			for _, step := range s.steps {
				bytes[unit][step] += 100
			}
		}
		var series []string
		for unit, steps := range bytes {
			var points []string
			for step, n := range steps { // Loki rounds each stream's share, and differently in a sum of several
				points = append(points, fmt.Sprintf(`[%.3f,"%d"]`, float64(day.Add(time.Duration(step)*time.Minute).UnixMilli()-1)/1000, n+len(bytes)))
			}
			series = append(series, fmt.Sprintf(`{"metric":{"host":%q},"values":[%s]}`, unit, strings.Join(points, ",")))
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, strings.Join(series, ","))
		return true
	}
	l, err := f.client(Options{}).Live(t.Context(), logs.LiveRequest{
		Selector: `{file=~".+"}`, By: "host", Without: []string{`{file="agent-err"}`, `{file="setup", kind!="trace"}`}, Start: day, End: day.Add(10 * time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	if w := l.Of("h1").Windows; len(w) != 1 || !w[0].Start.Equal(day.Add(5*time.Minute)) {
		t.Errorf("h1 shipped other lines in %v, want the second step", w)
	}
	if l := l.Of("h2"); !l.Known || len(l.Windows) != 0 {
		t.Errorf("h2 ships nothing but what does not count: %+v", l)
	}
	if w := l.Of("h3").Windows; len(w) != 1 || !w[0].Start.Equal(day) {
		t.Errorf("h3 shipped in %v, want the first step: only one of two matchers leaves it out", w)
	}
	if w := l.Of("").Windows; len(w) != 1 || w[0].End.Sub(w[0].Start) != 10*time.Minute {
		t.Errorf("streams without the label shipped in %v", w)
	}
	slices.SortFunc(forms, func(a, b url.Values) int { return cmp.Compare(a.Get("query"), b.Get("query")) })
	if q := forms[0]; len(forms) != 2 || q.Get("query") != `{file=~".+", file!="agent-err", file!="setup", host=~".*"}` || q.Get("targetLabels") != "host" || q.Get("aggregateBy") != "series" {
		t.Errorf("%d requests, the first %v", len(forms), q)
	}
}

// What selectors share is not asked for more than once: two of one job are two questions, and one of nothing is none.
func TestLiveAsksForNoStreamThatCannotBe(t *testing.T) {
	for without, want := range map[string]int{`{job="bk", file="agent-err"}`: 2, `{job="bk"}`: 1, `{kind="log"}`: 0} {
		f := newFake(t, 1)
		var asked atomic.Int32
		f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
			if path != pathVolumeRange {
				return false
			}
			asked.Add(1)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"host":"h1"},"values":[[%d,"5"]]}]}}`, day.Add(5*time.Minute).Unix())
			return true
		}
		l, err := f.client(Options{}).Live(t.Context(), logs.LiveRequest{
			Selector: `{file=~".+"}`, Matchers: []logs.Matcher{{Name: "kind", Op: logs.Equal, Value: "log"}}, By: "host",
			Without: []string{without, `{job="bk", file="setup"}`}, Start: day, End: day.Add(10 * time.Minute),
		})
		if err != nil || !l.All.Known || l.Units == nil {
			t.Errorf("%s: %+v %v", without, l, err)
		}
		if n := int(asked.Load()); n != want {
			t.Errorf("%s: %d questions, want %d", without, n, want)
		}
	}
}

func TestLiveSplitsLongRanges(t *testing.T) {
	v := newVolumeFake(t)
	v.volumes = map[int]string{}
	for m := 0; m <= 7*24*60; m += 35 {
		v.volumes[m] = "5"
	}
	inner := v.before
	v.before = func(w http.ResponseWriter, path string, form url.Values) bool {
		var start, end int64
		_, _ = fmt.Sscan(form.Get("start"), &start)
		_, _ = fmt.Sscan(form.Get("end"), &end)
		if d := time.Duration(end - start); path == pathVolumeRange && d > 48*time.Hour {
			return refuse(w, 400, "the query time range exceeds the limit (query length: %s, limit: 2d)", d)
		}
		return inner(w, path, form)
	}
	end := day.Add(7 * 24 * time.Hour)
	l, err := v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: end})
	// Steps are multiples since 1970, so the first one began before the range.
	if err != nil || len(l.All.Windows) != 1 || l.All.Windows[0].Start.Sub(day) > 35*time.Minute || !l.All.Windows[0].End.Equal(end) {
		t.Fatal(minutes(l), err)
	}
	v.before = func(w http.ResponseWriter, _ string, _ url.Values) bool { return refuse(w, 504, "slow") }
	_, err = v.client(Options{}).Live(t.Context(), logs.LiveRequest{Selector: `{app="a"}`, Start: day, End: end})
	if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != logs.KindTimeout {
		t.Fatal(err)
	}
}

func TestStepOf(t *testing.T) {
	for length, want := range map[time.Duration]time.Duration{
		time.Minute: 5 * time.Minute, time.Hour: 5 * time.Minute, 24 * time.Hour: 5 * time.Minute, 25 * time.Hour: 10 * time.Minute,
		7 * 24 * time.Hour: 35 * time.Minute, 30 * 24 * time.Hour: 145 * time.Minute,
	} {
		if got := stepOf(length, livePoints); got != want || length/got > livePoints-1 {
			t.Error(length, got)
		}
	}
	if got := stepOf(8*24*time.Hour, coarsePoints); got != 4*time.Hour {
		t.Error("eight days, coarsely:", got)
	}
}
