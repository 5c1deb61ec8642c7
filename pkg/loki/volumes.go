package loki

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// stepOf is the step for a range: a multiple of liveStep that gives at most so many points.
func stepOf(length time.Duration, points int) time.Duration {
	// One point more than length/step, because Loki aligns steps to multiples since 1970.
	most := time.Duration(points-1) * liveStep
	steps := (length + most - 1) / most
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
	// by is the label of the units, "" where all streams are one.
	by       string
	from, to int64
	step     int64 // ns
	first    int64 // start of the first step
	steps    int
	// units are what we know of the steps of each.
	units map[string][]sign
	// counted: lines were counted, as volumes are not offered.
	counted bool
	// counts is how much of each step is counted where Loki does not take a whole one; 0 is all of it.
	counts time.Duration
}

func newVolumes(c *Client, s selector.Selector, req logs.LiveRequest, to int64) *volumes {
	from, points := clamp(req.Start), livePoints
	if req.Coarse {
		points = coarsePoints
	}
	v := &volumes{client: c, selector: s, by: req.By, from: from, to: to, step: int64(stepOf(time.Duration(to-from), points)), units: map[string][]sign{}}
	v.first = from - from%v.step
	v.steps = int((to - v.first + v.step - 1) / v.step)
	return v
}

func (v *volumes) unit(name string) []sign {
	signs := v.units[name]
	if signs == nil {
		signs = make([]sign, v.steps)
		v.units[name] = signs
	}
	return signs
}

// ask adds the live steps of [from, to), in pieces when Loki does not take the whole.
func (v *volumes) ask(ctx context.Context, from, to int64, splits int) error {
	answer, err := v.fetch(ctx, from, to)
	if err == nil {
		// Loki stamps a step with its end less 1 ms, the last one with the end of the range
		// (pkg/querier/queryrange/volume.go, util.ForInterval).
		v.add(answer, zeroSign)
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

func (v *volumes) fetch(ctx context.Context, from, to int64) ([]series, error) {
	form := url.Values{
		"query": {v.selector.String()},
		"start": {strconv.FormatInt(from, 10)},
		"end":   {strconv.FormatInt(to, 10)},
		"step":  {strconv.FormatInt(v.step/int64(time.Second), 10)},
		"limit": {"1000"},
		// One label that all the streams have, and its volume as a whole: one series however many streams.
		"targetLabels": {v.selector.Required()},
		"aggregateBy":  {"labels"},
	}
	if v.by != "" {
		form.Set("targetLabels", v.by)
		form.Set("aggregateBy", "series")
	}
	return v.client.matrix(ctx, pathVolumeRange, form)
}

// add notes the points of an answer. A step of 0 gets the sign none.
func (v *volumes) add(answer []series, none sign) {
	for _, s := range answer {
		name := ""
		if v.by != "" {
			name = s.labels[v.by]
		}
		signs := v.unit(name)
		for _, p := range s.points {
			i := (p.ns() - 1 - v.first) / v.step
			if p.ns()-1 < v.first || i >= int64(v.steps) {
				continue
			}
			to := none
			if p.value > 0 {
				to = liveSign
			}
			signs[i] = max(signs[i], to)
		}
	}
}

// shipping joins the live steps, by unit and of all.
func (v *volumes) shipping() logs.Shipping {
	whole := make([]sign, v.steps)
	out := logs.Shipping{}
	if v.by != "" {
		out.Units = map[string]logs.Liveness{}
	}
	for name, signs := range v.units {
		for i, s := range signs {
			whole[i] = max(whole[i], s)
		}
		if v.by != "" {
			out.Units[name] = v.liveness(signs)
		}
	}
	out.All = v.liveness(whole)
	return out
}

// liveness joins live steps.
func (v *volumes) liveness(signs []sign) logs.Liveness {
	var windows []logs.Window
	for i, sign := range signs {
		if sign != liveSign {
			continue
		}
		start := max(v.from, v.first+int64(i)*v.step)
		end := min(v.to, v.first+int64(i+1)*v.step)
		windows = append(windows, logs.Window{Start: time.Unix(0, start).UTC(), End: time.Unix(0, end).UTC(), State: logs.Complete})
	}
	live := logs.NewLiveness(windows)
	for i := range live.Windows {
		// A long step has lines at its beginning, or all along: where silence follows, it must not count as a quiet time.
		if w := &live.Windows[i]; v.step > holdStep && w.End.Before(time.Unix(0, v.to)) {
			w.End = latest(w.Start.Add(time.Minute), w.End.Add(-time.Duration(v.step)))
		}
	}
	// Longer steps are too coarse to go on with: a source that falls silent would count as shipping for half an hour.
	if n := len(signs); n > 0 && signs[n-1] == liveSign && v.step <= holdStep {
		const step = int64(liveStep)
		live.Holds = time.Unix(0, (v.to+step-1)/step*step).UTC()
	}
	return live
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
