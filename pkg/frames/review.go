package frames

import (
	"math"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/trend"
)

// Review is one table of how a range went; the numbers are those of `bkincidents report`.
func Review(t *trend.Trend, stat query.Stat, res *scan.Result, v View) *data.Frame {
	f := table("review")
	n := 0
	switch stat {
	case query.StatClasses:
		n = len(t.Classes)
		column(f, "class", n, func(r int) string { return t.Classes[r].Class })
		column(f, "incidents", n, func(r int) int64 { return int64(t.Classes[r].Incidents) })
	case query.StatCauses:
		n = v.reviewCauses(f, t.Causes)
	case query.StatWeeks:
		n = reviewWeeks(f, t.Weeks)
	case query.StatNoise:
		n = len(t.Noisy)
		column(f, "title", n, func(r int) string { return oneLine(t.Noisy[r].Title) })
		column(f, "incidents", n, func(r int) int64 { return int64(t.Noisy[r].Incidents) })
		percent(column(f, "share", n, func(r int) *float64 { return &t.Noisy[r].Share }))
		column(f, "proposal", n, func(r int) string { return t.Noisy[r].Proposal })
		column(f, "custom", n, func(r int) bool { return t.Noisy[r].Custom })
		column(f, "signature", n, func(r int) string { return t.Noisy[r].Signature })
	case query.StatNever:
		n = len(t.Never)
		column(f, "title", n, func(r int) string { return oneLine(t.Never[r].Title) })
		column(f, "seen", n, func(r int) bool { return t.Never[r].Reachable })
		column(f, "signature", n, func(r int) string { return t.Never[r].Signature })
	default:
		n = reviewSignatures(f, t.Signatures)
	}
	v.label(f)
	finish(f, res, v, n, n)
	return orUnknown(f, res, query.Review, v)
}

// ReviewColumns has the columns of every statistic of a review, and no row.
func ReviewColumns(v View) *data.Frame {
	all := table("review")
	for _, stat := range query.Reviews() {
		for _, f := range Review(&trend.Trend{}, stat, nil, v).Fields {
			if known, _ := all.FieldByName(f.Name); known == nil {
				all.Fields = append(all.Fields, f)
			}
		}
	}
	return all
}

func reviewSignatures(f *data.Frame, list []trend.Signature) int {
	n, at := len(list), func(r int) *trend.Signature { return &list[r] }
	column(f, "title", n, func(r int) string { return oneLine(at(r).Title) })
	column(f, "severity", n, func(r int) string { return at(r).Severity })
	column(f, "class", n, func(r int) string { return at(r).Class })
	column(f, "incidents", n, func(r int) int64 { return int64(at(r).Incidents) })
	column(f, "active", n, func(r int) int64 { return int64(at(r).Active) })
	column(f, "confirmed", n, func(r int) int64 { return int64(at(r).Confirmed) })
	column(f, "hosts_count", n, func(r int) int64 { return int64(at(r).Hosts) })
	column(f, "lines", n, func(r int) int64 { return int64(at(r).Lines) })
	column(f, "last", n, func(r int) time.Time { return at(r).Last })
	column(f, "signature", n, func(r int) string { return at(r).Signature })
	return n
}

func (v View) reviewCauses(f *data.Frame, list []trend.Cause) int {
	n, at := len(list), func(r int) *trend.Cause { return &list[r] }
	measured := func(r int, value float64) *float64 {
		if at(r).Measured == 0 {
			return nil // nothing is over yet: that is no time of zero
		}
		return &value
	}
	column(f, "title", n, func(r int) string { return oneLine(at(r).Title) })
	column(f, "incidents", n, func(r int) int64 { return int64(at(r).Incidents) })
	column(f, "measured", n, func(r int) int64 { return int64(at(r).Measured) })
	v.seconds(column(f, "mean", n, func(r int) *float64 { return measured(r, math.Round(at(r).MeanSeconds)) }))
	v.seconds(column(f, "longest", n, func(r int) *float64 { return measured(r, math.Round(at(r).LongestSeconds)) }))
	column(f, "signature", n, func(r int) string { return at(r).Signature })
	return n
}

func reviewWeeks(f *data.Frame, list []trend.Week) int {
	n, at := len(list), func(r int) *trend.Week { return &list[r] }
	column(f, "from", n, func(r int) time.Time { return at(r).Start })
	column(f, "to", n, func(r int) time.Time { return at(r).End })
	column(f, "incidents", n, func(r int) int64 { return int64(at(r).Incidents) })
	column(f, "errors", n, func(r int) int64 { return int64(at(r).Errors) })
	column(f, "explained", n, func(r int) int64 { return int64(at(r).Explained) })
	percent(column(f, "share", n, func(r int) *float64 { return at(r).Share }))
	column(f, "partial", n, func(r int) string { return oneLine(at(r).Partial) })
	return n
}

func percent(f *data.Field) { fieldConfig(f).Unit = "percentunit" }
func (v View) seconds(f *data.Field) {
	fieldConfig(f).Unit, fieldConfig(f).Mappings = "s", v.durations(f)
}
