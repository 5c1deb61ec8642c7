package scenarios

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// entry is a line in the store.
type entry struct {
	selector    string
	stream      *logs.Stream
	at, arrives time.Time
	line        string
}

func selectorOf(source signature.Source, onHost bool) string {
	return fmt.Sprintf(`{source=%q, on_host="%v"}`, source, onHost)
}

func selectors() []scan.Selector {
	var out []scan.Selector
	for _, source := range signature.Sources() {
		for _, onHost := range []bool{false, true} {
			out = append(out, scan.Selector{Source: source, Selector: selectorOf(source, onHost), OnHost: onHost})
		}
	}
	return out
}

// store is a Source that answers as Loki does: only lines in the span that contain a literal, in order of time within
// a stream, and only what has arrived. It is safe for concurrent use.
type store struct {
	entries []entry
	live    func(source signature.Source, start, end time.Time) logs.Liveness

	mu  sync.Mutex
	now time.Time
	// rng, when set, gives streams, pages and lines of one instant in another order every time.
	rng *rand.Rand
}

func (s *store) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *store) set(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Read implements scan.Source. The bytes of a line are overwritten once the next one is asked for.
func (s *store) Read(_ context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	cov := &logs.Coverage{}
	found := s.find(req)
	return func(yield func(logs.Record, error) bool) {
		var page []byte
		for _, e := range found {
			page = append(page[:0], e.line...)
			cov.Lines++
			cov.Bytes += int64(len(page))
			if !yield(logs.Record{Stream: e.stream, Entry: logproto.Entry{Timestamp: e.at, Line: unsafe.String(unsafe.SliceData(page), len(page))}}, nil) {
				return
			}
			for i := range page {
				page[i] = 'Z'
			}
		}
		cov.Add(logs.Window{Start: req.Start, End: req.End, State: logs.Complete})
	}, cov
}

func (s *store) find(req logs.Request) []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []entry
	for _, e := range s.entries {
		if e.selector == req.Selector && !e.arrives.After(s.now) && !e.at.Before(req.Start) && e.at.Before(req.End) &&
			logs.Passes(e.line, req.Filters) {
			found = append(found, e)
		}
	}
	if s.rng == nil {
		slices.SortStableFunc(found, func(a, b entry) int { return a.at.Compare(b.at) })
		return found
	}
	return shuffled(found, s.rng)
}

// shuffled interleaves the streams at random; within one, time still goes forward.
func shuffled(found []entry, rng *rand.Rand) []entry {
	rng.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	byStream := map[string][]entry{}
	var slots []string
	for _, e := range found {
		byStream[e.stream.Key] = append(byStream[e.stream.Key], e)
		slots = append(slots, e.stream.Key)
	}
	for _, list := range byStream {
		slices.SortStableFunc(list, func(a, b entry) int { return a.at.Compare(b.at) })
	}
	out := make([]entry, 0, len(found))
	for _, key := range slots {
		out = append(out, byStream[key][0])
		byStream[key] = byStream[key][1:]
	}
	return out
}

// Live implements scan.Source.
func (s *store) Live(_ context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	for _, sel := range selectors() {
		if sel.Selector == req.Selector {
			return logs.Shipping{All: s.live(sel.Source, req.Start, req.End)}, nil
		}
	}
	return logs.Shipping{}, nil // hosts are not told apart
}

// Describe implements scan.Source.
func (s *store) Describe(req logs.Request) string { return req.Selector }

func always(_ signature.Source, start, end time.Time) logs.Liveness {
	return logs.NewLiveness([]logs.Window{{Start: start, End: end}})
}

var shipped = sync.OnceValues(catalogue.Set)

func shippedSet(t testing.TB) *signature.Set {
	t.Helper()
	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var prepared = sync.OnceValue(func() *scan.Prepared {
	set, _ := shipped()
	return scan.Prepare(set)
})

func preparedSet(t testing.TB) *scan.Prepared {
	t.Helper()
	shippedSet(t)
	return prepared()
}

const lateness = 10 * time.Minute

// newScanner applies the shipped catalogue with the data source's defaults. memory 0 remembers nothing.
func newScanner(t testing.TB, s *store, memory int64) *scan.Scanner {
	t.Helper()
	return scan.New(s, scan.Options{
		Prepared:    preparedSet(t),
		Labels:      incident.Settings{HostLabels: []string{"host", "instance", "hostname"}, ClusterLabel: "cluster"},
		Selectors:   selectors(),
		LookbackMax: 24 * time.Hour,
		Lateness:    lateness,
		MemoryBytes: memory,
		Clock:       s.clock,
	})
}

func ask(t testing.TB, s *scan.Scanner, start, end time.Time) *scan.Result {
	t.Helper()
	res, err := s.Scan(t.Context(), scan.Request{Start: start, End: end})
	if err != nil {
		t.Fatal(err)
	}
	if p := res.Partial(); p != "" {
		t.Fatalf("the answer is partial: %s", p)
	}
	return res
}
