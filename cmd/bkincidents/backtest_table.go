package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

func (r *backtestReport) text(zh, en string) string {
	if r.lang == signature.ZH {
		return zh
	}
	return en
}

// write writes the report. Hits are problems found.
func (r *backtestReport) write(c console, format string) error {
	if r.Partial != "" {
		c.note("the answer is not complete: %s", r.Partial)
	}
	if format == "json" {
		if err := c.writeJSON(r); err != nil {
			return err
		}
	} else if _, err := c.out.Write([]byte(r.table())); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if r.Hits > 0 {
		return errProblems
	}
	return nil
}

// table writes the report for people.
func (r *backtestReport) table() string {
	var b strings.Builder
	line := func(zh, en string, args ...any) { fmt.Fprintf(&b, r.text(zh, en)+"\n", args...) }
	minute := func(t time.Time) string { return t.Format("2006-01-02 15:04 -07:00") }
	line("%s（%s），%s 至 %s", "%s (%s), %s to %s", r.Signature, r.Status, minute(r.Start), minute(r.End))
	if r.Partial != "" {
		line("！结果不完整：%s", "! The answer is not complete: %s", r.Partial)
	}
	line("命中     %d 条日志，%d 个事件", "hits     %d lines, %d incidents", r.Hits, r.Incidents)
	if r.KnownHosts != nil {
		line("主机     %d 台（采集日志的共 %d 台），%d 个集群", "hosts    %d (%d are known to ship logs), in %d clusters", r.Hosts, *r.KnownHosts, r.Clusters)
	} else {
		line("主机     %d 台，%d 个集群", "hosts    %d, in %d clusters", r.Hosts, r.Clusters)
	}
	if r.First != nil {
		line("首次     %s", "first    %s", r.First.Format("2006-01-02 15:04:05"))
		line("末次     %s", "last     %s", r.Last.Format("2006-01-02 15:04:05"))
	}
	line("\n每天命中", "\nHits per day")
	most := slices.MaxFunc(r.Days, func(x, y dayHits) int { return cmp.Compare(x.Hits, y.Hits) }).Hits
	for _, d := range r.Days {
		bar, state := "", ""
		if d.Hits > 0 {
			bar = "  " + strings.Repeat("#", max(1, 40*d.Hits/most))
		}
		if d.State != logs.Complete {
			state = r.text("  （未读全）", "  (not read completely)")
		}
		fmt.Fprintf(&b, "  %s %7d%s%s\n", d.Day, d.Hits, bar, state)
	}
	if len(r.Samples) > 0 {
		line("\n样例", "\nSamples")
	}
	for _, s := range r.Samples {
		fmt.Fprintf(&b, "  %s %s %s\n    %s\n", s.Time.Format("2006-01-02 15:04:05"), s.Source, incident.OneLine(s.Stream, 200), incident.OneLine(s.Line, 400))
	}
	if len(r.Hints) > 0 {
		line("\n可能误报的迹象", "\nSigns of false positives")
	}
	for _, h := range r.Hints {
		fmt.Fprintf(&b, "  - %s\n", h.Text)
	}
	line("\n代价", "\nCost")
	line("  %d 次日志请求，收到 %d 行、%.1f MiB，用时 %.1f 秒", "  %d requests for lines, %d lines and %.1f MiB received, %.1f seconds", r.Cost.Requests, r.Cost.Lines, float64(r.Cost.Bytes)/(1<<20), r.Cost.Seconds)
	for _, sel := range slices.Sorted(maps.Keys(r.Cost.Filters)) {
		for _, f := range r.Cost.Filters[sel] {
			line("  %s 下推 %d 个文本：%s", "  %s: %d literals pushed down: %s", sel, len(f), incident.OneLine(fmt.Sprintf("%q", f), 300))
		}
	}
	return b.String()
}
