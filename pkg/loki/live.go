package loki

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

const (
	pathVolumeRange = "/loki/api/v1/index/volume_range"
	// liveStep is how finely Live looks, and livePoints bounds the steps: Loki asks its index once for each.
	liveStep   = 5 * time.Minute
	livePoints = 300
	// holdStep is the longest step, that of two days, whose sign is taken for the rest of the liveStep that a range ends in.
	holdStep = int64(2 * liveStep)
	// liveSplits bounds how often a range that Loki does not answer at once is halved.
	liveSplits = 4
)

// Live tells in which steps of [start, end) the streams of a selector shipped any line: steps of 5 minutes for up to
// a day, longer ones for longer ranges, aligned to multiples since 1970.
//
// It first asks /index/volume_range, which reads no logs and counts lines that Loki has not yet written to its store
// (/index/stats does not). A volume above 0 is a sure sign. A volume of 0, or none, is not: the index counts in KB
// and spreads a chunk's lines evenly over its time, rounding down, so that a stream of a few lines an hour has no volume
// (tsdb/index/chunk.go AddChunk); Live then counts the lines of those steps, which is cheap because there are few or
// none. A silence shorter than Loki's chunk_idle_period (30 minutes by default) with lines on both sides may not
// show. Where the endpoint is off (volume_enabled, 404), the answer is not Known; any other failure
// is an error, because who takes silence for an end must not guess.
func (c *Client) Live(ctx context.Context, sel string, matchers []logs.Matcher, start, end time.Time) (logs.Liveness, error) {
	e, err := newExpression(logs.Request{Selector: sel, Matchers: matchers})
	if err != nil {
		return logs.Liveness{}, err
	}
	from, to := clamp(start), clamp(end)
	if from >= to {
		return logs.NewLiveness(nil), nil
	}
	v := newVolumes(c, e.selector, from, to)
	err = v.ask(ctx, from, to, 0)
	var typed *Error
	switch {
	case errors.As(err, &typed) && slices.Contains(notOffered, typed.Status):
		return logs.Liveness{}, nil
	case err != nil:
		return logs.Liveness{}, err
	}
	if err := v.count(ctx); err != nil {
		return logs.Liveness{}, err
	}
	return v.liveness(), nil
}

// notOffered are the answers of a Loki without the endpoint, and of a gateway that does not know it.
var notOffered = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// stepOf is the step for a range: a multiple of liveStep that gives at most livePoints.
func stepOf(length time.Duration) time.Duration {
	// One point more than length/step, because Loki aligns steps to multiples since 1970.
	steps := (length + (livePoints-1)*liveStep - 1) / ((livePoints - 1) * liveStep)
	return max(1, steps) * liveStep
}

// sign is what we know of a step.
type sign uint8

const (
	noSign   sign = iota // Loki named no volume
	zeroSign             // a volume of 0: lines, but few, or a chunk elsewhere in time
	liveSign             // lines
)

type volumes struct {
	client   *Client
	selector selector.Selector
	from, to int64
	step     int64 // ns
	first    int64 // start of steps[0]
	steps    []sign
}

func newVolumes(c *Client, s selector.Selector, from, to int64) *volumes {
	v := &volumes{client: c, selector: s, from: from, to: to, step: int64(stepOf(time.Duration(to - from)))}
	v.first = from - from%v.step
	v.steps = make([]sign, (to-v.first+v.step-1)/v.step)
	return v
}

// ask adds the live steps of [from, to), in pieces when Loki does not take the whole.
func (v *volumes) ask(ctx context.Context, from, to int64, splits int) error {
	points, err := v.fetch(ctx, from, to)
	if err == nil {
		for _, p := range points {
			// Loki stamps a step with its end less 1 ms, the last one with the end of the range
			// (pkg/querier/queryrange/volume.go, util.ForInterval).
			if p.value > 0 {
				v.mark(p.ns()-1, liveSign)
			} else {
				v.mark(p.ns()-1, zeroSign)
			}
		}
		return nil
	}
	var e *Error
	if !errors.As(err, &e) || ctx.Err() != nil {
		return err
	}
	piece := int64(0)
	switch {
	case e.Retry == RetryLearned && e.MaxLength > 0:
		v.client.limits.learn(e)
		piece = int64(e.fits(time.Duration(to - from)))
	case (e.Retry == RetrySmaller || e.Retry == RetryNarrower) && splits < liveSplits:
		splits++
		piece = (to - from + 1) / 2
	}
	if piece > v.step {
		piece -= piece % v.step
	}
	if piece <= 0 || piece >= to-from {
		return err
	}
	for start := from; start < to; start += piece {
		if err := v.ask(ctx, start, min(start+piece, to), splits); err != nil {
			return err
		}
	}
	return nil
}

func (v *volumes) fetch(ctx context.Context, from, to int64) ([]point, error) {
	return v.client.points(ctx, pathVolumeRange, url.Values{
		"query": {v.selector.String()},
		"start": {strconv.FormatInt(from, 10)},
		"end":   {strconv.FormatInt(to, 10)},
		"step":  {strconv.FormatInt(v.step/int64(time.Second), 10)},
		"limit": {"1000"},
		// One label that all the streams have, and its volume as a whole: one series however many streams.
		"targetLabels": {v.selector.Required()},
		"aggregateBy":  {"labels"},
	})
}

// mark notes a sign for the step that holds the instant ns.
func (v *volumes) mark(ns int64, to sign) {
	if i := (ns - v.first) / v.step; ns >= v.first && i < int64(len(v.steps)) {
		v.steps[i] = max(v.steps[i], to)
	}
}

// liveness joins the live steps.
func (v *volumes) liveness() logs.Liveness {
	var windows []logs.Window
	for i, sign := range v.steps {
		if sign != liveSign {
			continue
		}
		start := max(v.from, v.first+int64(i)*v.step)
		end := min(v.to, v.first+int64(i+1)*v.step)
		windows = append(windows, logs.Window{Start: time.Unix(0, start).UTC(), End: time.Unix(0, end).UTC(), State: logs.Complete})
	}
	live := logs.NewLiveness(windows)
	// Longer steps are too coarse to go on with: a source that falls silent would count as shipping for half an hour.
	if n := len(v.steps); n > 0 && v.steps[n-1] == liveSign && v.step <= holdStep {
		const step = int64(liveStep)
		live.Holds = time.Unix(0, (v.to+step-1)/step*step).UTC()
	}
	return live
}
