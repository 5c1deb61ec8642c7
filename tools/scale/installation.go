// Package scale simulates a large installation: a distributed Loki that answers by reckoning how long its cores would
// take, with the plugin's own Loki client and scan in front of it. Healthy lines are never made, only counted; those
// that a filter lets pass are made and sent.
//
// It runs in the virtual time of testing/synctest, so that request timeouts, pacing and queues are those of the code
// and a day takes seconds. The plugin's own processor time is therefore not in its answers' times.
package scale

import (
	"fmt"
	"time"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
)

// day is what volumes are given for.
const day = 24 * time.Hour

// Volume is the size of an installation.
type Volume struct {
	// TB a day of all logs, and the share of them that the plugin's selectors cover.
	TB, Share float64
	// Hits a day that signatures detect, of all sources.
	Hits float64
	// HostsAStream is how many hosts write into one stream; 0 is one. With more, the host is structured metadata.
	HostsAStream int
	// Marked: the collectors mark lines by what signatures look for, and the data source believes it.
	Marked bool
}

// markedShare is the share of lines that a collector marks as wanted; the others are in streams that are left out.
const markedShare = 1e-3

// streams of agents and installers for each host.
func (v Volume) streams() float64 { return 1 / float64(max(1, v.HostsAStream)) }

// source is what one stream selector covers.
type source struct {
	scan.Selector
	rate      float64 // bytes a second
	lineBytes float64
	streams   int
	feeds     []feed
}

// Installation is what writes the logs. It is immutable but for Fail.
type Installation struct {
	sources []source
	hosts   int
}

// portion is how the selected logs are made up. It is assumed; what agents and installers write is docs/scale.md's 200 kB
// a host and day at 10 TB and 1 %.
type portion struct {
	share     float64
	lineBytes float64
	// streamsPerHost, or else a stream for each of streamBytes a day.
	streamsPerHost float64
	streamBytes    float64
	// errors is the share of lines with an error that no signature explains.
	errors float64
	labels string
}

// portions are those of the default selectors, in their order.
var portions = []portion{
	{share: 0.55, lineBytes: 250, streamBytes: 2e9, errors: 1e-5, labels: `{cluster="c%[1]d", namespace="blueking", pod="bk-nodeman-backend-%[2]d"}`},
	{share: 0.05, lineBytes: 250, streamBytes: 1e12, errors: 1e-5, labels: `{cluster="c%[1]d", job="nodeman-execution-log", late="%[2]d"}`},
	{share: 0.05, lineBytes: 250, streamsPerHost: 1, errors: 1e-4, labels: `{cluster="c%[1]d", filename="/tmp/nm.setup_agent.sh.log", host="10.%[3]d.%[4]d.%[5]d"}`},
	{share: 0.15, lineBytes: 200, streamsPerHost: 1, errors: 1e-3, labels: `{cluster="c%[1]d", filename="/var/log/gse/agent-err.log", host="10.%[3]d.%[4]d.%[5]d"}`},
	{share: 0.20, lineBytes: 250, streamBytes: 2e9, errors: 1e-5, labels: `{cluster="c%[1]d", namespace="blueking", pod="bk-job-gateway-%[2]d"}`},
}

// hostsPerTB is docs/scale.md's 100,000 hosts at 10 TB a day.
const hostsPerTB = 10_000

// NewInstallation returns an installation whose hits are the lines of the shipped signatures' fixtures.
func NewInstallation(set *signature.Set, v Volume) (*Installation, error) {
	in := &Installation{hosts: max(1, int(v.TB*hostsPerTB))}
	m := match.New(set)
	for i, configured := range settings.Default().Sources {
		sel := scan.Selector{Source: signature.Source(configured.Source), Selector: configured.Selector, OnHost: configured.OnHost, Marked: v.Marked}
		p := portions[i]
		texts := detected(set, m, sel)
		if len(texts) == 0 {
			return nil, fmt.Errorf("no fixture of the shipped signatures is a line of %s", sel.Selector)
		}
		s := source{Selector: sel, rate: v.TB * 1e12 * v.Share * p.share / day.Seconds(), lineBytes: p.lineBytes}
		s.streams = max(1, int(p.streamsPerHost*v.streams()*float64(in.hosts)))
		if p.streamBytes > 0 {
			s.streams = max(3, int(s.rate*day.Seconds()/p.streamBytes))
		}
		origin := origin{pattern: p.labels, streams: s.streams}
		s.feeds = append(s.feeds,
			newFeed(origin, texts, v.Hits*p.share/day.Seconds(), uint64(2*i)),
			newFeed(origin, []string{"2026-11-22 10:00:00 ERROR [worker] an operation that no signature knows did not succeed, code 17"}, s.rate/p.lineBytes*p.errors, uint64(2*i+1)))
		in.sources = append(in.sources, s)
	}
	return in, nil
}

// Fail lets every source write hits for a while, so many a second in all.
func (in *Installation) Fail(from, to time.Time, hits float64) {
	for i := range in.sources {
		s := &in.sources[i]
		f := newFeed(s.feeds[0].origin, s.feeds[0].texts, hits*portions[i].share, uint64(100+i))
		f.from, f.to = from.UnixNano(), to.UnixNano()
		s.feeds = append(s.feeds, f)
	}
}

// Selectors are the stream selectors of the installation: the data source's defaults.
func (in *Installation) Selectors() []scan.Selector {
	var out []scan.Selector
	for i := range in.sources {
		out = append(out, in.sources[i].Selector)
	}
	return out
}

// Rate is what the selectors cover, in bytes a second.
func (in *Installation) Rate() float64 {
	sum := 0.0
	for i := range in.sources {
		sum += in.sources[i].rate
	}
	return sum
}

// detected returns the lines of the signatures' fixtures that are hits in a selector's streams.
func detected(set *signature.Set, m *match.Matcher, sel scan.Selector) []string {
	var texts []string
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			if !f.Positive() {
				continue
			}
			for _, l := range f.Lines {
				src := l.Source
				if src == "" {
					src = sig.DetectSource()
				}
				if src == sel.Source && detects(m, src, l.Line) {
					texts = append(texts, l.Line)
				}
			}
		}
	}
	return texts
}

func detects(m *match.Matcher, src signature.Source, line string) bool {
	for _, h := range m.Line(src, line) {
		if h.Role == match.Detects {
			return true
		}
	}
	return false
}
