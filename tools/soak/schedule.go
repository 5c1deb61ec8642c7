package main

import (
	"fmt"
	"time"
)

// cluster is the cluster label of all that the soak logs.
const cluster = "soak"

// every is how far apart incidents begin.
const every = 15 * time.Second

// quiet is the quiet time of soak-quiet.
const quiet = 5 * time.Minute

// customSignatures is the one signature of the soak's own: the shipped ones have to be silent for hours.
const customSignatures = `
apiVersion: bkincidents/v1
id: soak-quiet
revision: 1
status: active
severity: low
class: unknown
family: soak
title: {zh: '{{host}} 上的任务停住了', en: 'A worker of {{host}} stalled'}
summary: {zh: 仅用于长时间运行测试, en: Only for the soak test}
terms:
  failed: {source: nodeman, text: 'soak worker %{int:pid} stalled'}
detect: {term: failed}
key: [cluster, host]
resolve: {quiet: 5m}
`

// kind is the course that an incident takes.
type kind int

const (
	recovers  kind = iota // fails for three minutes, then a recovery line
	goesQuiet             // fails for two minutes, then silence
	reopens               // fails, recovers, and fails and recovers once more within the quiet time: one incident
	late                  // as recovers, but its lines arrive 45 s after their time
	lasts                 // fails for twelve minutes, then a recovery line
	kinds
)

// line is one log line of an incident, at a time after the soak's start.
type line struct {
	at    time.Duration
	text  string
	fails bool
	// delay is how much later than its time it is pushed.
	delay time.Duration
}

// incident is one planned incident; everything about it follows from its number.
type incident struct {
	host, signature string
	kind            kind
	lines           []line
}

// plan returns the incident with a number. It begins every*number after the start.
func plan(number int) incident {
	inc := incident{host: fmt.Sprintf("soak-%05d", number), signature: "gse-not-connected", kind: kind(number % int(kinds))}
	begin := time.Duration(number) * every
	fail := func(from, to, step time.Duration, delay time.Duration) {
		for at := from; at < to; at += step {
			text := fmt.Sprintf("2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:%d) is not connect to gse server", 1000+len(inc.lines))
			if inc.kind == goesQuiet {
				text = fmt.Sprintf("2026-11-23 10:00:00 ERROR soak_step FAILED soak worker %d stalled", 1000+len(inc.lines))
			}
			inc.lines = append(inc.lines, line{begin + at, text, true, delay})
		}
	}
	recovery := func(at, delay time.Duration) {
		inc.lines = append(inc.lines, line{begin + at, "2026-11-23 10:00:00 INFO check_deploy_result DONE gse agent has been deployed successfully", false, delay})
	}
	const step, delay = 20 * time.Second, 45 * time.Second
	switch inc.kind {
	case recovers:
		fail(0, 3*time.Minute, step, 0)
		recovery(3*time.Minute, 0)
	case goesQuiet:
		inc.signature = "soak-quiet"
		fail(0, 2*time.Minute, step, 0)
	case reopens:
		fail(0, time.Minute, step, 0)
		recovery(time.Minute, 0)
		fail(4*time.Minute, 5*time.Minute, step, 0)
		recovery(5*time.Minute, 0)
	case late:
		fail(0, 3*time.Minute, step, delay)
		recovery(3*time.Minute, delay)
	default:
		fail(0, 12*time.Minute, 30*time.Second, 0)
		recovery(12*time.Minute, 0)
	}
	return inc
}

// healthy are the lines a second that nothing is wrong with, per source.
var healthy = map[string]string{
	"nodeman":        "2026-11-23 10:00:00 INFO download_pkg - %d step finished",
	"agent":          "2026-11-23 10:00:00,000:28712(0x7f2c5a1fb700):ZOO_INFO@check_events@%d: heartbeat",
	"bk-job-gateway": `{"level":"INFO","message":"request %d done","status":200}`,
}

// healthyRate is how many healthy lines each source gets a second.
const healthyRate = 8
