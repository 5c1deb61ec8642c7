package frames

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/changes"
)

// maxWas bounds the former values in a cell.
const maxWas = 5

// Changes is what was different before an incident, in order of time, one row each fact. It always has a row: also that a
// failure is new, or was there before, is a fact.
func Changes(res *changes.Result, v View) *data.Frame {
	n, at := len(res.Facts), func(r int) *changes.Fact { return &res.Facts[r] }
	f := table("changes")
	column(f, "time", n, func(r int) *time.Time { return optional(at(r).Time) })
	column(f, "change", n, func(r int) string { return string(at(r).Kind) })
	column(f, "fact", n, func(r int) string { return v.change(at(r)) })
	column(f, "label", n, func(r int) string { return oneLine(at(r).Label) })
	column(f, "value", n, func(r int) string { return oneLine(at(r).Value) })
	column(f, "was", n, func(r int) string { return v.former(at(r).Was) })
	column(f, "line", n, func(r int) string { return oneLine(at(r).Line) })
	column(f, "workload", n, func(r int) string {
		if at(r).Labels == nil {
			return ""
		}
		return oneLine(at(r).Labels.String())
	})
	v.label(f)
	finish(f, nil, v, n, n)
	if res.Partial != "" {
		f.Meta.Notices = append(f.Meta.Notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf(v.text(
			"事件开始前七天的日志未全部读取（%s）：次数是下限。", "Not all of the seven days before were read (%s): the number of incidents is a lower bound."), res.Partial)})
	}
	return f
}

// change is a fact in words.
func (v View) change(f *changes.Fact) string {
	switch f.Kind {
	case changes.NewPod:
		if len(f.Was) == 0 {
			return v.text("开始产生日志的 Pod，此前一小时内没有同类 Pod 的日志", "A pod began to log; none of its kind did in the hour before")
		}
		return v.text("新的 Pod，此前一小时内没有它的日志", "A new pod: no lines of it in the hour before")
	case changes.Version:
		return fmt.Sprintf(v.text("标签 %s 的值发生变化", "The label %s has a new value"), oneLine(f.Label))
	case changes.Again:
		return fmt.Sprintf(v.text("前七天内出现过 %d 次，此为最近一次", "%d times in the seven days before; this is the last"), f.Count)
	case changes.First:
		if f.Short {
			return v.text("首次出现（日志不足七天）", "For the first time, in logs of less than seven days")
		}
		return v.text("七天内首次出现", "For the first time in seven days")
	}
	if errors.Is(f.Err, changes.ErrStartUnknown) {
		return v.text("未知：事件开始于读取范围之前，请扩大时间范围", "Unknown: the incident began before the logs that were read. Widen the time range")
	}
	return v.text("未知：", "Unknown: ") + oneLine(Message(f.Err, v.Lang))
}

// former lists what a label was before.
func (v View) former(was []string) string {
	if len(was) <= maxWas {
		return oneLine(strings.Join(was, ", "))
	}
	return fmt.Sprintf(v.text("%s 等共 %d 个", "%s … (%d in all)"), oneLine(strings.Join(was[:maxWas], ", ")), len(was))
}
