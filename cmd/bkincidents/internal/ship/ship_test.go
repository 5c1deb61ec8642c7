package ship

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// store is a Loki that keeps what it takes, each entry once.
type store struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int // what to answer first; then 204
	pushes  []int
	streams map[string]map[string]int // labels → time and line → how often
	meta    map[string]string
}

func newStore(t *testing.T, answers ...int) *store {
	s := &store{answers: answers, streams: map[string]map[string]int{}, meta: map[string]string{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := http.StatusNoContent
	if len(s.answers) > 0 {
		status, s.answers = s.answers[0], s.answers[1:]
	}
	s.pushes = append(s.pushes, status)
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "7")
	}
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		return
	}
	raw, _ := io.ReadAll(r.Body)
	message, err := snappy.Decode(nil, raw)
	var req logproto.PushRequest
	if err == nil {
		err = req.Unmarshal(message)
	}
	if err != nil {
		panic(err)
	}
	for _, st := range req.Streams {
		for _, e := range st.Entries {
			if s.streams[st.Labels] == nil {
				s.streams[st.Labels] = map[string]int{}
			}
			key := e.Timestamp.UTC().Format("2006-01-02T15:04:05.000000000") + " " + e.Line
			s.streams[st.Labels][key]++
			s.meta[key] = fmt.Sprint(e.StructuredMetadata)
		}
	}
}

