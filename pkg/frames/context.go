package frames

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
)

// Context is the lines of one stream beside a line of evidence, as Grafana's log-lines frame, newest first. The body is
// what the program said; the raw line is a field of its own.
func Context(near *scan.Surroundings, v View) *data.Frame {
	n := len(near.Lines)
	at := func(r int) int { return n - 1 - r } // newest first
	f := data.NewFrame(string(query.Context))
	f.Meta = &data.FrameMeta{Type: data.FrameTypeLogLines, PreferredVisualization: data.VisTypeLogs, ExecutedQueryString: near.Executed}
	labels := labelsJSON(near.Labels)
	bodies, levels := make([]string, n), make([]string, n)
	for i, l := range near.Lines {
		bodies[i], levels[i] = saidIn(l.Line)
	}
	ids := map[string]int{}
	column(f, "timestamp", n, func(r int) time.Time { return near.Lines[at(r)].Timestamp })
	column(f, "body", n, func(r int) string { return bodies[at(r)] })
	column(f, "severity", n, func(r int) string { return levels[at(r)] })
	column(f, "id", n, func(r int) string { return lineID(near.Lines[at(r)].Timestamp, ids, near.Lines[at(r)].Line) })
	column(f, "labels", n, func(int) json.RawMessage { return labels })
	column(f, "line", n, func(r int) string { return strings.ToValidUTF8(near.Lines[at(r)].Line, "\uFFFD") })
	f.Meta.Custom = custom{Shown: n, Total: n, Problems: v.Problems}
	if near.Partial != "" {
		f.Meta.Notices = append(f.Meta.Notices, data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf(v.text(
			"这些日志行不完整（%s）。", "These lines are not complete (%s)."), near.Partial)})
	}
	return f
}

// saidIn is what a program said in a line, and at which level.
func saidIn(line string) (body, level string) {
	var texts []string
	for _, e := range event.Read(line) {
		if text := strings.TrimSpace(e.Text); text != "" {
			texts = append(texts, text)
		}
		if level == "" && e.Level != event.UnknownLevel {
			level = string(e.Level)
		}
	}
	if body = strings.Join(texts, "\n"); body == "" {
		body = line
	}
	return strings.ToValidUTF8(body, "\uFFFD"), level
}
