package scale

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
)

// Loki answers as a distributed Loki with the logs of an installation would, after the time that it would take.
type Loki struct {
	in      *Installation
	cluster Cluster
	queries []string // how a query for each source begins
	querier *cores
	gateway *cores
	ledger  ledger
}

// NewLoki returns a Loki. It has to be used in the bubble of synctest that it was made in.
func NewLoki(in *Installation, c Cluster) (*Loki, error) {
	l := &Loki{in: in, cluster: c, querier: newCores(c.Cores), gateway: newCores(c.IndexCores)}
	for i := range in.sources {
		s, err := selector.Parse(in.sources[i].Selector.Selector)
		if err != nil {
			return nil, fmt.Errorf("selector of the installation: %w", err)
		}
		// Without the closing brace: matchers of users come behind.
		l.queries = append(l.queries, strings.TrimSuffix(s.String(), "}"))
	}
	return l, nil
}

// Take returns what was done since it was last called.
func (l *Loki) Take() Books { return l.ledger.take() }

// ServeHTTP answers the requests of pkg/loki that a scan needs.
func (l *Loki) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		l.refuse(w, err.Error())
		return
	}
	switch r.URL.Path {
	case "/loki/api/v1/query_range":
		l.queryRange(w, r)
	case "/loki/api/v1/index/volume_range":
		l.volumeRange(w, r)
	case "/loki/api/v1/series", "/loki/api/v1/label/namespace/values", "/loki/api/v1/label/filename/values", "/loki/api/v1/label/job/values":
		l.streams(w, r)
	case "/loki/api/v1/drilldown-limits":
		fmt.Fprintf(w, `{"limits":{"max_entries_limit_per_query":%d,"max_query_length":"721h","query_timeout":%q}}`, l.cluster.MaxEntries, model.Duration(l.cluster.QueryTimeout))
	default:
		l.refuse(w, "not simulated: "+r.URL.Path)
	}
}

func (l *Loki) refuse(w http.ResponseWriter, why string) {
	l.ledger.note(func(b *Books) { b.Refused++ })
	http.Error(w, why, http.StatusBadRequest)
}

// asked is a request for the streams of one source.
type asked struct {
	source *source
	// filters that a line has to pass, each by one of its literals.
	filters  [][]string
	from, to int64
	// wanted: of marked streams those whose lines signatures look for; unmarked: those without a mark of ours, none.
	wanted, unmarked bool
	// cluster is the label that a user's matcher asks for, "" for all ten; share is the share of the streams with it.
	cluster string
	share   float64
}

// streams that were asked for.
func (a *asked) streams() float64 {
	n := float64(a.source.streams) * a.share
	if a.wanted { // in an hour, which is what a chunk spans
		n = min(n, a.rate()*time.Hour.Seconds()/a.source.lineBytes)
	}
	return max(1, n)
}

// rate is what these streams write, in bytes a second.
func (a *asked) rate() float64 {
	switch {
	case a.unmarked:
		return 0
	case a.wanted:
		return a.source.rate * a.share * markedShare
	}
	return a.source.rate * a.share
}

// span is the range of a request, in Unix nanoseconds.
func span(r *http.Request) (from, to int64, err error) {
	if from, err = strconv.ParseInt(r.Form.Get("start"), 10, 64); err == nil {
		to, err = strconv.ParseInt(r.Form.Get("end"), 10, 64)
	}
	return from, to, err
}

