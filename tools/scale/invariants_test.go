package scale

import (
	"math"
	"strings"
	"testing"
	"time"
)

// little is an installation that a cold start gets through at once.
func little() Setup {
	s := large()
	s.Volume.TB, s.Volume.Hits = 1, 200
	return s
}

// started returns what the first answer after a restart cost.
func started(t *testing.T, w World) Phase {
	t.Helper()
	p, whole := w.Start(t.Context())
	if !whole || p.Dashboards.Answers != 1 {
		t.Fatalf("%d answers, the last whole: %v (%s)", p.Dashboards.Answers, whole, p.Dashboards.Reason)
	}
	return p
}

func TestARefreshReadsOnlyTheOpenEnd(t *testing.T) {
	simulate(t, little(), func(t *testing.T, w World) {
		cold := started(t, w)
		if cold.Scanned < 24*3600*w.in.Rate() {
			t.Errorf("a cold answer read %.1f hours", cold.Scanned/w.in.Rate()/3600)
		}
		const refreshes = 20 // over the end of a segment, or two
		scanned, queries := 0.0, 0
		for range refreshes {
			time.Sleep(refreshEvery)
			p := w.Watch(t.Context(), "", Users{Viewers: 1}, time.Second)
			scanned, queries = scanned+p.Scanned, queries+p.Logs
			if p.Scanned > cold.Scanned/20 { // one that looks back for the start of an incident included
				t.Errorf("a refresh read %.2f of a cold answer", p.Scanned/cold.Scanned)
			}
		}
		if minutes := scanned / refreshes / w.in.Rate() / 60; minutes > 25 || queries > 2*refreshes*len(w.in.sources) {
			t.Errorf("a refresh read %.1f minutes in %.1f queries", minutes, float64(queries)/refreshes)
		}
	})
}

func TestThePanelsOfARefreshReadAsOne(t *testing.T) {
	simulate(t, little(), func(t *testing.T, w World) {
		started(t, w)
		one := w.Watch(t.Context(), "", Users{Viewers: 1}, 10*time.Minute)
		fifteen := w.Watch(t.Context(), "", Users{Viewers: 1, Panels: 15}, 10*time.Minute)
		if fifteen.Dashboards.Answers != 15*one.Dashboards.Answers || fifteen.Scanned > 1.2*one.Scanned {
			t.Errorf("%d answers scanned %.0f bytes, %d scanned %.0f", one.Dashboards.Answers, one.Scanned, fifteen.Dashboards.Answers, fifteen.Scanned)
		}
	})
}

func TestTheRecheckComesOnceAnHour(t *testing.T) {
	simulate(t, little(), func(t *testing.T, w World) {
		cold := started(t, w)
		var above []float64 // what ten minutes scanned more than the least of them
		least := math.Inf(1)
		for range 12 {
			p := w.Watch(t.Context(), "", Users{Viewers: 1}, 10*time.Minute)
			above, least = append(above, p.Scanned), min(least, p.Scanned)
		}
		total := 0.0
		for _, scanned := range above {
			total += scanned - least
		}
		if again := total / cold.Scanned; again < 0.8 || again > 2.2 { // two hours; the second may be a minute away
			t.Errorf("two hours of refreshes read the range %.2f times again", again)
		}
	})
}

func TestTheBooksBalance(t *testing.T) {
	simulate(t, little(), func(t *testing.T, w World) {
		w.plugin.take()
		w.loki.Take()
		for range 40 {
			if a := w.plugin.Incidents(t.Context(), dashboardRange, nil, false); a.Failed != "" || a.Partial != "" || a.Incidents == 0 {
				t.Fatalf("%+v", a)
			}
			time.Sleep(refreshEvery)
		}
		loki, plugin := w.loki.Take(), w.plugin.take()
		if loki.Refused > 0 || loki.GivenUp > 0 || loki.TimedOut > 0 {
			t.Errorf("%+v", loki)
		}
		if loki.Logs != plugin.requests || loki.Received != float64(plugin.bytes) {
			t.Errorf("Loki answered %d queries with %.0f bytes, the plugin asked %d and received %d", loki.Logs, loki.Received, plugin.requests, plugin.bytes)
		}
		rates := w.setup.Cluster.Rates
		if least := time.Duration(loki.Scanned * rates.Byte); loki.Core < least || loki.Core > 20*least {
			t.Errorf("%.0f bytes took %s", loki.Scanned, loki.Core)
		}
		if loki.SubQueries < loki.Splits || loki.Splits < loki.Logs {
			t.Errorf("%d queries, %d splits, %d sub-queries", loki.Logs, loki.Splits, loki.SubQueries)
		}
	})
}

func TestTheSameWorldDoesTheSame(t *testing.T) {
	run := func() (p Phase) {
		simulate(t, little(), func(t *testing.T, w World) {
			started(t, w)
			p = w.Watch(t.Context(), "", Users{Viewers: 2, Filtered: 1, Rules: true}, 10*time.Minute)
		})
		return p
	}
	a, b := run(), run()
	if a.Requests() != b.Requests() || math.Abs(a.Scanned/b.Scanned-1) > 0.01 || math.Abs(a.Core.Seconds()/b.Core.Seconds()-1) > 0.01 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func TestAFloodIsCappedAndSaid(t *testing.T) {
	s := little()
	s.Settings.MaxLines = 2000
	simulate(t, s, func(t *testing.T, w World) {
		started(t, w)
		w.Fail(5*time.Minute, 100)
		time.Sleep(4 * time.Minute)
		a := w.plugin.Incidents(t.Context(), dashboardRange, nil, false)
		if !strings.Contains(a.Partial, "2,000") && !strings.Contains(a.Partial, "2000") {
			t.Errorf("%+v", a)
		}
	})
}

func TestMarkedLinesAreFoundForAHundredthOfTheWork(t *testing.T) {
	var incidents [2]int
	var cost [2]Phase
	for i, marked := range []bool{false, true} {
		s := little()
		s.Volume.Marked = marked
		simulate(t, s, func(t *testing.T, w World) {
			a := w.plugin.Incidents(t.Context(), dashboardRange, nil, false)
			incidents[i], cost[i].Books = a.Incidents, w.loki.Take()
			if a.Failed != "" || a.Partial != "" || cost[i].Refused > 0 {
				t.Fatalf("%+v %+v", a, cost[i].Books)
			}
		})
	}
	if incidents[0] == 0 || incidents[0] != incidents[1] || cost[1].Scanned > cost[0].Scanned/100 {
		t.Errorf("%d incidents for %.0f bytes, with marks %d for %.0f", incidents[0], cost[0].Scanned, incidents[1], cost[1].Scanned)
	}
}

// Loki gives shards whole streams and as many as the bytes ask for, so a source of many streams with few bytes is slow.
func TestManyStreamsInOneShardAreSlow(t *testing.T) {
	c := DefaultCluster()
	s := source{rate: 2.3e4, streams: 20_000}
	a := asked{source: &s, share: 1, filters: [][]string{{"x"}}}
	simulate(t, little(), func(t *testing.T, _ World) {
		end := time.Now().Add(-30 * time.Hour).Truncate(time.Hour).UnixNano()
		hour := split{end - int64(time.Hour), end}
		for shards, want := range map[int]time.Duration{1: 16 * time.Second, 32: 60 * time.Millisecond} {
			if _, takes := c.subQuery(a, hour, shards, 0); takes < want || takes > 2*want {
				t.Errorf("%d shards: %s for one, want %s to twice that", shards, takes, want)
			}
		}
	})
}
