// Package corpus generates the logs that the end-to-end benchmarks read: believable BlueKing logs of any size, nearly
// all of them healthy. The same options give the same lines.
package corpus

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// Options choose what is generated.
type Options struct {
	// Lines of [End-Span, End), of which Hits are lines that a signature detects.
	Lines, Hits int
	End         time.Time
	Span        time.Duration
}

// share is how many of the lines a source has, in percent, and how many streams stand for each stream of the samples.
// Agents are many and write little, nodeman's and the gateway's pods are few and write much.
var share = map[signature.Source]struct{ percent, replicas int }{
	signature.Nodeman: {40, 3},
	signature.Gateway: {35, 3},
	signature.Agent:   {25, 30},
}

// Selectors are the stream selectors of the corpus: the data source's defaults.
func Selectors() []scan.Selector {
	return []scan.Selector{
		{Source: signature.Nodeman, Selector: `{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"}`},
		{Source: signature.Nodeman, Selector: `{job="nodeman-execution-log"}`},
		{Source: signature.Nodeman, Selector: `{filename=~".*[/\\\\]nm\\.(setup_\\w+|nohup).*", filename!~".*\\.(debug|report_log.*)"}`, OnHost: true},
		{Source: signature.Agent, Selector: `{filename=~".*[/\\\\]gse[^/\\\\]*([/\\\\].*)?[/\\\\]agent-err.*"}`, OnHost: true},
		{Source: signature.Gateway, Selector: `{namespace="blueking", pod=~"bk-job-gateway-.*"}`},
	}
}

// Corpus generates log streams. It is immutable.
type Corpus struct {
	o       Options
	streams []stream
	hits    []hit
}

// stream is one log stream, its healthy lines to choose from, and how many of them it has.
type stream struct {
	labels  string
	source  signature.Source
	healthy []template
	lines   int
	seed    uint64
}

// hit is a fixture's line at its time in a stream.
type hit struct {
	stream int
	entry  logproto.Entry
}

// New prepares a corpus over the shipped signatures' fixtures and the built-in samples' healthy lines.
func New(set *signature.Set, o Options) (*Corpus, error) {
	c := &Corpus{o: o}
	m := match.New(set)
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	store := samples.New(func() time.Time { return day.Add(24 * time.Hour) })
	bySource := map[signature.Source]int{}
	for _, sample := range store.Streams(day, day.Add(24*time.Hour)) {
		labels, err := selector.ParseLabels(sample.Labels)
		if err != nil {
			return nil, fmt.Errorf("labels of the samples: %w", err)
		}
		source, ok := sourceOf(labels)
		if !ok {
			return nil, fmt.Errorf("no source selects the samples' stream %s", sample.Labels)
		}
		healthy := healthyOf(m, source, sample.Entries)
		if len(healthy) == 0 {
			continue
		}
		for n := range share[source].replicas {
			c.streams = append(c.streams, stream{labels: replica(labels, n), source: source, healthy: healthy, seed: mix(uint64(len(c.streams)), 7)})
			bySource[source] += len(healthy)
		}
	}
	for i := range c.streams {
		// As many of the source's lines as its part of the samples' day.
		s := &c.streams[i]
		s.lines = (o.Lines - o.Hits) * share[s.source].percent / 100 * len(s.healthy) / bySource[s.source]
	}
	if err := c.addHits(m, set); err != nil {
		return nil, err
	}
	return c, nil
}

// sourceOf returns the source whose default selector selects a stream.
func sourceOf(labels model.LabelSet) (signature.Source, bool) {
	for _, sel := range Selectors() {
		if parsed, err := selector.Parse(sel.Selector); err == nil && parsed.Matches(labels) {
			return sel.Source, true
		}
	}
	return "", false
}

// healthyOf returns the lines in which no signature finds one of its literals.
func healthyOf(m *match.Matcher, source signature.Source, entries []logproto.Entry) []template {
	literals := m.Literals(source)
	var out []template
	for _, e := range entries {
		if !slices.ContainsFunc(literals, func(l string) bool { return strings.Contains(e.Line, l) }) {
			out = append(out, newTemplate(e.Line))
		}
	}
	return out
}

