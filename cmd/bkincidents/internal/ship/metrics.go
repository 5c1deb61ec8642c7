package ship

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what is shipped.
type Metrics struct {
	rows, lines, redactions, refused, failures prometheus.Counter
	pushes                                     *prometheus.CounterVec
	// upTo is when the last complete round began, in nanoseconds since 1970.
	upTo atomic.Int64
}

// NewMetrics registers the metrics. The lag counts from now until the first round is complete.
func NewMetrics(registry prometheus.Registerer, now func() time.Time) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "bkincidents", Subsystem: "ship", Name: name, Help: help})
		registry.MustRegister(c)
		return c
	}
	m := &Metrics{
		rows:       counter("rows_total", "Rows of nodeman's database that had new text."),
		lines:      counter("lines_total", "Entries that were pushed to Loki."),
		redactions: counter("redactions_total", "Secrets that were masked."),
		refused:    counter("refused_total", "Entries that Loki refused for good."),
		failures:   counter("failures_total", "Rounds that failed and are tried again."),
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "bkincidents", Subsystem: "ship", Name: "pushes_total",
			Help: "Push requests by Loki's answer: the HTTP status, or error when there was none.",
		}, []string{"status"}),
	}
	m.upTo.Store(now().UnixNano())
	registry.MustRegister(m.pushes, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "bkincidents", Subsystem: "ship", Name: "lag_seconds",
		Help: "Time since everything that nodeman had written was in Loki.",
	}, func() float64 { return now().Sub(time.Unix(0, m.upTo.Load())).Seconds() }))
	return m
}

func (m *Metrics) reached(at time.Time) { m.upTo.Store(at.UnixNano()) }

func (m *Metrics) pushed(status int) {
	text := "error"
	if status > 0 {
		text = strconv.Itoa(status)
	}
	m.pushes.WithLabelValues(text).Inc()
}
