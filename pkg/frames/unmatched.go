package frames

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/unmatched"
)

// defaultClusters is how many clusters are shown unless the query says otherwise.
const defaultClusters = 100

// Unmatched has one row per kind of error line that no signature explains, the most frequent first, with a signature
// of status draft to start from.
func Unmatched(res *unmatched.Result, v View) *data.Frame {
	limit := v.Limit
	if limit == 0 {
		limit = defaultClusters
	}
	n := min(limit, len(res.Clusters))
	at := func(r int) *unmatched.Cluster { return &res.Clusters[r] }
	f := table("unmatched")
	column(f, "source", n, func(r int) string { return string(at(r).Source) })
	column(f, "template", n, func(r int) string { return oneLine(at(r).Template) })
	column(f, "count", n, func(r int) int64 { return int64(at(r).Count) })
	column(f, "hosts_count", n, func(r int) int64 { return int64(len(at(r).Hosts)) })
	column(f, "hosts", n, func(r int) string { return oneLine(strings.Join(at(r).Hosts, ", ")) })
	column(f, "first", n, func(r int) time.Time { return at(r).First })
	column(f, "last", n, func(r int) time.Time { return at(r).Last })
	column(f, "sample", n, func(r int) string { return oneLine(at(r).Sample) })
	column(f, "near_miss", n, func(r int) bool { return at(r).Nearest != nil })
	column(f, "nearest", n, func(r int) string {
		if near := at(r).Nearest; near != nil {
			return oneLine(near.Signature.ID + "/" + near.Term.Name + ": " + near.Message(v.Lang))
		}
		return ""
	})
	column(f, "draft", n, func(r int) string { return at(r).Draft() })
	v.label(f)
	return finishUnmatched(f, res, v, n, len(res.Clusters))
}

// ExplainedShare has one row per source: the share, from 0 to 1, of its error lines that signatures explain.
func ExplainedShare(res *unmatched.Result, v View) *data.Frame {
	n := len(res.Coverage)
	f := numeric("coverage")
	column(f, "source", n, func(r int) string { return string(res.Coverage[r].Source) })
	value := column(f, ValueColumn, n, func(r int) float64 { return res.Coverage[r].Share() })
	fieldConfig(value).Unit = "percentunit"
	return finishUnmatched(f, res, v, n, n)
}

// UnexplainedLines has one row per source: how many of its error lines no signature explains. Where only a sample was
// read it is a lower bound, which is enough for a rule on a surge.
func UnexplainedLines(res *unmatched.Result, v View) *data.Frame {
	n := len(res.Coverage)
	f := numeric("unexplained")
	column(f, "source", n, func(r int) string { return string(res.Coverage[r].Source) })
	column(f, ValueColumn, n, func(r int) float64 { return float64(res.Coverage[r].Errors - res.Coverage[r].Explained) })
	return finishUnmatched(f, res, v, n, n)
}

func finishUnmatched(f *data.Frame, res *unmatched.Result, v View, shown, total int) *data.Frame {
	finish(f, nil, v, shown, total)
	f.Meta.ExecutedQueryString = res.Executed
	for _, c := range res.Coverage {
		if c.Partial != "" {
			f.Meta.Notices = append(f.Meta.Notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf(
				v.text("来源 %s 只抽样了一部分报错（%s）：数量是下限。", "Only a sample of the errors of %s was read (%s): counts are lower bounds."), c.Source, c.Partial)})
		}
	}
	return f
}
