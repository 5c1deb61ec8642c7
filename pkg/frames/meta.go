package frames

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// custom is the frame's `meta.custom`: how completely the logs were read, for the query inspector and for tests.
type custom struct {
	// Now is the time of judgement.
	Now      time.Time               `json:"now"`
	Coverage map[string]coverageMeta `json:"coverage"`
	// Shown and Total count rows before and after the limit.
	Shown int `json:"shown"`
	Total int `json:"total"`
	// Problems of the settings.
	Problems []string `json:"problems,omitempty"`
	// SearchWords are what Grafana's logs panel marks in lines.
	SearchWords []string `json:"searchWords,omitempty"`
}

type coverageMeta struct {
	State    logs.State `json:"state"`
	Reason   string     `json:"reason,omitempty"`
	Lines    int64      `json:"lines"`
	Bytes    int64      `json:"bytes"`
	Requests int        `json:"requests"`
}

// finish completes the meta of a frame: what was executed, how completely, and what the reader must know.
func finish(f *data.Frame, res *scan.Result, v View, shown, total int) *data.Frame {
	c := custom{Coverage: map[string]coverageMeta{}, Shown: shown, Total: total, Problems: v.Problems}
	if res != nil {
		c.Now = res.Now
		f.Meta.ExecutedQueryString = res.Executed
		f.Meta.Stats = stats(res, v)
		for _, source := range res.Sources() {
			if m, read := coverageOf(res, source, v); read {
				c.Coverage[string(source)] = m
			}
		}
	}
	f.Meta.Custom = c
	f.Meta.Notices = notices(res, v, shown, total)
	return f
}

// coverageOf says how completely a source was read; read is false for a source that no selector covers.
func coverageOf(res *scan.Result, source signature.Source, v View) (m coverageMeta, read bool) {
	m.State = logs.Complete
	if c := res.Coverage[source]; c != nil {
		read = true
		m.State, m.Reason = c.Worst()
		m.Lines, m.Bytes, m.Requests = c.Lines, c.Bytes, c.Requests
	}
	if err := res.Errors[source]; err != nil {
		read = true
		m.State, m.Reason = logs.Failed, Message(err, v.Lang)
	}
	return m, read
}

// Message is the text of an error in a language, where the error knows it.
func Message(err error, lang signature.Lang) string {
	for e := err; e != nil; {
		if said, ok := e.(interface{ Message(lang string) string }); ok {
			return said.Message(string(lang))
		}
		if joined, ok := e.(interface{ Unwrap() []error }); ok {
			var texts []string
			for _, one := range joined.Unwrap() {
				texts = append(texts, Message(one, lang))
			}
			return strings.Join(texts, "\n")
		}
		e = errors.Unwrap(e)
	}
	return err.Error()
}

// notices tell the reader of a panel what its data cannot: that it is not complete, and why.
func notices(res *scan.Result, v View, shown, total int) []data.Notice {
	var out []data.Notice
	add := func(severity data.NoticeSeverity, zh, en string, args ...any) {
		out = append(out, data.Notice{Severity: severity, Text: fmt.Sprintf(v.text(zh, en), args...), Inspect: data.InspectTypeMeta})
	}
	if res != nil {
		for _, s := range res.Shortfalls() {
			m, _ := coverageOf(res, s.Source, v)
			switch {
			case s.Blind:
				add(data.NoticeSeverityWarning, "来源 %s 何时有日志无法查询，恢复观察期改按时钟计算，已恢复的状态可能不准。%s",
					"Loki did not tell when source %s shipped lines, so quiet time ran by the clock and an end may be told too early. %s", s.Source, Message(s.Err, v.Lang))
			case m.State == logs.Failed:
				add(data.NoticeSeverityError, "结果不完整：来源 %s 读取失败。%s", "Not complete: source %s could not be read. %s", s.Source, m.Reason)
			default:
				add(data.NoticeSeverityWarning, "结果不完整：来源 %s 只读取了一部分（%s）。请缩短时间范围，或在数据源设置中调高上限。",
					"Not complete: source %s was read in part (%s). Choose a shorter time range, or raise the limit in the data source settings.", s.Source, m.Reason)
			}
		}
		for _, text := range silences(res, v.Lang) {
			add(data.NoticeSeverityWarning, "%s", "%s", text)
		}
	}
	if shown < total {
		add(data.NoticeSeverityWarning, "共 %d 行，仅显示 %d 行。请缩小筛选范围或时间范围。", "Showing %[2]d of %[1]d rows. Narrow the filters or the time range.", total, shown)
	}
	for _, p := range v.Problems {
		add(data.NoticeSeverityWarning, "自定义特征有误，未生效：%s", "A custom signature is broken and left out: %s", p)
	}
	return out
}

// stats show in the query inspector.
func stats(res *scan.Result, v View) []data.QueryStat {
	var lines, bytes, requests float64
	for _, c := range res.Coverage {
		lines += float64(c.Lines)
		bytes += float64(c.Bytes)
		requests += float64(c.Requests)
	}
	return []data.QueryStat{
		{FieldConfig: data.FieldConfig{DisplayName: v.text("读取的日志行", "Log lines read")}, Value: lines},
		{FieldConfig: data.FieldConfig{DisplayName: v.text("读取的数据量", "Data read"), Unit: "bytes"}, Value: bytes},
		{FieldConfig: data.FieldConfig{DisplayName: v.text("对日志库的请求", "Requests to the log store")}, Value: requests},
	}
}
