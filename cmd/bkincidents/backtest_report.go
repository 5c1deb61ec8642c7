package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	maxSamples    = 5
	maxSampleLine = 2 << 10
	// A signature that fires more often than once a minute describes how a system runs, not how it fails.
	highRate = 24 * 60 // a day
	// Of fewer hosts than this, half is no sign of anything.
	fewHosts = 4
)

// backtestReport is what a backtest found; its keys are those of docs/contract.md.
type backtestReport struct {
	Signature string           `json:"signature"`
	Status    signature.Status `json:"status"`
	Start     time.Time        `json:"start"`
	End       time.Time        `json:"end"`
	// Partial says why the answer is not complete.
	Partial    string     `json:"partial,omitempty"`
	Hits       int        `json:"hits"`
	Incidents  int        `json:"incidents"`
	Hosts      int        `json:"hosts"`
	KnownHosts *int       `json:"known_hosts,omitempty"`
	Clusters   int        `json:"clusters"`
	First      *time.Time `json:"first,omitempty"`
	Last       *time.Time `json:"last,omitempty"`
	Days       []dayHits  `json:"days"`
	Samples    []sample   `json:"samples"`
	Hints      []hint     `json:"hints"`
	Cost       cost       `json:"cost"`

	lang signature.Lang
	loc  *time.Location
}

// dayHits are the hits of one calendar day.
type dayHits struct {
	Day  string `json:"day"`
	Hits int    `json:"hits"`
	// State is complete, capped or failed.
	State logs.State `json:"state"`
}

// sample is a hit, its secrets redacted.
type sample struct {
	Time   time.Time        `json:"time"`
	Source signature.Source `json:"source"`
	Stream string           `json:"stream"`
	Line   string           `json:"line"`
}

// hint is a reason to doubt the signature.
type hint struct {
	// Kind is level, explained, hosts or rate.
	Kind string `json:"kind"`
	// Share of the hits, or of the hosts.
	Share float64 `json:"share,omitempty"`
	Text  string  `json:"text"`
}

// cost is what the reading took.
type cost struct {
	Requests int     `json:"requests"`
	Lines    int64   `json:"lines"`
	Bytes    int64   `json:"bytes"`
	Seconds  float64 `json:"seconds"`
	// Filters are pushed down to Loki, by selector.
	Filters map[string][]logs.Filter `json:"filters"`
}

// report counts what a scan found of the signature.
func (b *backtest) report(result *scan.Result) *backtestReport {
	r := &backtestReport{
		Signature: b.sig.ID, Status: b.sig.Status, Start: b.start.In(b.loc), End: b.end.In(b.loc), Partial: result.Partial(),
		Samples: []sample{}, Hints: []hint{}, Cost: cost{Filters: b.days.filters}, lang: b.lang, loc: b.loc,
	}
	result.Lines = slices.DeleteFunc(result.Lines, func(l incident.Line) bool {
		return l.Signature != b.sig || !l.Fails()
	})
	hosts, clusters, perDay := map[string]bool{}, map[string]bool{}, map[string]int{}
	for i := range result.Lines {
		l := &result.Lines[i]
		perDay[l.Time.In(b.loc).Format(time.DateOnly)]++
		clusters[l.Cluster] = true
		if l.Host != "" && l.Host != "unknown" && !strings.HasPrefix(l.Host, "unknown (") {
			hosts[l.Host] = true
		}
	}
	for i := range result.Incidents {
		if result.Incidents[i].Signature == b.sig {
			r.Incidents++
		}
	}
	r.Hits, r.Hosts, r.Clusters = len(result.Lines), len(hosts), len(clusters)
	if r.Hits > 0 {
		first, last := result.Lines[0].Time.In(b.loc), result.Lines[r.Hits-1].Time.In(b.loc)
		r.First, r.Last = &first, &last
	}
	for day := b.start; day.Before(b.end); day = dayAfter(day, b.loc) {
		name := day.In(b.loc).Format(time.DateOnly)
		r.Days = append(r.Days, dayHits{Day: name, Hits: perDay[name], State: stateOf(result, day, dayAfter(day, b.loc))})
	}
	for _, c := range result.Coverage {
		r.Cost.Requests += c.Requests
		r.Cost.Lines += c.Lines
		r.Cost.Bytes += c.Bytes
	}
	r.Samples = append(r.Samples, samplesOf(result.Lines, b.loc)...)
	return r
}

