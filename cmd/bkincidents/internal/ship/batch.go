package ship

import (
	"slices"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"
)

const (
	// batchBytes bounds one push: gateways before Loki commonly refuse bodies above 1 to 4 MB.
	batchBytes = 1 << 20
	// batchAge bounds how long rows are read before what was read of them is pushed and noted: a process that is killed
	// again and again gets on all the same.
	batchAge = 250 * time.Millisecond
	// behind is how far an entry may be behind the newest of its stream. Loki refuses what is further back than half
	// of ingester.max_chunk_age, one hour by default.
	behind = 45 * time.Minute
)

// batch are the entries of one push.
type batch struct {
	cluster string
	entries []logproto.Entry
	bytes   int
	lines   int
	// begun is when its first entry came.
	begun  time.Time
	buffer []byte
}

func newBatch(cluster string) *batch { return &batch{cluster: cluster} }

func (b *batch) empty() bool { return len(b.entries) == 0 }

func (b *batch) full(next logproto.Entry) bool {
	return len(b.entries) > 0 && b.bytes+next.Size() > batchBytes
}

// old tells that the batch is to be pushed, however small it is.
func (b *batch) old(now time.Time) bool { return !b.empty() && now.Sub(b.begun) >= batchAge }

func (b *batch) add(e logproto.Entry, now time.Time) {
	if b.empty() {
		b.begun = now
	}
	b.entries = append(b.entries, e)
	b.bytes += e.Size() + 6
	b.lines++
}

func (b *batch) reset() {
	clear(b.entries)
	b.entries, b.bytes, b.lines = b.entries[:0], 0, 0
}

// encode makes the body of the push. Entries that Loki would refuse as too far behind the stream's newest go to a
// stream of their own hour: a step may have begun long before the rows that were shipped already. What goes where
// depends on the position only, so that a repeated push is refused nothing that was accepted before.
func (b *batch) encode(p *Position, now time.Time) ([]byte, error) {
	slices.SortStableFunc(b.entries, func(x, y logproto.Entry) int { return x.Timestamp.Compare(y.Timestamp) })
	newest := p.newest
	for _, e := range b.entries {
		if e.Timestamp.After(newest) && !e.Timestamp.After(now) {
			newest = e.Timestamp
		}
	}
	p.newest = newest
	edge := newest.Add(-behind)
	var streams []logproto.Stream
	for _, e := range b.entries {
		labels := b.labels("")
		if e.Timestamp.Before(edge) {
			labels = b.labels(e.Timestamp.Format("2006-01-02T15"))
		}
		if n := len(streams); n == 0 || streams[n-1].Labels != labels {
			streams = append(streams, logproto.Stream{Labels: labels})
		}
		last := &streams[len(streams)-1]
		last.Entries = append(last.Entries, e)
	}
	message, err := (&logproto.PushRequest{Streams: streams}).Marshal()
	if err != nil {
		return nil, err
	}
	b.buffer = snappy.Encode(b.buffer[:cap(b.buffer)], message)
	return b.buffer, nil
}

// labels are those of the stream: few, and nothing that grows with hosts or tasks.
func (b *batch) labels(late string) string {
	set := model.LabelSet{"job": Job}
	if b.cluster != "" {
		set["cluster"] = model.LabelValue(b.cluster)
	}
	if late != "" {
		set["late"] = model.LabelValue(late)
	}
	return set.String()
}