// replica changes the pod or the host of a label set.
func replica(labels model.LabelSet, n int) string {
	out := labels.Clone()
	if pod := out["pod"]; pod != "" {
		out["pod"] = pod + model.LabelValue(fmt.Sprintf("%c", 'a'+n))
	}
	if host := out["host"]; host != "" {
		out["host"] = model.LabelValue(fmt.Sprintf("%s%02d", host, n))
	}
	return out.String()
}

// addHits spreads the lines of positive fixtures over the span, a fixture's lines together in one stream.
func (c *Corpus) addHits(m *match.Matcher, set *signature.Set) error {
	var fixtures []signature.Fixture
	var sources []signature.Source
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			if f.Positive() && len(f.Lines) > 0 && len(f.Lines) <= 6 {
				fixtures = append(fixtures, f)
				sources = append(sources, sig.DetectSource())
			}
		}
	}
	detected := 0
	for n := uint64(0); detected < c.o.Hits; n++ {
		i := int(mix(n, 1) % uint64(len(fixtures)))
		start := c.o.End.Add(-c.o.Span).Add(time.Duration(mix(n, 2) % uint64(c.o.Span-time.Minute)))
		before := detected
		for k := range fixtures[i].Lines {
			l := &fixtures[i].Lines[k]
			source := l.Source
			if source == "" {
				source = sources[i]
			}
			stream := c.carrier(source, l.OnHost, n)
			if stream < 0 {
				continue // a source that is off by default has no stream here
			}
			for _, h := range m.Line(source, l.Line) {
				if h.Role == match.Detects {
					detected++
					break
				}
			}
			at := start.Add(fixtures[i].Offset(k) % time.Minute)
			c.hits = append(c.hits, hit{stream, logproto.Entry{Timestamp: at, Line: strings.TrimRight(l.Line, "\n")}})
		}
		if n > uint64(100*c.o.Hits) && detected == before {
			return fmt.Errorf("the fixtures of %d signatures give no hits", len(set.All()))
		}
	}
	slices.SortStableFunc(c.hits, func(a, b hit) int { return a.entry.Timestamp.Compare(b.entry.Timestamp) })
	return nil
}

// carrier chooses a stream for a line, or -1 where its source has none.
func (c *Corpus) carrier(source signature.Source, onHost bool, n uint64) int {
	var fit []int
	for i := range c.streams {
		if s := &c.streams[i]; s.source == source && (source != signature.Nodeman || strings.Contains(s.labels, "filename=") == onHost) {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return -1
	}
	return fit[mix(n, 3)%uint64(len(fit))]
}

// Between returns the streams with their lines of [from, to), in order of time: an hour of five million lines fits in memory.
// A healthy line that begins its period before to may lie a little behind it.
func (c *Corpus) Between(from, to time.Time) []logproto.Stream {
	first := c.o.End.Add(-c.o.Span)
	out := make([]logproto.Stream, len(c.streams))
	for i := range c.streams {
		s := &c.streams[i]
		out[i] = logproto.Stream{Labels: s.labels}
		if s.lines == 0 {
			continue
		}
		period := c.o.Span / time.Duration(s.lines)
		for n := (from.Sub(first) + period - 1) / period; n < min((to.Sub(first)+period-1)/period, time.Duration(s.lines)); n++ {
			seed := mix(s.seed, uint64(n))
			at := first.Add(n*period + time.Duration(seed%uint64(period)))
			out[i].Entries = append(out[i].Entries, logproto.Entry{Timestamp: at, Line: s.healthy[seed>>20%uint64(len(s.healthy))].render(at, seed)})
		}
	}
	for _, h := range c.hits {
		if !h.entry.Timestamp.Before(from) && h.entry.Timestamp.Before(to) {
			out[h.stream].Entries = append(out[h.stream].Entries, h.entry)
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].Entries, func(a, b logproto.Entry) int { return a.Timestamp.Compare(b.Timestamp) })
	}
	return slices.DeleteFunc(out, func(s logproto.Stream) bool { return len(s.Entries) == 0 })
}

// mix scatters two numbers (splitmix64): equal ones always to the same place.
func mix(a, b uint64) uint64 {
	z := a*0x9E3779B97F4A7C15 + b + 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
