package loki

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// countRuns bounds the queries that count lines. A source with more silent stretches than that ships little, so
// one query over all of them reads little as well.
const countRuns = 8

// countUnits bounds the units that a query names; more are all counted.
const countUnits = 100

// count makes sure of the steps without a sure sign by counting their lines. Where Loki will not count, because of a
// limit or because it is blocked, a volume of 0 is taken for lines: better a source that seems to live than an incident
// that never ends. Where it fails to, that is an error.
func (v *volumes) count(ctx context.Context) error {
	runs, names := v.unsure()
	if len(runs) > countRuns {
		runs = [][2]int{{runs[0][0], runs[len(runs)-1][1]}}
	}
	for _, run := range runs {
		err := v.countUnlessEmpty(ctx, run[0], run[1], names)
		if err == nil {
			continue
		}
		if !stays(ctx, err) {
			return err
		}
		for _, signs := range v.units {
			for i := run[0]; i < run[1]; i++ {
				if signs[i] == zeroSign {
					signs[i] = liveSign
				}
			}
		}
	}
	return nil
}

// countUnlessEmpty counts the lines of steps [i, j), unless Loki knows no stream of those units there.
func (v *volumes) countUnlessEmpty(ctx context.Context, i, j int, names []string) error {
	s, err := v.of(names)
	if err != nil {
		return err
	}
	empty, err := v.client.empty(ctx, &meter{}, s, v.first+int64(i)*v.step, v.first+int64(j)*v.step)
	if err != nil || empty {
		return err
	}
	return v.countRun(ctx, i, j, names)
}

// stays reports whether an error is a refusal that stays: to ask again would not help.
func stays(ctx context.Context, err error) bool {
	typed := (*Error)(nil)
	return ctx.Err() == nil && errors.As(err, &typed) && slices.Contains(wontCount, typed.Kind)
}

// of selects the streams of some units, of all where that says no more.
func (v *volumes) of(names []string) (selector.Selector, error) {
	n := len(names)
	if v.by == "" || n == 0 || n == len(v.units) || n > countUnits {
		return v.selector, nil
	}
	quoted := make([]string, n)
	for k, name := range names {
		quoted[k] = regexp.QuoteMeta(name)
	}
	return v.selector.And(logs.Matcher{Name: v.by, Op: logs.Regexp, Value: strings.Join(quoted, "|")})
}

// countAll measures without volumes.
func (v *volumes) countAll(ctx context.Context) error {
	v.counted = true
	return v.countRun(ctx, 0, v.steps, nil)
}

// wontCount are the refusals that stay: to ask again would not help.
var wontCount = []logs.Kind{logs.KindLimit, logs.KindTooLarge, logs.KindQuery, logs.KindBlocked, logs.KindAuth, logs.KindNotLoki}

// unsure returns the runs [i, j) of steps in which a unit is not live for sure, and those units.
func (v *volumes) unsure() (runs [][2]int, names []string) {
	steps := make([]bool, v.steps)
	for name, signs := range v.units {
		if !slices.ContainsFunc(signs, func(s sign) bool { return s != liveSign }) {
			continue
		}
		names = append(names, name)
		for i, s := range signs {
			steps[i] = steps[i] || s != liveSign
		}
	}
	slices.Sort(names)
	for i, open := range steps {
		switch {
		case !open && len(v.units) > 0:
		case len(runs) > 0 && runs[len(runs)-1][1] == i:
			runs[len(runs)-1][1]++
		default:
			runs = append(runs, [2]int{i, i + 1})
		}
	}
	return runs, names
}

// countRun counts the lines of steps [i, j), of some units only where there are names, in pieces when Loki does not take
// the whole.
func (v *volumes) countRun(ctx context.Context, i, j int, names []string) error {
	return v.countPiece(ctx, i, j, names, 0)
}

func (v *volumes) countPiece(ctx context.Context, i, j int, names []string, splits int) error {
	err := v.countOnce(ctx, i, j, names)
	var e *Error
	if err == nil || !errors.As(err, &e) || ctx.Err() != nil {
		return err
	}
	piece := 0
	switch {
	case e.Retry == RetryLearned && e.MaxLength > 0:
		v.client.limits.learn(e)
		piece = max(1, int(int64(e.fits(time.Duration(int64(j-i)*v.step)))/v.step))
		if window := (e.MaxLength - time.Second).Truncate(time.Second); j-i == 1 && window > 0 && window < v.window() {
			v.counts = window // the end of each step: who ships, ships then
			return v.countPiece(ctx, i, j, names, splits)
		}
	case (e.Retry == RetrySmaller || e.Retry == RetryNarrower) && splits < liveSplits:
		splits++
		piece = (j - i + 1) / 2
	}
	if piece <= 0 || piece >= j-i {
		return err
	}
	for from := i; from < j; from += piece {
		if err := v.countPiece(ctx, from, min(from+piece, j), names, splits); err != nil {
			return err
		}
	}
	return nil
}

// window is how much of each step is counted.
func (v *volumes) window() time.Duration {
	if v.counts > 0 {
		return v.counts
	}
	return time.Duration(v.step)
}

// countOnce asks for it. A range [step] at t is (t-step, t], so a step is evaluated at its end.
func (v *volumes) countOnce(ctx context.Context, i, j int, names []string) error {
	step := strconv.FormatInt(v.step/int64(time.Second), 10) + "s"
	window := strconv.FormatInt(int64(v.window()/time.Second), 10) + "s"
	sum := "sum"
	if v.by != "" {
		sum = fmt.Sprintf("sum by (%s) ", v.by)
	}
	counted, err := v.of(names)
	if err != nil {
		return err
	}
	answer, err := v.client.matrix(ctx, pathQueryRange, url.Values{
		"query": {fmt.Sprintf("%s(count_over_time(%s[%s]))", sum, counted, window)},
		"start": {strconv.FormatInt(v.first+int64(i+1)*v.step, 10)},
		"end":   {strconv.FormatInt(v.first+int64(j)*v.step, 10)},
		"step":  {step},
	})
	if err != nil {
		return err
	}
	v.add(answer, noSign)
	return nil
}