func (s *store) lines(labels string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for key := range s.streams[labels] {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// table is a source whose rows the test changes.
type table struct {
	rows []Row
	err  error
}

func (s *table) Close() error { return nil }

func (s *table) Changed(_ context.Context, position *Position, each func(Row) error) error {
	for _, row := range s.rows {
		if position.Known(row.ID) == len(row.Log) {
			continue
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return s.err
}

const label = `{job="nodeman-execution-log"}`

func shipper(t *testing.T, address string, source Source, position *Position, now func() time.Time) (*Shipper, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	metrics := NewMetrics(prometheus.NewRegistry(), now)
	pusher := NewPusher(PusherOptions{URL: address, HTTP: http.DefaultClient, Log: log, Metrics: metrics, Now: now, GiveUp: time.Nanosecond,
		Wait: func(context.Context, time.Duration) error { return nil }})
	return New(Options{Source: source, Position: position, Pusher: pusher, Zone: zone, Every: time.Second, Log: log, Metrics: metrics, Now: now}), &out
}

func at(clock string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, "2024-10-22 "+clock, zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func row(id uint64, clock, status, log string) Row {
	return Row{ID: id, Mark: Mark{passUpdated, at(clock), id}, Created: created, Settled: over(status), Host: "10.0.0.1", SubInstID: "9", TaskID: "4", CloudID: "0", Step: "node", Status: status, Log: log}
}

func once(t *testing.T, s *Shipper) {
	t.Helper()
	if err := s.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestGrowingRowsAreShippedOnceInOrder(t *testing.T) {
	loki := newStore(t)
	src := &table{rows: []Row{row(5, "17:01:02", "RUNNING", "[2024-10-22 17:01:02 INFO] 开始 安装.\n[2024-10-22 17:01:02 INFO] b")}}
	path := filepath.Join(t.TempDir(), "p")
	s, _ := shipper(t, loki.URL, src, open(t, path), func() time.Time { return at("17:10:00") })
	once(t, s)
	first := "2024-10-22T09:01:02.000005000 [2024-10-22 17:01:02 INFO] 开始 安装."
	if got := loki.lines(label); !slices.Equal(got, []string{first}) {
		t.Fatalf("the last entry of a step that runs may still grow; shipped %q", got)
	}
	for _, want := range []string{"10.0.0.1", "安装", "RUNNING", "bk_cloud_id", "task_id", "sub_inst_id"} {
		if !strings.Contains(loki.meta[first], want) {
			t.Errorf("metadata %s lacks %s", loki.meta[first], want)
		}
	}
	src.rows[0] = row(5, "17:01:05", "FAILED", src.rows[0].Log+"\n[script] c\n[2024-10-22 17:01:05 ERROR] d")
	s, _ = shipper(t, loki.URL, src, open(t, path), func() time.Time { return at("17:10:00") }) // another run
	once(t, s)
	once(t, s)
	want := []string{first, "2024-10-22T09:01:02.000005001 [2024-10-22 17:01:02 INFO] b\n[script] c", "2024-10-22T09:01:05.000005000 [2024-10-22 17:01:05 ERROR] d"}
	if got := loki.lines(label); !slices.Equal(got, want) {
		t.Errorf("shipped\n%q, want\n%q", got, want)
	}
	for key, n := range loki.streams[label] {
		if n != 1 {
			t.Errorf("pushed %d times: %s", n, key)
		}
	}
}

// Who ships a day for the first time looks for it at once, and a Loki shows the last three hours of it.
func TestAReportSaysWhatCannotBeSeenYet(t *testing.T) {
	for _, c := range []struct{ now, want, not string }{
		{"17:10:00", "entries=1 oldest=2024-10-22T09:01:02Z", "/flush"},
		{"23:10:00", "/flush", "nothing new"},
	} {
		src := &table{rows: []Row{row(5, "17:01:02", "FAILED", "[2024-10-22 17:01:02 ERROR] a")}}
		s, out := shipper(t, newStore(t).URL, src, open(t, ""), func() time.Time { return at(c.now) })
		once(t, s)
		s.Report()
		if got := out.String(); !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
			t.Errorf("at %s: %s", c.now, got)
		}
	}
	s, out := shipper(t, newStore(t).URL, &table{}, open(t, ""), func() time.Time { return at("17:10:00") })
	once(t, s)
	if s.Report(); !strings.Contains(out.String(), "nothing new") {
		t.Errorf("nothing was shipped: %s", out)
	}
}

func TestTheSameTextOfManyRowsStaysApart(t *testing.T) {
	loki := newStore(t)
	src := &table{}
	for id := range uint64(3000) {
		src.rows = append(src.rows, row(id+1, "17:01:02", "SUCCESS", "[2024-10-22 17:01:02 INFO] 自动选择接入点成功"))
	}
	s, _ := shipper(t, loki.URL, src, open(t, ""), func() time.Time { return at("17:10:00") })
	once(t, s)
	if got := len(loki.lines(label)); got != 3000 {
		t.Errorf("%d entries of 3000 rows", got)
	}
}

// A step that began long ago is read after rows that ended since; Loki would refuse its first lines in the same stream.
func TestLinesFarBehindGoToAStreamOfTheirHour(t *testing.T) {
	loki := newStore(t)
	src := &table{rows: []Row{
		row(1, "17:00:00", "SUCCESS", "[2024-10-22 17:00:00 INFO] new"),
		row(2, "17:05:00", "FAILED", "[2024-10-22 14:59:00 INFO] old\n[2024-10-22 16:30:00 INFO] near"),
		row(3, "17:06:00", "FAILED", "[2099-01-01 00:00:00 INFO] nonsense"),
	}}
	s, _ := shipper(t, loki.URL, src, open(t, ""), func() time.Time { return at("17:10:00") })
	once(t, s)
	if got := loki.lines(`{job="nodeman-execution-log", late="2024-10-22T06"}`); len(got) != 1 || !strings.HasSuffix(got[0], "old") {
		t.Errorf("late %q", got)
	}
	if got := loki.lines(label); len(got) != 3 {
		t.Errorf("in time %q", got)
	}
}

func TestABatchThatMayNotHaveArrivedIsPushedAgainAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	src := &table{rows: []Row{row(5, "17:01:02", "RUNNING", "[2024-10-22 17:01:02 INFO] a\n[2024-10-22 17:01:03 INFO] b")}}
	down := newStore(t, 503, 503)
	s, _ := shipper(t, down.URL, src, open(t, path), func() time.Time { return at("17:10:00") })
	s.Pusher.Now = func() func() time.Time {
		n := 0
		return func() time.Time { n++; return at("17:10:00").Add(time.Duration(n) * time.Second) }
	}()
	if err := s.Once(t.Context()); err == nil {
		t.Fatal("no error though Loki took nothing")
	}
	// nodeman goes on, and deletes the row, before the next run.
	src.rows = nil
	loki := newStore(t)
	s, _ = shipper(t, loki.URL, src, open(t, path), func() time.Time { return at("17:10:00") })
	once(t, s)
	if got := loki.lines(label); len(got) != 1 || !strings.Contains(loki.meta[got[0]], "RUNNING") {
		t.Errorf("pushed %q %v", got, loki.meta)
	}
}

func TestWhatAFailedRoundReadIsReadAgain(t *testing.T) {
	loki := newStore(t)
	src := &table{rows: []Row{row(5, "17:01:02", "FAILED", "[2024-10-22 17:01:02 INFO] a")}, err: fmt.Errorf("the database went away")}
	s, _ := shipper(t, loki.URL, src, open(t, ""), func() time.Time { return at("17:10:00") })
	if err := s.Once(t.Context()); err == nil {
		t.Fatal("no error")
	}
	src.err = nil
	once(t, s)
	if got := loki.lines(label); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestRefusalsThatPassAreTriedAgain(t *testing.T) {
	loki := newStore(t, 429, 500, 503)
	var waits []time.Duration
	metrics := NewMetrics(prometheus.NewRegistry(), time.Now)
	var out bytes.Buffer
	p := NewPusher(PusherOptions{URL: loki.URL, HTTP: http.DefaultClient, Log: slog.New(slog.NewTextHandler(&out, nil)), Metrics: metrics, Now: time.Now,
		Wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }})
	if err := p.Push(t.Context(), snappy.Encode(nil, nil)); err != nil {
		t.Fatal(err)
	}
	if len(waits) != 3 || waits[0] != 7*time.Second || waits[1] < 2*time.Second || waits[2] < 4*time.Second || waits[2] > 5*time.Second {
		t.Errorf("waited %v, want Retry-After and then twice as long each time", waits)
	}
	if n := strings.Count(out.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want one for one problem:\n%s", n, out.String())
	}
	for status, want := range map[string]float64{"429": 1, "500": 1, "503": 1, "204": 1} {
		if got := testutil.ToFloat64(metrics.pushes.WithLabelValues(status)); got != want {
			t.Errorf("pushes with status %s: %v, want %v", status, got, want)
		}
	}
}

func TestAWrongTimeZoneIsSaid(t *testing.T) {
	loki := newStore(t)
	src := &table{rows: []Row{row(5, "09:01:02", "FAILED", "[2024-10-22 17:01:02 INFO] a")}}
	src.rows[0].Mark.At = at("17:01:02").Add(8 * time.Hour) // the database says that the text was UTC
	s, out := shipper(t, loki.URL, src, open(t, ""), func() time.Time { return at("17:10:00").Add(8 * time.Hour) })
	once(t, s)
	if !strings.Contains(out.String(), "--timezone") || !strings.Contains(out.String(), "+00:00") {
		t.Errorf("log: %s", out.String())
	}
	src.rows = []Row{row(6, "17:01:02", "FAILED", "[2024-10-22 17:01:02 INFO] a"), row(7, "19:12:02", "FAILED", "[2024-10-22 17:01:02 INFO] touched later")}
	s, out = shipper(t, loki.URL, src, open(t, ""), func() time.Time { return at("17:10:00") })
	once(t, s)
	if out.Len() > 0 {
		t.Errorf("a row that was touched later is no zone: %s", out.String())
	}
}

func TestRowsReadSlowlyArePushedBeforeTheRoundEnds(t *testing.T) {
	loki, clock := newStore(t), at("17:10:00")
	source := &table{rows: []Row{row(1, "17:01:02", "FAILED", "[2024-10-22 17:01:02 INFO] a"), row(2, "17:01:03", "FAILED", "[2024-10-22 17:01:03 INFO] b"), row(3, "17:01:04", "FAILED", "[2024-10-22 17:01:04 INFO] c")}}
	s, _ := shipper(t, loki.URL, source, open(t, ""), func() time.Time { clock = clock.Add(batchAge); return clock })
	once(t, s)
	if len(loki.pushes) < 3 {
		t.Errorf("%d pushes, want one for each row", len(loki.pushes))
	}
}
