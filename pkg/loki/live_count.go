package loki

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// countRuns bounds the queries that count lines. A source with more silent stretches than that ships little, so
// one query over all of them reads little as well.
const countRuns = 8

// count makes sure of the steps without a sure sign by counting their lines. Where Loki will not count, because of a
// limit or because it is blocked, a volume of 0 is taken for lines: better a source that seems to live than an incident
// that never ends. Where it fails to, that is an error.
func (v *volumes) count(ctx context.Context) error {
	runs := v.unsure()
	if len(runs) > countRuns {
		runs = [][2]int{{runs[0][0], runs[len(runs)-1][1]}}
	}
	for _, run := range runs {
		err := v.countRun(ctx, run[0], run[1])
		if err == nil {
			continue
		}
		if typed := (*Error)(nil); ctx.Err() != nil || !errors.As(err, &typed) || !slices.Contains(wontCount, typed.Kind) {
			return err
		}
		for i := run[0]; i < run[1]; i++ {
			if v.steps[i] == zeroSign {
				v.steps[i] = liveSign
			}
		}
	}
	return nil
}

// wontCount are the refusals that stay: to ask again would not help.
var wontCount = []Kind{KindLimit, KindTooLarge, KindQuery, KindBlocked, KindAuth, KindNotLoki}

// unsure returns the runs [i, j) of steps that are not live for sure.
func (v *volumes) unsure() (runs [][2]int) {
	for i, sign := range v.steps {
		switch {
		case sign == liveSign:
		case len(runs) > 0 && runs[len(runs)-1][1] == i:
			runs[len(runs)-1][1]++
		default:
			runs = append(runs, [2]int{i, i + 1})
		}
	}
	return runs
}

// countRun counts the lines of steps [i, j). A range [step] at t is (t-step, t], so a step is evaluated at its end.
func (v *volumes) countRun(ctx context.Context, i, j int) error {
	step := strconv.FormatInt(v.step/int64(time.Second), 10) + "s"
	points, err := v.client.points(ctx, pathQueryRange, url.Values{
		"query": {fmt.Sprintf("sum(count_over_time(%s[%s]))", v.selector, step)},
		"start": {strconv.FormatInt(v.first+int64(i+1)*v.step, 10)},
		"end":   {strconv.FormatInt(v.first+int64(j)*v.step, 10)},
		"step":  {step},
	})
	if err != nil {
		return err
	}
	for _, p := range points {
		if p.value > 0 {
			v.mark(p.ns()-1, liveSign)
		}
	}
	return nil
}
