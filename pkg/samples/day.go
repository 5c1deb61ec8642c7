package samples

import (
	"embed"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// files hold one stream each:
//
//	# labels {cluster="…", pod="…"}
//	# what it is
//	@every 47s 00:00:05.100-24:00:00.000 a line that comes again and again
//	03:12:08.412 a line that comes once a day
//
// Times are UTC. What differs from line to line is a placeholder, see template.go.
//
//go:embed day/*.log
var files embed.FS

const (
	wholeDay = 24 * time.Hour
	steps    = int(wholeDay / liveStep)
)

// stream is one stream of the day.
type stream struct {
	stream *logs.Stream
	lines  []line // in order of time
	live   [steps]bool
}

// line is one line of the day.
type line struct {
	at   time.Duration
	text *template
}

// day reads the files once, when somebody first wants samples.
var day = sync.OnceValue(func() []*stream {
	entries, err := files.ReadDir("day")
	if err != nil {
		panic(fmt.Sprintf("samples: %v", err)) // they are embedded, and a test reads them
	}
	out := make([]*stream, 0, len(entries))
	for _, e := range entries {
		raw, err := files.ReadFile("day/" + e.Name())
		if err != nil {
			panic(fmt.Sprintf("samples: %v", err))
		}
		st, err := parse(string(raw))
		if err != nil {
			panic(fmt.Sprintf("samples: %s: %v", e.Name(), err))
		}
		out = append(out, st)
	}
	return out
})

// parse reads one file.
func parse(text string) (*stream, error) {
	st := &stream{}
	for n, row := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var err error
		switch {
		case strings.HasPrefix(row, "# labels "):
			var labels model.LabelSet
			labels, err = selector.ParseLabels(strings.TrimPrefix(row, "# labels "))
			st.stream = &logs.Stream{Key: labels.String(), Labels: labels}
		case strings.HasPrefix(row, "#"):
		case strings.HasPrefix(row, "@every "):
			err = st.repeat(strings.TrimPrefix(row, "@every "))
		default:
			err = st.once(row)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	if st.stream == nil {
		return nil, fmt.Errorf("no `# labels` line")
	}
	slices.SortStableFunc(st.lines, func(a, b line) int { return int(a.at - b.at) })
	for _, l := range st.lines {
		st.live[int(l.at/liveStep)] = true
	}
	return st, nil
}

// once reads `HH:MM:SS.mmm text`.
func (st *stream) once(row string) error {
	clock, text, _ := strings.Cut(row, " ")
	at, err := offset(clock)
	if err != nil {
		return err
	}
	t, err := newTemplate(text)
	st.lines = append(st.lines, line{at, t})
	return err
}

// repeat reads `PERIOD FROM-TO text`. Lines come up to a quarter of the period late, by a rule that only depends on
// period and number, so that what is written twice with equal times stays together.
func (st *stream) repeat(row string) error {
	fields := strings.SplitN(row, " ", 3)
	if len(fields) < 2 {
		return fmt.Errorf("@every %q: write PERIOD FROM-TO text", row)
	}
	period, err := time.ParseDuration(fields[0])
	if err != nil || period < time.Second {
		return fmt.Errorf("@every %q: not a period of a second or more", fields[0])
	}
	first, last, _ := strings.Cut(fields[1], "-")
	from, err := offset(first)
	if err != nil {
		return err
	}
	to, err := offset(last)
	if err != nil {
		return err
	}
	text := ""
	if len(fields) == 3 {
		text = fields[2]
	}
	t, err := newTemplate(text)
	if err != nil {
		return err
	}
	for i := range int((to - from) / period) {
		late := time.Duration(mix(uint64(period), uint64(i))%uint64(period/4/time.Millisecond)) * time.Millisecond
		if at := from + time.Duration(i)*period + late; at < to {
			st.lines = append(st.lines, line{at, t})
		}
	}
	return nil
}

// offset reads HH:MM:SS.mmm.
func offset(text string) (time.Duration, error) {
	var h, m, s, ms int
	if n, err := fmt.Sscanf(text, "%2d:%2d:%2d.%3d", &h, &m, &s, &ms); n != 4 || err != nil {
		return 0, fmt.Errorf("%q is not HH:MM:SS.mmm", text)
	}
	at := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(ms)*time.Millisecond
	if at > wholeDay {
		return 0, fmt.Errorf("%q is after the day", text)
	}
	return at, nil
}

// render returns the lines of [start, end), in order of time.
func (st *stream) render(start, end time.Time) []logproto.Entry {
	var out []logproto.Entry
	seed := hash(st.stream.Key)
	for date := midnight(start); date.Before(end); date = date.Add(wholeDay) {
		from := sort.Search(len(st.lines), func(i int) bool { return !date.Add(st.lines[i].at).Before(start) })
		to := sort.Search(len(st.lines), func(i int) bool { return !date.Add(st.lines[i].at).Before(end) })
		for n := from; n < to; n++ {
			at := date.Add(st.lines[n].at)
			out = append(out, logproto.Entry{Timestamp: at, Line: st.lines[n].text.render(at, mix(seed, uint64(at.UnixMilli())))})
		}
	}
	return out
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// mix scatters two numbers (splitmix64): equal ones always to the same place.
func mix(a, b uint64) uint64 {
	z := a*0x9E3779B97F4A7C15 + b + 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
