//go:build integration

package faults

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

const (
	hosts = 4
	// pageLimit is small, so that one query takes many pages, and fewer than the lines that share one instant.
	pageLimit = 30
	spread    = 160 // lines of nodeman over 40 minutes
	tied      = 40  // lines of nodeman at one nanosecond
)

// data is what a row has pushed, and with it the truth that every answer is compared with.
type data struct {
	test string
	// start and end enclose all lines.
	start, end time.Time

	mu sync.Mutex
	// truth counts every line that makes evidence, by its text; incidents are those that are active, as
	// "signature subject".
	truth     map[string]int
	incidents map[string]bool
	number    int
}

func newData(test string) *data {
	now := time.Now()
	return &data{test: test, start: now.Add(-time.Hour), end: now, truth: map[string]int{}, incidents: map[string]bool{}}
}

// offline is a line of nodeman that makes or continues the incident of one host.
func (d *data) offline(host int, at time.Time) logproto.Stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	line := fmt.Sprintf("2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:%d) is not connect to gse server", 100000+d.number)
	d.truth[line]++
	ip, cluster := fmt.Sprintf("10.1.0.%d", host), fmt.Sprintf("c%d", host%2)
	d.incidents[fmt.Sprintf("gse-not-connected %s / %s", cluster, ip)] = true
	return d.stream("nodeman", cluster, ip, at, line)
}

// unresolved is a line of the agent that makes or continues the incident of one cluster.
func (d *data) unresolved(cluster int, at time.Time) logproto.Stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	line := fmt.Sprintf("2022-11-10 11:22:33,456:%d(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory", 100000+d.number)
	d.truth[line]++
	name := fmt.Sprintf("c%d", cluster)
	d.incidents["gse-zk-unresolved "+name] = true
	return d.stream("agent", name, "web-"+name, at, line)
}

// healthy is a line that no signature wants, of the source whose incidents are to be none.
func (d *data) healthy(at time.Time) logproto.Stream {
	return d.stream("bk-job-gateway", "c0", "", at, "INFO nothing to see here")
}

func (d *data) stream(source, cluster, host string, at time.Time, line string) logproto.Stream {
	labels := fmt.Sprintf(`{test=%q, source=%q, cluster=%q, host=%q}`, d.test, source, cluster, host)
	return logproto.Stream{Labels: labels, Entries: []logproto.Entry{{Timestamp: at, Line: line}}}
}

// usual are the lines that most rows begin with: all of them within the last 50 minutes, the end included, so that
// every incident is active and every source alive.
func (d *data) usual() []logproto.Stream {
	var out []logproto.Stream
	for i := range spread {
		out = append(out, d.offline(i%hosts, d.start.Add(10*time.Minute+time.Duration(i)*40*time.Minute/spread)))
	}
	for i := range tied {
		out = append(out, d.offline(i%hosts, d.start.Add(30*time.Minute)))
	}
	for i := range 20 {
		at := d.start.Add(10*time.Minute + time.Duration(i)*2*time.Minute)
		out = append(out, d.unresolved(i%2, at), d.healthy(at))
	}
	slices.SortStableFunc(out, func(a, b logproto.Stream) int { return a.Entries[0].Timestamp.Compare(b.Entries[0].Timestamp) })
	return out
}

// push sends streams of one entry each, joined, in the order given.
func (d *data) push(t *testing.T, loki *lokiserver.Server, streams ...logproto.Stream) {
	t.Helper()
	var joined []logproto.Stream
	at := map[string]int{}
	for _, s := range streams {
		i, known := at[s.Labels]
		if !known {
			at[s.Labels] = len(joined)
			joined = append(joined, s)
			continue
		}
		joined[i].Entries = append(joined[i].Entries, s.Entries...)
	}
	if err := lokiserver.Push(t.Context(), loki.URL(), "", joined); err != nil {
		t.Fatal(err)
	}
}

// now copies the truth as it is.
func (d *data) now() (truth map[string]int, incidents map[string]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.truth), maps.Clone(d.incidents)
}
