package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// maxHits bounds the lines of a backtest that are kept, about a KiB each.
const maxHits = 100_000

// days is a log store that is read day by day: caps count by the day, a person sees how far it is, and what a failing
// day leaves out does not take the others away. It is safe for concurrent use.
type days struct {
	scan.Source
	matcher *match.Matcher
	sig     *signature.Signature
	loc     *time.Location
	bar     *progress
	max     int

	mu          sync.Mutex
	lines, hits int
	// filters are what is pushed down, by selector.
	filters map[string][]logs.Filter
}

func newDays(source scan.Source, set *signature.Set, sig *signature.Signature, loc *time.Location, bar *progress) *days {
	return &days{Source: source, matcher: match.New(set), sig: sig, loc: loc, bar: bar, max: maxHits, filters: map[string][]logs.Filter{}}
}

// Read implements scan.Source.
func (d *days) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	total := &logs.Coverage{}
	d.mu.Lock()
	d.filters[req.Selector] = req.Filters
	d.mu.Unlock()
	return func(yield func(logs.Record, error) bool) {
		*total = logs.Coverage{}
		for start := req.Start; start.Before(req.End); {
			day := req
			day.Start, day.End = start, dayAfter(start, d.loc)
			if day.End.After(req.End) {
				day.End = req.End
			}
			if d.full() {
				total.Add(logs.Window{Start: start, End: req.End, State: logs.Capped, Reason: d.tooMany()})
				return
			}
			first := start.Equal(req.Start)
			start = day.End
			goOn, err := d.day(ctx, day, total, yield)
			switch {
			case err != nil && (first || ctx.Err() != nil):
				yield(logs.Record{}, err)
				return
			case err != nil:
				// The days before it were read; the coverage says that the rest is missing.
				total.Add(logs.Window{Start: day.End, End: req.End, State: logs.Failed, Reason: err.Error()})
				return
			case !goOn:
				return
			}
		}
	}, total
}

// day yields the lines of one day and adds what was read to total.
func (d *days) day(ctx context.Context, req logs.Request, total *logs.Coverage, yield func(logs.Record, error) bool) (goOn bool, failed error) {
	records, coverage := d.Source.Read(ctx, req)
	goOn = true
	date := req.Start.In(d.loc).Format(time.DateOnly)
	for rec, err := range records {
		if err != nil {
			failed = err
			continue
		}
		lines, hits := d.count(rec)
		d.bar.say("%s: %d lines so far, %d hits", date, lines, hits)
		if goOn = yield(rec, nil); !goOn {
			break
		}
		if hits >= d.max {
			break
		}
	}
	full := d.full()
	for _, w := range coverage.Windows {
		if full && w.State == logs.Capped {
			w.Reason = d.tooMany()
		}
		total.Add(w)
	}
	total.Lines += coverage.Lines
	total.Bytes += coverage.Bytes
	total.Requests += coverage.Requests
	return goOn, failed
}

// count counts a line, and whether it is one of the signature's.
func (d *days) count(rec logs.Record) (lines, hits int) {
	hit := false
	// The lines that come are of one source each, but a selector may stand for several.
	for _, source := range d.sig.Sources() {
		hit = hit || slices.ContainsFunc(d.matcher.Line(source, rec.Entry.Line), func(h match.Hit) bool { return h.Signature == d.sig })
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines++
	if hit {
		d.hits++
	}
	return d.lines, d.hits
}

func (d *days) full() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hits >= d.max
}

func (d *days) tooMany() string {
	return fmt.Sprintf("stopped after %d hits: the signature is too wide, or choose a shorter --since", d.max)
}

// dayAfter is the first instant of the next calendar day.
func dayAfter(t time.Time, loc *time.Location) time.Time {
	y, m, day := t.In(loc).Date()
	return time.Date(y, m, day+1, 0, 0, 0, 0, loc)
}
