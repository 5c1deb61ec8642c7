package loki

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

const (
	pathVolumeRange = "/loki/api/v1/index/volume_range"
	// liveStep is how finely Live looks, and livePoints bounds the steps: Loki asks its index once for each.
	liveStep   = 5 * time.Minute
	livePoints = 300
	// coarsePoints bounds the steps of a coarse answer.
	coarsePoints = 50
	// holdStep is the longest step, that of two days, whose sign is taken for the rest of the liveStep that a range ends in.
	holdStep = int64(2 * liveStep)
	// liveSplits bounds how often a range that Loki does not answer at once is halved.
	liveSplits = 4
)

// Live reports in which steps of [start, end) streams shipped any line: steps of 5 minutes for up to
// a day, or 4 hours if Coarse, longer ones for longer ranges, aligned to multiples since 1970.
//
// It first asks /index/volume_range, which reads no logs and counts lines that Loki has not yet written to its store
// (/index/stats does not). A volume above 0 is a sure sign. A volume of 0, or none, is not: the index counts in KB
// and spreads a chunk's lines evenly over its time, rounding down, so that a stream of a few lines an hour has no volume
// (tsdb/index/chunk.go AddChunk); Live then counts the lines of those steps, which is cheap because there are few or
// none. A silence shorter than Loki's chunk_idle_period (30 minutes by default) with lines on both sides may not
// show. Where the endpoint is not offered (volume_enabled, a gateway that does not know it), Live counts all lines: what
// takes silence for an end must not take a closed endpoint for silence. Any other failure is an error.
func (c *Client) Live(ctx context.Context, req logs.LiveRequest) (logs.Shipping, error) {
	parts, err := others(req)
	if err == nil {
		parts, err = c.inhabited(ctx, req, parts)
	}
	if err != nil {
		return logs.Shipping{}, err
	}
	if len(parts) == 0 { // all streams are in Without
		return newVolumes(c, selector.Selector{}, req, clamp(req.Start)).shipping(), nil
	}
	all := make([]*volumes, len(parts))
	g, gctx := errgroup.WithContext(ctx)
	for i, part := range parts {
		g.Go(func() (err error) {
			if all[i], err = c.volumes(gctx, part); err == nil && !all[i].counted && len(req.Without) == 0 {
				err = all[i].count(gctx)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return logs.Shipping{}, err
	}
	named := slices.ContainsFunc(all, func(v *volumes) bool { return v.counted || len(v.units) > 0 })
	if !named && len(req.Without) > 0 {
		if err := c.doubt(ctx, req, all); err != nil {
			return logs.Shipping{}, err
		}
	}
	out := all[0].shipping()
	for _, v := range all[1:] {
		out = out.Either(v.shipping())
	}
	return out, nil
}

// doubt counts lines where Loki names no volume though some streams of the request ship: those in Without, of which the
// caller read lines. Where it names theirs, the others ship nothing.
func (c *Client) doubt(ctx context.Context, req logs.LiveRequest, of []*volumes) error {
	req.Without = nil
	whole, err := c.volumes(ctx, req)
	if err != nil || len(whole.units) > 0 || whole.steps == 0 {
		return err
	}
	for _, v := range of {
		if err := v.countAll(ctx); err != nil {
			return err
		}
	}
	return nil
}

// volumes measures the streams of one selector: volumes, or lines where those are not offered.
func (c *Client) volumes(ctx context.Context, req logs.LiveRequest) (*volumes, error) {
	matchers := req.Matchers
	if req.By != "" {
		// Loki leaves out streams without a target label, unless the query speaks of the label
		// (pkg/util/series_volume.go PrepareLabelsAndMatchers).
		matchers = append(slices.Clone(matchers), logs.Matcher{Name: req.By, Op: logs.Regexp, Value: ".*"})
	}
	e, err := newExpression(logs.Request{Selector: req.Selector, Matchers: matchers})
	if err != nil {
		return nil, err
	}
	v := newVolumes(c, e.selector, req, max(clamp(req.Start), clamp(req.End)))
	if v.from == v.to {
		return v, nil
	}
	err = v.ask(ctx, v.from, v.to, 0)
	if typed := (*Error)(nil); errors.As(err, &typed) && slices.Contains(notOffered, typed.Status) {
		err := v.countAll(ctx)
		return v, err
	}
	return v, err
}

// notOffered are the answers of a Loki without the endpoint, and of a gateway that does not know it.
var notOffered = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}