// read takes a request apart.
func (l *Loki) read(r *http.Request) (asked, error) {
	query := r.Form.Get("query")
	from, to, err := span(r)
	if err != nil {
		return asked{}, err
	}
	for i, begin := range l.queries {
		rest, ok := strings.CutPrefix(query, begin)
		if !ok {
			continue
		}
		matchers, filters, ok := strings.Cut(rest, "}")
		if !ok {
			continue
		}
		a := asked{source: &l.in.sources[i], from: from, to: to, share: 1}
		for _, m := range strings.Split(matchers, ", ")[1:] {
			switch {
			case m == `cluster=~".*"`: // the units' clusters are asked for by what any stream fits
			case strings.HasPrefix(m, `cluster="c`):
				a.cluster, a.share = m, 0.1
			case strings.HasPrefix(m, scan.MarkLabel+`="`):
				a.wanted = true
			case strings.HasPrefix(m, scan.MarkLabel+`!~"`):
				a.unmarked = true
			default:
				return asked{}, fmt.Errorf("not simulated: the matchers %.80s", matchers)
			}
		}
		a.filters, err = filtersOf(filters)
		return a, err
	}
	return asked{}, fmt.Errorf("no source is read by %.80s", query)
}

// passes reports whether a line passes all filters.
func (a *asked) passes(text string) bool {
	for _, any := range a.filters {
		if !slices.ContainsFunc(any, func(literal string) bool { return strings.Contains(text, literal) }) {
			return false
		}
	}
	return true
}

// filtersOf reads the chains that pkg/loki writes: |= "a" or "b" …
func filtersOf(text string) (filters [][]string, err error) {
	for rest := text; rest != ""; {
		at := strings.IndexByte(rest, '"')
		switch operator := strings.TrimSpace(rest[:max(0, at)]); {
		case operator == "|=":
			filters = append(filters, nil)
		case operator == "or" && len(filters) > 0:
		default:
			return nil, fmt.Errorf("not simulated: the filter %.80s", rest)
		}
		quoted, err := strconv.QuotedPrefix(rest[at:])
		if err != nil {
			return nil, err
		}
		literal, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		last := len(filters) - 1
		filters[last], rest = append(filters[last], literal), rest[at+len(quoted):]
	}
	return filters, nil
}

func (l *Loki) queryRange(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a, err := l.read(r)
	limit, bad := strconv.Atoi(r.Form.Get("limit"))
	if err != nil || bad != nil || limit > l.cluster.MaxEntries || len(a.filters) == 0 {
		l.refuse(w, fmt.Sprintf("not simulated: limit %d, %v", limit, err))
		return
	}
	l.ledger.note(func(b *Books) {
		b.Logs++
		if strings.TrimSpace(a.filters[0][0]) == "ERROR" { // pkg/unmatched's chains begin with it
			b.Errors++
		}
	})
	var lines []line
	if !a.unmarked {
		lines = a.source.lines(a, limit)
	}
	ctx, cancel := context.WithTimeout(r.Context(), l.cluster.QueryTimeout)
	defer cancel()
	l.scan(ctx, a, lines, len(lines) == limit)
	switch {
	case r.Context().Err() != nil:
		l.ledger.note(func(b *Books) { b.GivenUp++ })
		return
	case ctx.Err() != nil:
		l.ledger.note(func(b *Books) { b.TimedOut++ })
		http.Error(w, "request timed out, decrease the duration of the request or add more label matchers", http.StatusGatewayTimeout)
		return
	}
	body := protoAnswer(lines)
	l.ledger.note(func(b *Books) {
		b.Received += float64(len(body))
		b.Longest = max(b.Longest, time.Since(started))
	})
	w.Header().Set("Content-Type", "application/vnd.google.protobuf")
	_, _ = w.Write(body)
}

// protoAnswer is a queryrange.QueryResponse with streams, as Loki encodes it.
func protoAnswer(lines []line) []byte {
	data := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "streams")
	for _, s := range streamsOf(lines) {
		raw, err := s.Marshal()
		if err != nil {
			panic(err) // a Stream always fits its own encoding
		}
		data = protowire.AppendBytes(protowire.AppendTag(data, 2, protowire.BytesType), raw)
	}
	answer := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "success")
	answer = protowire.AppendBytes(protowire.AppendTag(answer, 2, protowire.BytesType), data)
	return protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), answer)
}
