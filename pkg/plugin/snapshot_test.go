package plugin

import (
	"context"
	"errors"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/metrics"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	known "github.com/blueking/incidents/pkg/source"
)

// reader counts scans and lets them take a while.
type reader struct {
	mu    sync.Mutex
	scans int
	takes time.Duration
	err   error
	lines int
}

func (r *reader) read(ctx context.Context) (*scan.Result, error) {
	r.mu.Lock()
	r.scans++
	r.mu.Unlock()
	select {
	case <-time.After(r.takes):
		return &scan.Result{Lines: make([]incident.Line, r.lines)}, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestQueriesOfOneMomentShareAScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: time.Second}
		defer s.close()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if res, err := s.get(t.Context(), "k", time.Minute, r.read); err != nil || res == nil {
					t.Errorf("%v %v", res, err)
				}
			})
		}
		wg.Wait()
		time.Sleep(holdFor - time.Second)
		_, _ = s.get(t.Context(), "k", time.Minute, r.read)
		if r.scans != 1 {
			t.Errorf("%d scans within a minute", r.scans)
		}
		_, _ = s.get(t.Context(), "another", time.Minute, r.read)
		time.Sleep(2 * time.Second)
		_, _ = s.get(t.Context(), "k", time.Minute, r.read)
		if r.scans != 3 {
			t.Errorf("%d scans, want one more for another key and one more after a minute", r.scans)
		}
	})
}

func TestErrorsAreSharedButNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: time.Second, err: errors.New("down")}
		defer s.close()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := s.get(t.Context(), "k", time.Minute, r.read); err == nil {
					t.Error("no error")
				}
			})
		}
		wg.Wait()
		r.err = nil
		if _, err := s.get(t.Context(), "k", time.Minute, r.read); err != nil || r.scans != 2 {
			t.Errorf("%v after %d scans", err, r.scans)
		}
	})
}

func TestWhatFailedInOneSourceIsNotKept(t *testing.T) {
	f := busy()
	d := open(t, f)
	f.fails[signature.Agent] = notReady
	if got := frame(t, one(t, d, `{"queryType":"incidents"}`)); len(got.Meta.Notices) == 0 {
		t.Error("no notice")
	}
	delete(f.fails, signature.Agent)
	if got := frame(t, one(t, d, `{"queryType":"incidents"}`)); len(got.Meta.Notices) > 0 {
		t.Errorf("Loki is back, and the same range still says %q", got.Meta.Notices[0].Text)
	}
}

func TestAScanOutlivesWhoBeganItButNotAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: 10 * time.Second}
		defer s.close()
		first, giveUp := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.get(first, "k", time.Minute, r.read); !errors.Is(err, context.Canceled) {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if _, err := s.get(t.Context(), "k", time.Minute, r.read); err != nil {
				t.Errorf("the second: %v", err)
			}
		})
		synctest.Wait()
		giveUp()
		wg.Wait()

		alone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := s.get(alone, "x", time.Minute, r.read); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		synctest.Wait()
		if _, err := s.get(t.Context(), "x", time.Minute, r.read); err != nil || r.scans != 3 {
			t.Errorf("joined a scan that was ended: %v after %d scans", err, r.scans)
		}
	})
}

func TestAScanHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: time.Hour}
		defer s.close()
		if _, err := s.get(t.Context(), "k", time.Minute, r.read); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestHeldScansAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: time.Millisecond}
		for i := range 3 * maxSnapshots {
			_, _ = s.get(t.Context(), string(rune('a'+i)), time.Minute, r.read)
		}
		if n := len(s.entries); n != maxSnapshots {
			t.Errorf("%d held", n)
		}
		r.lines = maxHeldLines
		_, _ = s.get(t.Context(), "big", time.Minute, r.read)
		_, _ = s.get(t.Context(), "bigger", time.Minute, r.read)
		if n := len(s.entries); n != 1 || s.entries["bigger"] == nil {
			t.Errorf("%d held, or not the newest", n)
		}
		s.close()
		if _, err := s.get(t.Context(), "late", time.Minute, r.read); !errors.Is(err, errClosed) {
			t.Error(err)
		}
	})
}

func TestClosingEndsRunningScans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSnapshots[*scan.Result](metrics.New(prometheus.NewRegistry()), holdFor), &reader{takes: time.Hour}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.get(t.Context(), "k", 2*time.Hour, r.read); err == nil {
				t.Error("no error")
			}
		})
		synctest.Wait()
		s.close()
		wg.Wait()
	})
}

