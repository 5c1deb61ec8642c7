package scale

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/tools/document"
	"github.com/blueking/incidents/tools/plot"
)

var update = flag.Bool("update", false, "simulate all that docs/scale.md shows and write it there")

// small is the bytes a shard of a Loki that is set up for many streams.
const small = 16 << 20

// large is docs/scale.md's installation.
func large() Setup {
	c := DefaultCluster()
	c.ShardBytes = small
	return Setup{Volume: Volume{TB: 10, Share: 0.01, Hits: 1000}, Cluster: c, Settings: settings.Default()}
}

func TestDocument(t *testing.T) {
	if !*update {
		t.Skip("writes docs/scale.md with -update")
	}
	phases := phasesOf(t, large())
	sizes := sizesOf(t)
	remedies := remediesOf(t)
	text := "### A day, piece by piece\n\n" + PhaseTable(large().Cluster, phases) +
		"\n### By size\n\n" + SizeTable(sizes) + "\n### What helps\n\n" + SizeTable(remedies)
	t.Log("\n" + text)
	if err := document.Write("../../docs/scale.md", "go tool mage scale", text); err != nil {
		t.Fatal(err)
	}
	if err := plot.Write("../../docs/images", curves(sizes[:len(volumes)])); err != nil {
		t.Fatal(err)
	}
}

// phasesOf replays what happens to one installation, in this order.
func phasesOf(t *testing.T, s Setup) (phases []Phase) {
	simulate(t, s, func(t *testing.T, w World) {
		cold, whole := w.Start(t.Context())
		if !whole {
			t.Errorf("no cold start ended: %s", cold.Dashboards.Reason)
		}
		phases = append(phases, cold)
		for _, p := range []struct {
			name  string
			users Users
			span  time.Duration
		}{
			{"one dashboard, its panels in one second", Users{Viewers: 1}, 20 * time.Minute},
			{"one dashboard, its 15 panels some ms apart", Users{Viewers: 1, Panels: 15}, 5 * time.Minute},
			{"all shipped rules", Users{Rules: true}, 20 * time.Minute},
			{"one dashboard and all rules, an hour with its re-check", Users{Viewers: 1, Rules: true}, time.Hour},
			{"five viewers, a sixth who looks at one cluster, all rules", Users{Viewers: 6, Filtered: 1, Rules: true}, 10 * time.Minute},
			{"the panel of unexplained errors in view", Users{Unexplained: true}, 10 * time.Minute},
		} {
			phases = append(phases, w.Watch(t.Context(), p.name, p.users, p.span))
		}
		w.Fail(5*time.Minute, 1000)
		phases = append(phases, w.Watch(t.Context(), "a fleet-wide failure, 1,000 hits a second for five minutes", Users{Viewers: 1, Rules: true}, 5*time.Minute))
	})
	return phases
}

// fare simulates a cold start, and ten minutes with a dashboard and all rules.
func fare(t *testing.T, name string, change func(*Setup)) Size {
	s := Size{Name: name, Setup: large()}
	change(&s.Setup)
	simulate(t, s.Setup, func(t *testing.T, w World) {
		s.Cold, s.Whole = w.Start(t.Context())
		s.Steady = w.Watch(t.Context(), "", Users{Viewers: 1, Rules: true}, 10*time.Minute)
	})
	return s
}

var volumes = []float64{1, 3, 10, 20, 30, 100}

func sizesOf(t *testing.T) (sizes []Size) {
	add := func(tb, share float64) {
		sizes = append(sizes, fare(t, fmt.Sprintf("%g TB a day, %g %% selected", tb, 100*share), func(s *Setup) { s.Volume.TB, s.Volume.Share = tb, share }))
	}
	for _, tb := range volumes {
		add(tb, 0.01)
	}
	for _, tb := range []float64{1, 3, 10} {
		add(tb, 0.1)
	}
	return sizes
}

func remediesOf(t *testing.T) []Size {
	marked := func(tb, share float64) func(*Setup) {
		return func(s *Setup) {
			s.Cluster.ShardBytes = DefaultCluster().ShardBytes
			s.Volume.TB, s.Volume.Share, s.Volume.Marked = tb, share, true
		}
	}
	return []Size{
		fare(t, "10 TB, 1 %, Loki's default shards of 600 MB", func(s *Setup) { s.Cluster.ShardBytes = DefaultCluster().ShardBytes }),
		fare(t, "10 TB, 1 %, default shards, hosts not in labels (a stream for 1,000)", func(s *Setup) {
			s.Cluster.ShardBytes, s.Volume.HostsAStream = DefaultCluster().ShardBytes, 1000
		}),
		fare(t, "10 TB, 1 %, default shards, lines marked by the collectors", marked(10, 0.01)),
		fare(t, "10 TB, 10 %, default shards, lines marked", marked(10, 0.1)),
		fare(t, "100 TB, 1 %, default shards, lines marked", marked(100, 0.01)),
		fare(t, "30 TB, 1 %", func(s *Setup) { s.Volume.TB = 30 }),
		fare(t, "the same, 256 cores", func(s *Setup) { s.Volume.TB, s.Cluster.Cores = 30, 256 }),
		fare(t, "the same, 64 cores, query timeout 10 min", func(s *Setup) {
			s.Volume.TB, s.Settings.QueryTimeout = 30, settings.Duration(10*time.Minute)
		}),
		fare(t, "the same, look-back 2 h", func(s *Setup) { s.Volume.TB, s.Settings.LookbackMax = 30, settings.Duration(2*time.Hour) }),
		fare(t, "the same, each literal at half its cost (the least certain rate)", func(s *Setup) {
			s.Volume.TB = 30
			s.Cluster.Rates.Literal /= 2
		}),
		fare(t, "the same, a label by which selectors leave nine lines of ten out, a stream for ten hosts", func(s *Setup) {
			s.Volume.TB, s.Volume.Share, s.Volume.HostsAStream = 30, 0.001, 10
		}),
		fare(t, "the same, one of ten data sources, for one cluster each", func(s *Setup) { s.Volume.TB = 3 }),
	}
}

// curves are the core seconds a minute over the volume.
func curves(sizes []Size) plot.Plot {
	p := plot.Plot{File: "scale.svg", Title: "Loki's cores, 1 % selected", Unit: "core seconds"}
	cold, steady, limit := plot.Series{Name: "a cold answer"}, plot.Series{Name: "then, a minute"}, plot.Series{Name: "64 cores, a minute"}
	for i := range sizes {
		s := &sizes[i]
		p.X = append(p.X, strings.TrimSuffix(strings.Fields(s.Name)[0], ",")+" TB")
		need, minute := 0.0, 0.0 // gaps where it never ended
		if s.Whole {
			need, minute = s.Cold.Core.Seconds(), s.Steady.perMinute(s.Steady.Core.Seconds())
		}
		cold.Values, steady.Values = append(cold.Values, need), append(steady.Values, minute)
		limit.Values = append(limit.Values, 60*float64(s.Cluster.Cores))
	}
	p.Series = []plot.Series{cold, steady, limit}
	return p
}
