package scale

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
)

// feed is a steady flow of lines that some filter lets pass: one in every gap, somewhere within it. The same feed always
// gives the same lines.
type feed struct {
	origin
	texts []string
	gap   int64 // ns; 0 writes nothing
	seed  uint64
	// [from, to) is when it flows, in ns since 1970.
	from, to int64
}

// origin names the streams that write a feed's lines.
type origin struct {
	pattern string
	streams int
}

func newFeed(o origin, texts []string, perSecond float64, seed uint64) feed {
	f := feed{origin: o, texts: texts, seed: seed, to: math.MaxInt64}
	if perSecond > 0 {
		f.gap = max(1, int64(float64(time.Second)/perSecond))
	}
	return f
}

// line is one that passed a filter.
type line struct {
	at     int64
	stream string
	text   string
}

// first appends the first lines that a request asks for, in order of time.
func (f *feed) first(out []line, a asked, limit int) []line {
	if f.gap == 0 {
		return out
	}
	passing := map[int]bool{}
	for i, text := range f.texts {
		passing[i] = a.passes(text)
	}
	from, to := max(a.from, f.from), min(a.to, f.to)
	for n := from / f.gap; n*f.gap < to && limit > 0; n++ {
		r := mix(f.seed, uint64(n))
		at := n*f.gap + int64(r%uint64(f.gap))
		i := int(mix(r, 1) % uint64(len(f.texts)))
		if at < from || at >= to || !passing[i] {
			continue
		}
		stream := f.stream(mix(r, 2))
		if !strings.Contains(stream, a.cluster) {
			continue
		}
		out = append(out, line{at: at, stream: stream, text: f.texts[i]})
		limit--
	}
	return out
}

// stream is the label string of a stream, ten clusters and as many hosts or pods as there are streams.
func (o origin) stream(n uint64) string {
	n %= uint64(o.streams)
	return strings.SplitN(fmt.Sprintf(o.pattern+"\x00%[1]v%[2]v%[3]v%[4]v%[5]v", n%10, n, n>>16&255, n>>8&255, n&255), "\x00", 2)[0]
}

// lines returns the first lines of a source that a request asks for, in order of time.
func (s *source) lines(a asked, limit int) []line {
	var out []line
	for i := range s.feeds {
		out = s.feeds[i].first(out, a, limit)
	}
	slices.SortFunc(out, func(a, b line) int {
		if a.at != b.at {
			return int(max(-1, min(1, a.at-b.at)))
		}
		return strings.Compare(a.stream+a.text, b.stream+b.text)
	})
	return out[:min(limit, len(out))]
}

// streamsOf groups lines as Loki does: by stream, streams in order of their labels.
func streamsOf(lines []line) []logproto.Stream {
	at := map[string]int{}
	var out []logproto.Stream
	for _, l := range lines {
		i, known := at[l.stream]
		if !known {
			i = len(out)
			at[l.stream] = i
			out = append(out, logproto.Stream{Labels: l.stream})
		}
		out[i].Entries = append(out[i].Entries, logproto.Entry{Timestamp: time.Unix(0, l.at).UTC(), Line: l.text})
	}
	slices.SortFunc(out, func(a, b logproto.Stream) int { return strings.Compare(a.Labels, b.Labels) })
	return out
}

// mix scatters two numbers (splitmix64): equal ones always to the same place.
func mix(a, b uint64) uint64 {
	z := a*0x9E3779B97F4A7C15 + b + 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
