// Package scenarios tells stories: log lines of several sources and hosts with their times, and what a person on call
// should be told about them. The expectations were written from the design and from BlueKing's troubleshooting guide,
// not from what the engine answers.
package scenarios

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// t0 is the zero of all offsets: 08:00 in China, where BlueKing's images run.
var t0 = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// offset is a time relative to t0.
type offset time.Duration

func (o *offset) UnmarshalYAML(node *yaml.Node) error {
	d, err := time.ParseDuration(node.Value)
	*o = offset(d)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	return nil
}

func (o offset) time() time.Time { return t0.Add(time.Duration(o)) }

func since(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Sub(t0).String()
}

// story is one file of stories/.
type story struct {
	Title string `yaml:"title"`
	Lines []line `yaml:"lines"`
	// Live are the spans in which a source shipped lines; a source that is not named always does.
	Live map[signature.Source][][2]offset `yaml:"live"`
	// Secrets may appear nowhere in an answer.
	Secrets []string `yaml:"secrets"`
	// Ignore are signatures that are beside the point of the story.
	Ignore []string   `yaml:"ignore"`
	Ask    []question `yaml:"ask"`

	name string
}

// line is one log line, or Repeat of them, Every apart.
type line struct {
	At offset `yaml:"at"`
	// Arrives is when the store has the line; default At.
	Arrives *offset           `yaml:"arrives"`
	In      string            `yaml:"in"`
	Labels  map[string]string `yaml:"labels"`
	// Line is the raw line. <<T>> is its local time, <<T,>> and <<T.>> have milliseconds, <<CRI>> is containerd's;
	// <<N>>, <<IP>> and <<SUB>> count repetitions.
	Line string `yaml:"line"`
	// Escaped tells that Line is written as in a Go string literal.
	Escaped bool `yaml:"escaped"`
	// Fill is the length to which <<FILL>> is blown up.
	Fill   int    `yaml:"fill"`
	Repeat int    `yaml:"repeat"`
	Every  offset `yaml:"every"`
}

// question is asked of the store at Now, for Range.
type question struct {
	Name  string    `yaml:"name"`
	Range [2]offset `yaml:"range"`
	// Now is the wall clock; default the end of Range.
	Now *offset `yaml:"now"`
	// Version of BlueKing for the steps; default 7.2.
	Version   string     `yaml:"version"`
	Incidents []expected `yaml:"incidents"`
	// Alerts are all alert rows: signature and subject to value. Rules are the relative ranges to ask them with.
	Alerts       map[string]float64 `yaml:"alerts"`
	RepeatAlerts int                `yaml:"repeat_alerts"`
	Rules        []offset           `yaml:"rules"`
}

func (q *question) clock() time.Time {
	if q.Now != nil {
		return q.Now.time()
	}
	return q.Range[1].time()
}

// expected is one incident, or Repeat of them. What has no omitempty meaning must be written.
type expected struct {
	Repeat    int      `yaml:"repeat"`
	Every     offset   `yaml:"every"`
	Signature string   `yaml:"signature"`
	Key       []string `yaml:"key"`
	Hosts     []string `yaml:"hosts"`
	HostCount int      `yaml:"host_count"` // instead of Hosts
	Verdict   string   `yaml:"verdict"`
	State     string   `yaml:"state"`
	Reason    string   `yaml:"reason"`
	Start     offset   `yaml:"start"`
	Last      offset   `yaml:"last"`
	End       *offset  `yaml:"end"`
	Count     int      `yaml:"count"`
	// Cause is the signature of the incident that explains this one, Symptoms the number of those it explains.
	Cause      string `yaml:"cause"`
	Symptoms   *int   `yaml:"symptoms"`
	StartKnown *bool  `yaml:"start_known"`
	// Steps is the number of remediation steps, First the id of the first. Commands are by step id; a command
	// is compared word by word, as a shell splits it.
	Steps    int               `yaml:"steps"`
	First    string            `yaml:"first"`
	Commands map[string]string `yaml:"commands"`
	NoSteps  []string          `yaml:"no_steps"`
	// Captures are checked where named; "" says that there must be none.
	Captures map[string]string `yaml:"captures"`
	// Likely is the hypothesis that must rank first.
	Likely string `yaml:"likely"`
	// Unchecked is evidence that the most likely hypothesis says nobody could look at.
	Unchecked []string `yaml:"unchecked"`
	Title     string   `yaml:"title"` // English, where it matters
}

