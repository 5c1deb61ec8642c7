package ship

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/redact"
)

// Job is the stream's label: the default selector of the data source asks for it.
const Job = "nodeman-execution-log"

// rowSlots are the microseconds of a second. A thousand hosts write the same text in the same second; an entry of its own
// time keeps each of them, whatever a release of Loki compares when it drops equal entries.
const rowSlots = 1_000_000

// stamp is the entry's time: the second that the text names, within it the row's microsecond, and a nanosecond per entry.
func (p piece) stamp(row uint64) time.Time {
	return p.at.Add(time.Duration(row%rowSlots) * time.Microsecond).Add(time.Duration(p.index)).UTC()
}

// newEntry makes the entry of a piece, from the byte that is not shipped yet, without its secrets, and counts those.
func newEntry(row Row, step string, p piece, from int) (logproto.Entry, int) {
	text := row.Log[max(p.start, from):p.end]
	text = strings.TrimRight(strings.TrimPrefix(text, "\n"), "\r\n")
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	line := redact.Text(text)
	masked := 0
	if len(line) != len(text) || line != text {
		masked = strings.Count(line, redact.Mask) - strings.Count(text, redact.Mask)
	}
	return logproto.Entry{Timestamp: p.stamp(row.ID), Line: line, StructuredMetadata: metadata(row, step)}, masked
}

func metadata(row Row, step string) []logproto.LabelAdapter {
	out := make([]logproto.LabelAdapter, 0, 6)
	for _, m := range [...]logproto.LabelAdapter{
		{Name: "bk_cloud_id", Value: row.CloudID},
		{Name: "host", Value: row.Host},
		{Name: "status", Value: row.Status},
		{Name: "step", Value: step},
		{Name: "sub_inst_id", Value: row.SubInstID},
		{Name: "task_id", Value: row.TaskID},
	} {
		if m.Value != "" {
			out = append(out, m)
		}
	}
	return out
}