// stateOf is how completely a day was read.
func stateOf(result *scan.Result, start, end time.Time) logs.State {
	state := logs.Complete
	for source, c := range result.Coverage {
		for _, w := range c.Windows {
			if w.State != logs.Complete && w.Start.Before(end) && w.End.After(start) && state != logs.Failed {
				state = w.State
			}
		}
		if result.Errors[source] != nil {
			state = logs.Failed
		}
	}
	return state
}

// samplesOf chooses lines that differ: first one of every wording and host, then whatever came first.
func samplesOf(lines []incident.Line, loc *time.Location) []sample {
	var chosen []int
	seen := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		if kind := fmt.Sprint(l.Term.Name, l.Alternative, l.Host); !seen[kind] && len(chosen) < maxSamples {
			seen[kind] = true
			chosen = append(chosen, i)
		}
	}
	for i := 0; i < len(lines) && len(chosen) < maxSamples; i++ {
		if !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	out := make([]sample, len(chosen))
	for n, i := range chosen {
		l := &lines[i]
		out[n] = sample{Time: l.Time.In(loc), Source: l.Term.Source, Stream: l.Stream.Key, Line: incident.OneLine(l.Line.String(), maxSampleLine)}
	}
	return out
}

// hints adds what speaks against the signature.
func (b *backtest) hints(r *backtestReport, lines []incident.Line) error {
	if len(lines) == 0 {
		return nil
	}
	share := func(n, of int) float64 { return float64(n) / float64(of) }
	add := func(kind string, part float64, zh, en string, args ...any) {
		r.Hints = append(r.Hints, hint{Kind: kind, Share: part, Text: fmt.Sprintf(r.text(zh, en), args...)})
	}
	harmless := 0
	for i := range lines {
		if level := lines[i].Level; level != event.Warning && level != event.Error {
			harmless++
		}
	}
	if harmless > 0 {
		add("level", share(harmless, len(lines)), "%d 条命中（%.0f%%）的级别未知、为 INFO 或 DEBUG：确认它们确实是故障，而不是引用或回显", "%d hits (%.0f %%) have no level, or INFO or DEBUG: see that they are the failure, not a quotation or an echo", harmless, 100*share(harmless, len(lines)))
	}
	explained, by, err := b.explained(lines)
	if err != nil {
		return err
	}
	if explained > 0 {
		add("explained", share(explained, len(lines)), "%d 条命中（%.0f%%）已由其它特征解释：%s", "%d hits (%.0f %%) are explained by other signatures already: %s", explained, 100*share(explained, len(lines)), by)
	}
	if known := r.KnownHosts; known != nil && *known >= fewHosts && 2*r.Hosts > *known {
		add("hosts", min(1, share(r.Hosts, *known)), "命中了 %[2]d 台主机中的 %[1]d 台：多数主机都有的日志很少是故障", "%d of %d hosts have it: what most hosts log is seldom a failure", min(r.Hosts, *known), *known)
	}
	worst := slices.MaxFunc(r.Days, func(a, b dayHits) int { return cmp.Compare(a.Hits, b.Hits) })
	if worst.Hits > highRate {
		add("rate", 0, "%s 一天命中 %d 条，每分钟超过一条：收窄表达式，或用 at_least 设阈值", "%d hits on %s, more than one a minute: narrow the regex, or set a threshold with at_least", rateArgs(r.lang, worst)...)
	}
	return nil
}

func rateArgs(lang signature.Lang, d dayHits) []any {
	if lang == signature.ZH {
		return []any{d.Day, d.Hits}
	}
	return []any{d.Hits, d.Day}
}

// explained counts the hits that active built-in signatures find, too, and names those, most frequent first.
func (b *backtest) explained(lines []incident.Line) (n int, by string, err error) {
	ours, err := shipped()
	if err != nil {
		return 0, "", err
	}
	var others []*signature.Signature
	for _, sig := range ours.All() {
		if sig.ID != b.sig.ID && sig.Status == signature.Active {
			others = append(others, sig)
		}
	}
	set, err := signature.NewSet(others...)
	if err != nil {
		return 0, "", err
	}
	matcher := match.New(set)
	counts := map[string]int{}
	for i := range lines {
		ids := map[string]bool{}
		for _, h := range matcher.Line(lines[i].Term.Source, lines[i].Line.String()) {
			if h.Fails() {
				ids[h.Signature.ID] = true
			}
		}
		if len(ids) > 0 {
			n++
		}
		for id := range ids {
			counts[id]++
		}
	}
	ids := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	for i, id := range ids {
		ids[i] = fmt.Sprintf("%s (%d)", id, counts[id])
	}
	return n, strings.Join(ids, ", "), nil
}
