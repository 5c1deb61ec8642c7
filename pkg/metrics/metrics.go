// Package metrics counts what the plugin does, for those who run it. Grafana serves the numbers at
// /metrics/plugins/blueking-incidents-datasource. Labels have few values each and none that a user, a host, a tenant
// or a log line decides.
package metrics

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blueking/incidents/pkg/logs"
)

// Metrics are the plugin's own numbers over all its data sources. It is safe for concurrent use.
type Metrics struct {
	queries   *prometheus.CounterVec
	queryTime *prometheus.HistogramVec
	scans     *prometheus.CounterVec

	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	bytes       *prometheus.CounterVec
	waiting     prometheus.Gauge
	busy        prometheus.Gauge

	lines      *prometheus.CounterVec
	incomplete *prometheus.CounterVec
	memory     *prometheus.CounterVec
	matchTime  *prometheus.CounterVec
	buildTime  prometheus.Histogram
	incidents  prometheus.Histogram
	panics     prometheus.Counter
}

// Default are the metrics on the registry that the SDK serves. The plugin's data sources share them.
var Default = sync.OnceValue(func() *Metrics { return New(prometheus.DefaultRegisterer) })

// New registers the metrics. Registering twice at one registry panics.
func New(registry prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "bkincidents", Name: name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	seconds := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "bkincidents", Name: name, Help: help, Buckets: []float64{.005, .02, .1, .3, 1, 3, 10, 30, 60},
		}, labels)
		registry.MustRegister(h)
		return h
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "bkincidents", Name: name, Help: help})
		registry.MustRegister(g)
		return g
	}
	incidents := prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "bkincidents", Name: "scan_incidents", Help: "Incidents that a scan built.", Buckets: []float64{0, 1, 10, 100, 1000, 10000},
	})
	registry.MustRegister(incidents)
	return &Metrics{
		queries:   counter("queries_total", "Queries answered, by query type and outcome.", "type", "outcome"),
		queryTime: seconds("query_duration_seconds", "Time to answer a query, by query type.", "type"),
		scans:     counter("scans_total", "Scans that queries asked for: new ones, and those they shared.", "result"),

		requests:    counter("loki_requests_total", "Requests to Loki, retries included, by endpoint and status; status 0 is no answer.", "endpoint", "status"),
		requestTime: seconds("loki_request_duration_seconds", "Time of a request to Loki, until its body is read.", "endpoint"),
		bytes:       counter("loki_received_bytes_total", "Bytes of Loki's answers, decompressed.", "endpoint"),
		waiting:     gauge("loki_requests_waiting", "Requests that wait for their turn."),
		busy:        gauge("loki_requests_running", "Requests that are running."),

		lines:      counter("lines_total", "Log lines received, by source.", "source"),
		incomplete: counter("incomplete_reads_total", "Reads that a cap cut short or that failed, by source.", "source", "state"),
		memory:     counter("memory_total", "What a scan found in memory or had to read: segments, tail, liveness.", "kind", "result"),
		matchTime:  counter("match_seconds_total", "Time spent on matching lines, estimated from every 64th line.", "source"),
		buildTime:  seconds("build_duration_seconds", "Time to make incidents of the matches of a scan.").WithLabelValues().(prometheus.Histogram),
		incidents:  incidents,
		panics:     counter("panics_total", "Panics that were caught: bugs, please report them.").WithLabelValues(),
	}
}

// Query counts an answered query. Type and outcome are the caller's constants.
func (m *Metrics) Query(queryType, outcome string, took time.Duration) {
	m.queries.WithLabelValues(queryType, outcome).Inc()
	m.queryTime.WithLabelValues(queryType).Observe(took.Seconds())
}

// Scan counts a scan that a query asked for: shared when another query's answered.
func (m *Metrics) Scan(shared bool) {
	result := "new"
	if shared {
		result = "shared"
	}
	m.scans.WithLabelValues(result).Inc()
}

// Panic counts a caught panic.
func (m *Metrics) Panic() { m.panics.Inc() }

// Slots tells how many more requests wait and run, or fewer.
func (m *Metrics) Slots(waiting, running int) {
	m.waiting.Add(float64(waiting))
	m.busy.Add(float64(running))
}

// Request counts a request to an endpoint of Loki; status is 0 without an answer.
func (m *Metrics) Request(endpoint string, status int, took time.Duration, bytes int64) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status)).Inc()
	m.requestTime.WithLabelValues(endpoint).Observe(took.Seconds())
	m.bytes.WithLabelValues(endpoint).Add(float64(bytes))
}

// Read counts what a read of a source received and whether all of it came.
func (m *Metrics) Read(source string, cov *logs.Coverage, failed bool, matching time.Duration) {
	m.matchTime.WithLabelValues(source).Add(matching.Seconds())
	state := logs.Complete
	if cov != nil {
		m.lines.WithLabelValues(source).Add(float64(cov.Lines))
		state, _ = cov.Worst()
	}
	if failed {
		state = logs.Failed
	}
	if state != logs.Complete {
		m.incomplete.WithLabelValues(source, string(state)).Inc()
	}
}

// Remembered counts what a scan found in memory and what it had to read.
func (m *Metrics) Remembered(kind string, hits, misses int) {
	m.memory.WithLabelValues(kind, "hit").Add(float64(hits))
	m.memory.WithLabelValues(kind, "miss").Add(float64(misses))
}

// Built counts a scan's incidents.
func (m *Metrics) Built(incidents int, took time.Duration) {
	m.buildTime.Observe(took.Seconds())
	m.incidents.Observe(float64(incidents))
}