func stories(t testing.TB) []story {
	t.Helper()
	files, err := filepath.Glob("stories/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	var out []story
	for _, file := range files {
		s := story{name: strings.TrimSuffix(filepath.Base(file), ".yaml")}
		decode(t, file, &s)
		if s.Title == "" || len(s.Ask) == 0 {
			t.Fatalf("%s: a story has a title and asks something", file)
		}
		for i := range s.Ask {
			if s.Ask[i].Alerts == nil {
				t.Fatalf("%s: question %q does not say which alert rows there are", file, s.Ask[i].Name)
			}
		}
		out = append(out, s)
	}
	return out
}

func decode(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

type streamKind struct {
	Source signature.Source  `yaml:"source"`
	OnHost bool              `yaml:"on_host"`
	Labels map[string]string `yaml:"labels"`
}

func streamKinds(t testing.TB) map[string]streamKind {
	t.Helper()
	kinds := map[string]streamKind{}
	decode(t, "streams.yaml", &kinds)
	return kinds
}

// entries writes out the lines of a story.
func (s *story) entries(t testing.TB) []entry {
	t.Helper()
	kinds := streamKinds(t)
	var out []entry
	for i := range s.Lines {
		l := &s.Lines[i]
		kind, ok := kinds[l.In]
		if !ok {
			t.Fatalf("%s: no stream %q", s.name, l.In)
		}
		for n := range max(l.Repeat, 1) {
			at := l.At + offset(n)*l.Every
			e := entry{selector: selectorOf(kind.Source, kind.OnHost), at: at.time(), arrives: at.time(), line: l.text(t, at.time(), n)}
			if l.Arrives != nil {
				e.arrives = (*l.Arrives + offset(n)*l.Every).time()
			}
			labels := maps.Clone(kind.Labels)
			maps.Copy(labels, l.Labels)
			e.stream = newStream(labels, n)
			out = append(out, e)
		}
	}
	return out
}

func (l *line) text(t testing.TB, at time.Time, n int) string {
	t.Helper()
	s := l.Line
	if l.Escaped {
		var err error
		if s, err = strconv.Unquote(`"` + strings.TrimSpace(s) + `"`); err != nil {
			t.Fatalf("%q: %v", l.Line, err)
		}
	}
	return strings.ReplaceAll(expand(s, at, n), "<<FILL>>", strings.Repeat("A", l.Fill))
}

var china = time.FixedZone("", 8*60*60)

// expand puts time and number of a line into a text.
func expand(s string, at time.Time, n int) string {
	local := at.In(china)
	return strings.NewReplacer(
		"<<T>>", local.Format(time.DateTime), "<<T,>>", local.Format("2006-01-02 15:04:05,000"), "<<T.>>", local.Format("2006-01-02 15:04:05.000"),
		"<<CRI>>", at.Format("2006-01-02T15:04:05.000000000Z"), "<<EPOCH>>", strconv.FormatInt(at.Unix(), 10),
		"<<N>>", strconv.Itoa(n), "<<IP>>", fmt.Sprintf("10.1.%d.%d", n/250, n%250+1), "<<SUB>>", strconv.Itoa(20000+n),
	).Replace(s)
}

func newStream(labels map[string]string, n int) *logs.Stream {
	set := model.LabelSet{}
	for k, v := range labels {
		if v != "" {
			set[model.LabelName(k)] = model.LabelValue(expand(v, t0, n))
		}
	}
	return &logs.Stream{Key: set.String(), Labels: set}
}

// expand writes out repeated incidents.
func (q *question) expand() []expected {
	var out []expected
	for _, e := range q.Incidents {
		for n := range max(e.Repeat, 1) {
			x := e
			x.Start += offset(n) * e.Every
			x.Last += offset(n) * e.Every
			x.Key, x.Hosts = slices.Clone(e.Key), slices.Clone(e.Hosts)
			for _, list := range [][]string{x.Key, x.Hosts} {
				for i := range list {
					list[i] = expand(list[i], t0, n)
				}
			}
			slices.Sort(x.Hosts)
			out = append(out, x)
		}
	}
	return out
}

func (q *question) alerts() map[string]float64 {
	out := map[string]float64{}
	for row, value := range q.Alerts {
		for n := range max(q.RepeatAlerts, 1) {
			out[expand(row, t0, n)] = value
		}
	}
	return out
}

// liveness returns when a source shipped lines, within [start, end).
func (s *story) liveness(source signature.Source, start, end time.Time) logs.Liveness {
	spans, ok := s.Live[source]
	if !ok {
		return logs.NewLiveness([]logs.Window{{Start: start, End: end}})
	}
	var windows []logs.Window
	for _, span := range spans {
		w := logs.Window{Start: span[0].time(), End: span[1].time()}
		if w.Start.Before(start) {
			w.Start = start
		}
		if w.End.After(end) {
			w.End = end
		}
		if w.Start.Before(w.End) {
			windows = append(windows, w)
		}
	}
	slices.SortFunc(windows, func(a, b logs.Window) int { return cmp.Compare(a.Start.UnixNano(), b.Start.UnixNano()) })
	return logs.NewLiveness(windows)
}