func TestRangesAreWidenedNeverNarrowed(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 123456789, time.UTC)
	for _, span := range []time.Duration{time.Minute, time.Hour, 30 * 24 * time.Hour} {
		r := backend.TimeRange{From: at.Add(-span), To: at}
		start, end := widen(r)
		if start.After(r.From) || end.Before(r.To) || r.From.Sub(start) >= time.Second || end.Sub(r.To) >= time.Second {
			t.Errorf("%s: [%s, %s] became [%s, %s]", span, r.From, r.To, start, end)
		}
		later, _ := widen(backend.TimeRange{From: r.From.Add(time.Nanosecond), To: r.To})
		if !later.Equal(start) {
			t.Errorf("%s: a nanosecond later is another scan", span)
		}
	}
}

func TestARangeBeyondAllYearsHasNoMorePointsThanAPanel(t *testing.T) {
	q := backend.DataQuery{MaxDataPoints: 100, TimeRange: backend.TimeRange{From: time.UnixMilli(math.MinInt64), To: time.UnixMilli(math.MaxInt64)}}
	start, end := widen(q.TimeRange)
	if n := end.Sub(start) / step(q); n > 100 || !end.After(start) {
		t.Errorf("%d points from %s to %s", n, start, end)
	}
}

func TestIdentityIsWhoAsksAndNotWhere(t *testing.T) {
	panel := http.Header{"X-Panel-Id": {"7"}, "X-Dashboard-Uid": {"d"}, "User-Agent": {"Mozilla"}, "Traceparent": {"00-1"}}
	if id := identity(panel); id != "" {
		t.Errorf("a panel is no identity: %q", id)
	}
	alice := http.Header{"Authorization": {"Bearer alice"}, "X-Panel-Id": {"7"}}
	if a, b := identity(alice), identity(http.Header{"authorization": {"Bearer alice"}, "X-Panel-Id": {"8"}}); a != b || a == "" {
		t.Errorf("one user, two identities: %q %q", a, b)
	}
	for _, other := range []http.Header{
		{"Authorization": {"Bearer bob"}}, {"Cookie": {"session=1"}}, {"X-Id-Token": {"Bearer alice"}}, {"X-Something": {"new"}},
	} {
		if identity(other) == identity(alice) || identity(other) == "" {
			t.Errorf("%v is taken for another", other)
		}
	}
}

func TestUsersDoNotSeeEachOthersLogs(t *testing.T) {
	f := busy()
	d := open(t, f)
	for i, who := range []string{"alice", "bob", "alice"} {
		req := &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", TimeRange: lastHour, JSON: []byte(`{"queryType":"incidents"}`)}}}
		req.SetHTTPHeader("Authorization", "Bearer "+who)
		if _, err := d.QueryData(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if want := int64(min(i+1, 2) * len(known.Defaults())); f.reads.Load() != want {
			t.Errorf("after %s: %d reads, want %d", who, f.reads.Load(), want)
		}
	}
}

func TestThePanelsOfADashboardShareAScan(t *testing.T) {
	f := busy()
	d := open(t, f)
	queries := map[string]string{"health": `{"queryType":"health"}`}
	for _, kind := range []string{"incidents", "annotations", "alert", "count", "evidence", "signatures"} {
		queries[kind] = `{"queryType":"` + kind + `","severities":["high"]}`
	}
	ask(t, d, queries)
	if got := f.reads.Load(); got != int64(len(known.Defaults())) {
		t.Errorf("%d reads for %d queries", got, len(queries))
	}
}

// A fixed range that ends in the future, such as today, is answered as of the clock and not as of a minute ago.
func TestARangeThatEndsInTheFutureIsAsOfNow(t *testing.T) {
	now := noon
	f := busy()
	d := open(t, f, func(c *config) { c.Clock = func() time.Time { return now } })
	today := backend.TimeRange{From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}
	rows := func() int {
		resp, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{RefID: "A", JSON: []byte(`{"queryType":"incidents"}`), TimeRange: today}}})
		if err != nil {
			t.Fatal(err)
		}
		return frame(t, resp.Responses["A"]).Rows()
	}
	before := rows()
	now = noon.Add(20 * time.Second)
	f.log(signature.Nodeman, -10*time.Second, "host 10.0.0.99 is offline")
	if after := rows(); after != before+1 {
		t.Errorf("20 s later there are %d incidents, want %d and the one that began 10 s ago", after, before)
	}
}
