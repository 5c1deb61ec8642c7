package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// volumeRange answers that all clusters of a source, or all hosts that were named, shipped lines in every step, after
// asking the index for each.
func (l *Loki) volumeRange(w http.ResponseWriter, r *http.Request) {
	a, hosts, err := l.sought(r)
	seconds, bad := strconv.Atoi(r.Form.Get("step"))
	if err != nil || bad != nil || seconds <= 0 {
		l.refuse(w, fmt.Sprintf("not simulated: step %d, %v", seconds, err))
		return
	}
	step := int64(seconds) * int64(time.Second)
	var ends []int64
	for at := a.from; at < a.to; at = ends[len(ends)-1] {
		ends = append(ends, min(at-at%step+step, a.to))
	}
	if !l.lookUp(r.Context(), a, len(ends)) {
		return
	}
	label, names := "host", hosts
	if hosts == nil {
		label = "cluster"
		for n := range 10 {
			if name := "c" + strconv.Itoa(n); a.cluster == "" || a.cluster == fmt.Sprintf("cluster=%q", name) {
				names = append(names, name)
			}
		}
	}
	type series struct {
		Metric map[string]string `json:"metric"`
		Values [][2]any          `json:"values"`
	}
	var result []series
	for _, name := range names {
		points := make([][2]any, len(ends))
		for i, end := range ends {
			points[i] = [2]any{float64(end/int64(time.Millisecond)-1) / 1000, strconv.FormatFloat(a.source.rate*float64(seconds)/float64(len(names)), 'f', 0, 64)}
		}
		result = append(result, series{Metric: map[string]string{label: name}, Values: points})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix", "result": result}})
}

// streams names a stream of each host, which is of no source; of a source it gives one value of a label. Loki splits such a
// question by days.
func (l *Loki) streams(w http.ResponseWriter, r *http.Request) {
	r.Form.Set("query", r.Form.Get("query")+r.Form.Get("match[]"))
	a, hosts, err := l.sought(r)
	if err != nil {
		l.refuse(w, err.Error())
		return
	}
	if !l.lookUp(r.Context(), a, int((a.to-a.from)/int64(24*time.Hour))+1) {
		return
	}
	found := []any{}
	for _, host := range hosts {
		found = append(found, map[string]string{"host": host, "filename": "/var/log/messages"})
	}
	if hosts == nil && !a.unmarked {
		found = append(found, "a value")
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": found})
}

// sought is what a question to the index is about: hosts, or a source.
func (l *Loki) sought(r *http.Request) (a asked, hosts []string, err error) {
	hosts, whole := hostsOf(r.Form.Get("query"))
	if hosts == nil {
		a, err = l.read(r)
		return a, nil, err
	}
	a, err = l.hosts(r, hosts, whole)
	return a, hosts, err
}

// lookUp asks the index a number of times side by side. It reports whether the answer is still wanted.
func (l *Loki) lookUp(ctx context.Context, a asked, times int) bool {
	each := time.Duration(a.streams() * float64(l.cluster.Rates.Series))
	l.ledger.note(func(b *Books) { b.Volumes++ })
	sideBySide(ctx, times, times, func(int) {
		worked, queued := l.gateway.work(ctx, each)
		l.ledger.note(func(b *Books) { b.Index += worked; b.Queued += queued })
	})
	if ctx.Err() != nil {
		l.ledger.note(func(b *Books) { b.GivenUp++ })
		return false
	}
	return true
}

// namedHosts is the matcher that names hosts: behind any selector, the addresses joined as a regex.
var namedHosts = regexp.MustCompile(`, host=~("\d[^"]*")`)

// hostsOf returns the hosts that a query names, and whether it asks for all their streams, whatever the source.
func hostsOf(query string) (names []string, whole bool) {
	m := namedHosts.FindStringSubmatch(query)
	if m == nil {
		return nil, false
	}
	quoted, err := strconv.Unquote(m[1])
	if err != nil {
		return nil, false
	}
	return strings.Split(strings.ReplaceAll(quoted, `\.`, "."), "|"), strings.HasPrefix(query, `{host=~".+"`)
}

// hosts is the request for the volumes of hosts: of all streams of a host, or of those of one source.
func (l *Loki) hosts(r *http.Request, names []string, whole bool) (asked, error) {
	from, to, err := span(r)
	if err != nil {
		return asked{}, err
	}
	each := 1
	if whole {
		each = 2
	}
	return asked{source: &source{streams: each * len(names), rate: float64(each * len(names))}, from: from, to: to, share: 1}, nil
}
